"""Where pods go: a simulation of the scheduler, one pod after the other.

It keeps what Kubernetes enforces: node selectors, required affinity and anti-affinity, taints,
requests, addresses, ``DoNotSchedule``. Of what is left it takes the best node for a soft constraint
(``ScheduleAnyway``, preferred anti-affinity), as the scheduler's score does where there is room;
over what no constraint names it takes the worst: pods are packed together, since nothing forbids
it. Source: Kubernetes documentation, "Pod Topology Spread Constraints", "Kubernetes Scheduler".
"""

from collections.abc import Iterable

from .nodes import Group, Node, Zone, another
from .placement import Placement, Pod
from .quantities import NOTHING, Room
from .scheduling import fits, tolerates
from .workload import PER_NODE, Spread, Topology, Workload

_KEEPS_OFF = ("NoSchedule", "NoExecute")


class Scheduler:
    """Nodes with their pods; takes one pod more at a time."""

    def __init__(
        self,
        groups: Iterable[Group],
        nodes: Iterable[Node],
        workloads: Iterable[Workload],
        lost: Zone | None = None,
    ) -> None:
        """Begin with empty nodes, on which only DaemonSets run.

        Args:
            groups: May start more nodes, each up to its ``max_size``.
            nodes: That there are.
            workloads: Of all kinds; DaemonSets take room on every node.
            lost: A zone where no node can be started.
        """
        self._groups = list(groups)
        self._daemons = [one for one in workloads if one.kind == PER_NODE]
        self._lost = lost
        self._used: dict[Node, Room] = {}
        self._pods: dict[Pod, Node] = {}
        self._waiting: list[Pod] = []
        self._started: list[Node] = []
        for node in nodes:
            self._begin(node)

    def result(self) -> Placement:
        """Return where pods are now."""
        return Placement(
            tuple(self._used), dict(self._pods), tuple(self._waiting), tuple(self._started)
        )

    def keep(self, pod: Pod, node: Node) -> None:
        """Leave a pod where it is."""
        self._pods[pod] = node
        self._used[node] += pod.workload.requests

    def add(self, pod: Pod, zone: Zone | None = None) -> None:
        """Give a pod a node, an own new one where no other takes it; else it waits.

        Args:
            pod: The pod.
            zone: Where its volume is, which it cannot leave.
        """
        node = self._best(pod.workload, zone)
        while node is None and self._start_for(pod.workload, zone):
            node = self._best(pod.workload, zone)
        if node is None:
            self._waiting.append(pod)
        else:
            self.keep(pod, node)

    def _begin(self, node: Node) -> None:
        own = [one.requests for one in self._daemons if allowed(one, node)]
        self._used[node] = sum(own, NOTHING)

    def _start_for(self, workload: Workload, zone: Zone | None) -> bool:
        """Start a node that would take the pod; a group starts it where it has fewest."""
        for group in self._groups:
            have = [node for node in self._used if node.group is group]
            if len(have) >= group.max_size or group.next_zone(have, self._lost) is None:
                continue
            if zone is not None and zone not in group.zones:
                continue
            node = another(group, list(self._used), self._lost)
            own = sum((one.requests for one in self._daemons if allowed(one, node)), NOTHING)
            if (
                allowed(workload, node)
                and (own + workload.requests).within(group.room)
                and self._not_forbidden(workload, node)
            ):
                self._begin(node)
                self._started.append(node)
                return True
        return False

    def _best(self, workload: Workload, zone: Zone | None) -> Node | None:
        found = [
            node
            for node, used in self._used.items()
            if allowed(workload, node)
            and (zone is None or node.zone == zone)
            and (used + workload.requests).within(node.group.room)
            and self._not_forbidden(workload, node)
        ]
        return min(found, key=lambda node: self._cost(workload, node), default=None)

    def _not_forbidden(self, workload: Workload, node: Node) -> bool:
        if any(self._together(workload, node, one) for one in workload.apart):
            return False
        return all(
            self._together(workload, node, one.topology) + 1 - self._fewest(workload, one)
            <= one.max_skew
            for one in workload.spreads
            if one.hard
        )

    def _fewest(self, workload: Workload, spread: Spread) -> int:
        """Return the number of pods in the place that has fewest, of those that count."""
        places = [
            node
            for node in self._used
            if fits_node(workload, node) and (not spread.honors_taints or allowed(workload, node))
        ]
        return min((self._together(workload, node, spread.topology) for node in places), default=0)

    def _together(self, workload: Workload, node: Node, topology: Topology) -> int:
        """Return how many pods of a workload share a node, or its zone."""
        return sum(
            pod.workload.title == workload.title
            and (other == node if topology is Topology.NODE else other.zone == node.zone)
            for pod, other in self._pods.items()
        )

    def _cost(self, workload: Workload, node: Node) -> tuple[float | str, ...]:
        named = [one for one in Topology if workload.spread_over(one) or one in workload.apart]
        apart = [self._together(workload, node, one) for one in named]
        # Over what nothing holds them apart, the worst is taken.
        packed = [-self._together(workload, node, one) for one in Topology if one not in named]
        used, room = self._used[node], node.group.room
        full = max(used.cpu / room.cpu, used.memory / room.memory)
        return (*apart, *packed, full, node.name)


def allowed(workload: Workload, node: Node) -> bool:
    """Tell whether labels and taints of a node let a workload's pods on it."""
    return fits_node(workload, node) and all(
        tolerates(workload.tolerations, taint)
        for taint in node.group.taints
        if taint["effect"] in _KEEPS_OFF
    )


def fits_node(workload: Workload, node: Node) -> bool:
    """Tell whether a workload's node selector and required affinity match a node."""
    return workload.node_selector.items() <= node.labels.items() and fits(
        workload.title, workload.node_terms, node.labels
    )


def in_order(workloads: Iterable[Workload]) -> list[Workload]:
    """Return workloads as pods are taken from the queue: by priority, then by name."""
    return sorted(workloads, key=lambda one: (-one.priority, one.namespace, one.name))


def place(groups: list[Group], nodes: list[Node], workloads: list[Workload]) -> Placement:
    """Return where all pods of a cluster run."""
    scheduler = Scheduler(groups, nodes, workloads)
    for workload in in_order(workloads):
        for number in range(workload.replicas):
            scheduler.add(Pod(workload, number))
    return scheduler.result()
