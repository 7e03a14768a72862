"""What is left when a node or a zone is lost, and where the lost pods go."""

from dataclasses import dataclass

from .nodes import Group, Node, Zone
from .placement import Placement, Pod
from .scheduler import Scheduler, in_order
from .workload import Workload


@dataclass(frozen=True, slots=True)
class Worst:
    """The loss that takes most pods of a workload."""

    left: int
    """Ready pods right after it, before any other is started."""
    what: str
    """The node or the zone."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What becomes of the pods of a lost zone."""

    zone: Zone
    nodes_lost: int
    pods_lost: int
    started: tuple[Node, ...]
    """New nodes that they needed in other zones."""
    bound: tuple[Pod, ...]
    """They wait for the zone: their volumes are there."""
    without_room: tuple[Pod, ...]
    """No node takes them, though every group may grow to its ``max_size``."""


def node_lost(placement: Placement, workload: Workload) -> Worst:
    """Return what is left of a workload with the node lost that has most of its pods."""
    found = [Worst(placement.left(workload, [node]), node.name) for node in placement.nodes]
    return min(found, key=lambda one: (one.left, one.what), default=Worst(0, "every node"))


def zone_lost(placement: Placement, workload: Workload) -> Worst:
    """Return what is left of a workload with the zone lost that has most of its pods."""
    found = [
        Worst(placement.left(workload, _of(placement, zone)), zone.id) for zone in zones(placement)
    ]
    return min(found, key=lambda one: (one.left, one.what), default=Worst(0, "every zone"))


def zones(placement: Placement) -> list[Zone]:
    """Return the zones that have a node, by id."""
    return sorted({node.zone for node in placement.nodes}, key=lambda zone: zone.id)


def recovered(
    groups: list[Group], placement: Placement, workloads: list[Workload], zone: Zone
) -> Recovery:
    """Return where the pods of a lost zone go while it is away."""
    gone = set(_of(placement, zone))
    scheduler = Scheduler(
        groups, [node for node in placement.nodes if node not in gone], workloads, lost=zone
    )
    lost = []
    for pod, node in placement.pods.items():
        if node in gone:
            lost.append(pod)
        else:
            scheduler.keep(pod, node)
    bound = [pod for pod in lost if pod.workload.volume]
    titles = [one.title for one in in_order(workloads)]
    for pod in sorted(lost, key=lambda one: (titles.index(one.workload.title), one.number)):
        if pod not in bound:
            scheduler.add(pod)
    found = scheduler.result()
    return Recovery(zone, len(gone), len(lost), found.started, tuple(bound), found.waiting)


def _of(placement: Placement, zone: Zone) -> list[Node]:
    return [node for node in placement.nodes if node.zone == zone]
