"""Workloads of one chart by the table of where it keeps its settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ekp.evaluate.request import Unsupported

from . import scheduling
from .budgets import Budget
from .component import MINORITY, Component, Values, look
from .quantities import Room, millis, requests
from .workload import PER_NODE, Spread, Topology, Workload

# What memcached asks for beside what it caches. Source: grafana-community/helm-charts, loki,
# templates/memcached/_memcached-statefulset.tpl: a fifth more.
_CACHE_OVERHEAD = 1.2
_SOFT, _HARD = ("soft", "preferred"), ("hard", "required", True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A chart, or an EKS add-on, as it is installed in one cluster."""

    name: str
    namespace: str
    path: str
    """Of the construct that installs it."""
    values: Values
    """The chart's own among them, where they matter here."""
    priorities: Mapping[str, int]
    """Value of each PriorityClass."""
    nodes: int
    """How many there are at least."""
    setting: str = ""
    """What a person changes to have more copies; empty: the platform's availability."""
    beside: Room
    """What the proxy asks for that is injected beside each pod."""


def workload(part: Component, installed: Installed) -> Workload:
    """Return one workload of a chart.

    Raises:
        Unsupported: a value would change where pods go and is not evaluated.
    """
    values = installed.values
    title = f"{installed.path} ({part.name.format(release=installed.name)})"
    labels = {key: text.format(release=installed.name) for key, text in part.labels.items()}
    affinity = look(values, part.at("affinity")) or {}
    if not isinstance(affinity, Mapping):
        raise Unsupported(title, part.at("affinity"), "a text is not evaluated")
    never, rather = scheduling.anti_affinity(title, affinity, labels)
    apart, wished = _anti_affinity(part, values, title)
    replicas = 0 if part.kind == PER_NODE else _replicas(part, values, installed.nodes)
    asked = _requests(part, values, title)
    return Workload(
        kind=part.kind,
        namespace=installed.namespace,
        name=part.name.format(release=installed.name),
        role=part.role,
        by=installed.path,
        setting=installed.setting,
        replicas=replicas,
        requests=Room(asked.cpu + installed.beside.cpu, asked.memory + installed.beside.memory),
        labels=labels,
        priority=installed.priorities.get(look(values, part.at("priorityClassName")) or "", 0),
        node_selector=look(values, part.at("nodeSelector")) or {},
        node_terms=scheduling.node_terms(affinity),
        tolerations=tuple(look(values, part.at("tolerations")) or ()),
        spreads=(
            *scheduling.spreads(
                title,
                look(values, part.at("topologySpreadConstraints")) or (),
                labels,
                own=part.own_selector,
            ),
            *rather,
            *wished,
        ),
        # Affinity of our own takes the place of the chart's.
        apart=never | apart if affinity else apart | _own(part),
        budgets=_budgets(part, values, installed.path, replicas),
        volume=part.volume if isinstance(part.volume, bool) else bool(look(values, part.volume)),
        votes=part.votes,
        alone=part.alone if replicas == 1 else "",
        ending=part.ending(values) if part.ending else None,
    )


def _own(part: Component) -> frozenset[Topology]:
    return frozenset({Topology.NODE} if part.never_together else ())


def _replicas(part: Component, values: Values, nodes: int) -> int:
    if isinstance(part.replicas, int):
        return part.replicas
    if callable(part.replicas):
        return part.replicas(nodes)
    if part.autoscaling and look(values, part.below(part.autoscaling[0])):
        return int(look(values, part.below(part.autoscaling[1])))
    found = look(values, part.below(part.replicas))
    return 1 if found is None else int(found)


def _requests(part: Component, values: Values, title: str) -> Room:
    if part.cache:
        cached = int(look(values, part.below("allocatedMemory")))
        cpu = millis(title, look(values, part.below("allocatedCPU")))
        return Room(cpu, int(cached * _CACHE_OVERHEAD))
    containers: list[Mapping[str, Any]] = []
    for key in part.resources:
        found = look(values, part.below(key)) or {}
        containers += found if isinstance(found, list) else [{"resources": found}]
    return requests(title, containers)


def _anti_affinity(
    part: Component, values: Values, title: str
) -> tuple[frozenset[Topology], tuple[Spread, ...]]:
    wished = tuple(Spread(one) for one in part.rather_apart)
    if part.anti_affinity is None:
        return frozenset(), wished
    mode, over = part.anti_affinity
    found = look(values, mode)
    topology = Topology(look(values, over) or over)
    if found in _HARD:
        return frozenset({topology}), wished
    if found in _SOFT:
        return frozenset(), (*wished, Spread(topology))
    if found:
        raise Unsupported(title, mode, f"{found!r} is not evaluated")
    return frozenset(), wished


def _budgets(part: Component, values: Values, path: str, replicas: int) -> tuple[Budget, ...]:
    """Return the budget that a chart makes; its selector is the chart's own, of these pods."""
    settings = look(values, part.budget) or {}
    if part.budget_switch is None:
        made = bool(settings)
    elif part.budget_switch.startswith("/"):
        made = bool(look(values, part.budget_switch[1:]))
    else:
        made = bool(settings.get(part.budget_switch))
    if not made or (part.budget_needs_several and replicas < 2):  # noqa: PLR2004 - several
        return ()
    amounts = {
        key: settings[key]
        for key in ("maxUnavailable", "minAvailable")
        if settings.get(key) not in (None, "")
    } or dict(part.budget_otherwise)
    if amounts.get("maxUnavailable") == MINORITY:
        # Source: hashicorp/vault-helm 0.34.1, templates/_helpers.tpl, `vault.pdb.maxUnavailable`.
        amounts["maxUnavailable"] = (replicas - 1) // 2
    return (
        Budget(
            by=f"{path}: {part.budget}",
            max_unavailable=amounts.get("maxUnavailable"),
            min_available=amounts.get("minAvailable"),
        ),
    )
