"""Which pods run where."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .nodes import Node
from .workload import Workload


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod of a workload."""

    workload: Workload
    number: int

    def __hash__(self) -> int:
        """Return a hash of what tells it from others."""
        return hash((self.workload.title, self.number))


@dataclass(frozen=True, slots=True)
class Placement:
    """Which pods run where."""

    nodes: tuple[Node, ...]
    pods: Mapping[Pod, Node]
    waiting: tuple[Pod, ...] = ()
    """Those that no node takes, not even a new one."""
    started: tuple[Node, ...] = ()
    """Nodes that came because others were full."""

    def left(self, workload: Workload, lost: Iterable[Node] = ()) -> int:
        """Return how many pods of a workload run where some nodes are gone."""
        gone = set(lost)
        return sum(
            pod.workload.title == workload.title and node not in gone
            for pod, node in self.pods.items()
        )

    def zones(self, workload: Workload) -> dict[str, int]:
        """Return how many pods of a workload are in each zone that has one."""
        found = Counter(
            node.zone.id for pod, node in self.pods.items() if pod.workload.title == workload.title
        )
        return dict(sorted(found.items()))
