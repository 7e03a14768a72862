"""Workloads as a scheduler sees them: how many pods, what they ask for, where they may go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .budgets import Budget
from .quantities import Room

PER_NODE = "DaemonSet"


class Role(StrEnum):
    """What users lose without it."""

    SERVES = "serves"
    """Their requests pass through it, or cannot be answered without it."""
    SUPPORTS = "supports"
    """Requests are answered without it: it changes, watches or keeps something."""


class Topology(StrEnum):
    """What pods are spread over: the label of nodes."""

    ZONE = "topology.kubernetes.io/zone"
    NODE = "kubernetes.io/hostname"


@dataclass(frozen=True, slots=True)
class Spread:
    """A wish, or an order, that pods are spread evenly."""

    topology: Topology
    hard: bool = False
    """``DoNotSchedule``: a pod waits rather than make the difference larger."""
    max_skew: int = 1
    honors_taints: bool = False
    """Whether nodes that the pods do not tolerate count not as places."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a pod goes when it is told to."""

    unready: tuple[str, ...]
    """Its containers without a readiness probe."""
    waits: int
    """Seconds that it still answers in, so that everybody turns away from it."""
    grace: int
    """Seconds until it is killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """The pods of one Deployment, Rollout, StatefulSet or DaemonSet."""

    kind: str
    namespace: str
    name: str
    role: Role
    by: str
    """What makes it: the object, or the construct of the chart's release."""
    setting: str
    """What a person changes to have more copies of it; empty: the platform's availability."""
    replicas: int
    """The fewest that run where nothing is lost; 0 for a DaemonSet, which has one a node."""
    requests: Room
    labels: Mapping[str, str] = field(default_factory=dict)
    """Its pods'; of a chart those alone that constraints can ask for."""
    priority: int = 0
    node_selector: Mapping[str, str] = field(default_factory=dict)
    node_terms: tuple[Mapping[str, Any], ...] = ()
    """Required node affinity: one of them has to fit."""
    tolerations: tuple[Mapping[str, Any], ...] = ()
    spreads: tuple[Spread, ...] = ()
    apart: frozenset[Topology] = frozenset()
    """Where two of its pods never are in one place: required anti-affinity."""
    budgets: tuple[Budget, ...] = ()
    """Those that select its pods; two of them let nobody evict one."""
    stray_budgets: tuple[str, ...] = ()
    """Those of its namespace that select no pod at all."""
    volume: bool = False
    """Whether a pod has a volume of EBS, which is in one zone for ever."""
    votes: bool = False
    """Whether a majority of its pods must be there."""
    alone: str = ""
    """Why it is one by nature, and what is missing while it starts again; empty: it is not."""
    ending: Ending | None = None
    """None: the chart's own, which values do not show."""

    @property
    def title(self) -> str:
        """What it is called in messages: ``Rollout shop/checkout``."""
        return f"{self.kind} {self.namespace}/{self.name}"

    @property
    def needs(self) -> int:
        """How many pods must be ready so that it does its work."""
        return self.replicas // 2 + 1 if self.votes else 1

    def spread_over(self, topology: Topology) -> Spread | None:
        """Return the strictest constraint over zones or nodes; None: there is none."""
        found = [one for one in self.spreads if one.topology is topology]
        return max(found, key=lambda one: one.hard, default=None)


def serving(found: Iterable[Workload]) -> list[Workload]:
    """Return those that users' requests depend on, without DaemonSets: each node has its own."""
    return [one for one in found if one.role is Role.SERVES and one.kind != PER_NODE]
