"""Workloads of the releases of charts and of EKS add-ons in one region."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ekp.charts import releases
from ekp.charts.releases import Release
from ekp.configured.reading import resources
from ekp.evaluate.request import Unsupported
from ekp.local.helm import values as helm
from ekp.runner.stacks import Stack

from .addons import ADDONS
from .charts import CHARTS
from .component import look
from .parts import Installed, workload
from .quantities import NOTHING, Room, requests
from .workload import Workload

_ADDONS_NAMESPACE = "kube-system"
_GATEWAY = "gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What workloads of charts depend on, beside their values."""

    priorities: Mapping[str, int]
    """Value of each PriorityClass."""
    nodes: int
    """How many there are at least."""
    injected: frozenset[str]
    """Namespaces whose pods get a proxy."""
    proxy: Room
    """What that asks for."""


def of_charts(stacks: Iterable[Stack], around: Around) -> Iterator[Workload]:
    """Yield the workloads of every release of a chart.

    Raises:
        Unsupported: a chart is in no table, or a value is not evaluated.
    """
    for stack in stacks:
        for release in releases.of([stack]):
            if release.chart not in CHARTS:
                raise Unsupported(f"release {release.name}", "chart", f"{release.chart}: no table")
            chart = CHARTS[release.chart]
            meshed = release.namespace in around.injected and release.chart != _GATEWAY
            installed = Installed(
                name=release.name,
                namespace=release.namespace,
                path=_path(stack, release),
                values=helm.coalesce(release.values, chart.defaults),
                priorities=around.priorities,
                nodes=around.nodes,
                # The gateway is a proxy itself.
                beside=around.proxy if meshed else NOTHING,
            )
            for part in chart.components:
                if all(look(installed.values, switch) for switch in part.switches):
                    yield workload(part, installed)


def proxy_requests(stacks: Iterable[Stack]) -> Room:
    """Return what the injected proxy asks for, as istiod's values say."""
    proxy = proxy_container(stacks)
    return requests("istiod", [proxy]) if proxy else NOTHING


def proxy_container(stacks: Iterable[Stack]) -> Mapping[str, Any]:
    """Return the injected proxy with its ``resources``; nothing where there is no istiod."""
    for release in releases.of(stacks):
        if release.chart == "istiod":
            values = helm.coalesce(release.values, CHARTS["istiod"].defaults)
            return look(values, "global.proxy") or {}
    return {}


def of_addons(stack: Stack, around: Around) -> Iterator[Workload]:
    """Yield the workloads of a cluster's EKS add-ons.

    Raises:
        Unsupported: an add-on is in no table, or a setting is not evaluated.
    """
    for found in resources(stack, "aws_eks_addon"):
        name = found.body["addon_name"]
        if name not in ADDONS:
            raise Unsupported(f"add-on {name}", "addon_name", "it is in no table")
        own = json.loads(found.body.get("configuration_values") or "{}")
        installed = Installed(
            name=name,
            namespace=_ADDONS_NAMESPACE,
            setting=f"Give the add-on {name} a `replicaCount` in `modules/core/eks_addons.py`.",
            path=found.path,
            values=helm.coalesce(own, ADDONS[name].defaults),
            priorities=around.priorities,
            nodes=around.nodes,
            beside=NOTHING,
        )
        for part in ADDONS[name].components:
            yield workload(part, installed)


def _path(stack: Stack, release: Release) -> str:
    for found in resources(stack, "helm_release"):
        if (found.body["name"], found.body["namespace"]) == (release.name, release.namespace):
            return found.path
    return f"{stack.id}: release {release.name}"
