"""One workload of a chart: where the chart's values keep what a scheduler asks about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .workload import Ending, Role, Topology

Values = Mapping[str, Any]
MINORITY = "a minority"
"""A budget that lets as many go as leave a majority."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """Where a chart keeps the settings of one of its workloads.

    Paths are dotted; ``|`` stands between a path and the one that the chart falls back on.
    """

    name: str
    """Of the workload; ``{release}`` is the release's."""
    kind: str = "Deployment"
    role: Role = Role.SUPPORTS
    labels: Mapping[str, str] = field(default_factory=dict)
    """Those of its pods that constraints can ask for; ``{release}`` as above."""
    switches: tuple[str, ...] = ()
    """It runs where all of these are true."""
    base: str = ""
    """Below it are the usual keys of a pod: ``resources``, ``nodeSelector`` and so on."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """Usual key -> its path where it is not below ``base``; empty: the chart has none."""
    replicas: str | int | Callable[[int], int] = "replicas"
    """A path below ``base``, a number that nobody can change, or one by the number of nodes."""
    autoscaling: tuple[str, str] | None = None
    """Paths below ``base``: whether an autoscaler sets the number, and its minimum."""
    resources: tuple[str, ...] = ("resources",)
    """Paths below ``base`` of each container's resources, or of a list of containers."""
    cache: bool = False
    """Whether ``allocatedMemory`` and ``allocatedCPU`` say what it asks for: Loki's memcached."""
    own_selector: bool = False
    """Whether the chart gives a constraint without a selector the pods' own."""
    anti_affinity: tuple[str, str] | None = None
    """Paths: ``soft``, ``preferred``, ``hard``, ``required`` or true; and over what."""
    rather_apart: tuple[Topology, ...] = ()
    """Preferred anti-affinity that the chart writes itself."""
    never_together: bool = False
    """Whether the chart's own affinity forbids two on one node."""
    budget: str = ""
    """Path of the PodDisruptionBudget's settings; empty: the chart makes none."""
    budget_switch: str | None = "enabled"
    """Path below ``budget``, or a whole one with a ``/`` before; None: made where it is set."""
    budget_needs_several: bool = False
    """Whether the chart makes it for two and more copies alone."""
    budget_otherwise: Mapping[str, Any] = field(default_factory=dict)
    """What it says where neither of its two amounts is set."""
    volume: str | bool = False
    """Whether each pod has a volume of EBS, or the path that says so."""
    votes: bool = False
    alone: str = ""
    """Why it runs once whatever is set, and what is missing while it starts again."""
    ending: Callable[[Values], Ending] | None = None

    def at(self, key: str) -> str:
        """Return the path of a usual key; empty: the chart has none."""
        return self.paths.get(key, self.below(key))

    def below(self, key: str) -> str:
        """Return a path below the component's own."""
        return f"{self.base}.{key}" if self.base else key


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart's workloads, and its own values where they matter here."""

    components: tuple[Component, ...]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """As its ``values.yaml`` has them; what is not here is empty there."""
    made_elsewhere: tuple[str, ...] = ()
    """Paths that the chart's own ``values.yaml`` does not show: another chart's, an operator's."""


def look(values: Values, paths: str) -> Any:
    """Return what is at the first of some paths that leads to something; else None."""
    for path in filter(None, paths.split("|")):
        found: Any = values
        for key in path.split("."):
            found = found.get(key) if isinstance(found, Mapping) else None
        if found not in (None, "", [], {}):
            return found
    return None
