"""One region's cluster with all its pods placed, and what is lost with each node and zone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from ekp.configured.environment import Configured
from ekp.configured.reading import of_kind
from ekp.evaluate.request import Object

from . import losses, nodes, objects, releases
from .losses import Recovery, Worst
from .nodes import Group
from .placement import Placement
from .releases import Around
from .scheduler import place
from .workload import Workload, serving

# Source: Kubernetes documentation, "Pod Priority and Preemption"; rancher/rancher 2.15.0,
# chart/templates/priorityClass.yaml.
_PRIORITIES = {
    "system-node-critical": 2_000_001_000,
    "system-cluster-critical": 2_000_000_000,
    "rancher-critical": 1_000_000_000,
}


@dataclass(frozen=True)
class Region:
    """One cluster."""

    name: str
    objects: tuple[Object, ...]
    groups: list[Group]
    workloads: list[Workload]
    placement: Placement
    _worst: dict[str, tuple[Worst, Worst]] = field(default_factory=dict, repr=False)

    @property
    def serving(self) -> list[Workload]:
        """What users' requests depend on, DaemonSets left out."""
        return serving(self.workloads)

    @cached_property
    def zones(self) -> list[str]:
        """The zones that nodes are in at least."""
        return [zone.id for zone in losses.zones(self.placement)]

    @cached_property
    def recoveries(self) -> list[Recovery]:
        """What becomes of the pods of each zone."""
        return [
            losses.recovered(self.groups, self.placement, self.workloads, zone)
            for zone in losses.zones(self.placement)
        ]

    def node_lost(self, workload: Workload) -> Worst:
        """Return what is left of a workload after the worst node."""
        return self._losses(workload)[0]

    def zone_lost(self, workload: Workload) -> Worst:
        """Return what is left of a workload after the worst zone."""
        return self._losses(workload)[1]

    def _losses(self, workload: Workload) -> tuple[Worst, Worst]:
        if workload.title not in self._worst:
            self._worst[workload.title] = (
                losses.node_lost(self.placement, workload),
                losses.zone_lost(self.placement, workload),
            )
        return self._worst[workload.title]


def regions(configured: Configured) -> list[Region]:
    """Return the regions that have a cluster with nodes.

    Raises:
        Unsupported: a setting would change where pods go and is not evaluated.
    """
    return [
        _region(configured, name) for name in configured.regions if nodes.groups(configured, name)
    ]


def _region(configured: Configured, name: str) -> Region:
    world = configured.world(name)
    here = configured.of_region(name)
    groups = nodes.groups(configured, name)
    started = nodes.first(groups)
    around = Around(
        priorities=_priorities(world.objects),
        nodes=len(started),
        injected=frozenset(
            namespace
            for namespace, labels in world.namespaces.items()
            if labels.get("istio-injection") == "enabled"
        ),
        proxy=releases.proxy_requests(here),
    )
    cluster = configured.layer("cluster", name)
    workloads = [
        *objects.workloads(world, around.priorities, around.proxy),
        *releases.of_charts(here, around),
        *(releases.of_addons(cluster, around) if cluster else ()),
    ]
    return Region(name, world.objects, groups, workloads, place(groups, started, workloads))


def _priorities(found: Iterable[Object]) -> dict[str, int]:
    classes = of_kind(found, "PriorityClass")
    return {**_PRIORITIES, **{one["metadata"]["name"]: int(one["value"]) for one in classes}}
