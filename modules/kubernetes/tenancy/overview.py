"""A tenant's dashboard in Grafana: all its services, and what they take of its quotas."""

from typing import Any

from ...core.tenants import Tenancy, tenant_labels
from ..manifest import Manifest
from ..workload.objectives import DURATION, FAILED, REQUESTS
from ..workload.panels import board, graph, shown

NAME = "tenant-overview"
# Amounts of a quota by their panel's unit.
_AMOUNTS = (
    ("CPU requested, of the quota", "short", "requests.cpu"),
    ("Memory requested, of the quota", "bytes", "requests.memory"),
    ("Limits of memory, of the quota", "bytes", "limits.memory"),
    ("Pods, of the quota", "short", "pods"),
)


def overview(tenancy: Tenancy) -> Manifest:
    """Return the dashboard of a tenant, in the folder of its first namespace."""
    home = tenancy.namespaces[0]
    panels = _panels("|".join(tenancy.namespaces))
    return shown(
        board(of=f"tenant {tenancy.name}", title=tenancy.name, tags=("ekp", home), panels=panels),
        name=NAME,
        namespace=home,
        file=f"{home}-overview",
        labels={"app.kubernetes.io/part-of": "ekp", **tenant_labels(tenancy.tenant)},
    )


def _panels(namespaces: str) -> list[dict[str, Any]]:
    mine = f'namespace=~"{namespaces}"'
    answered = f'{mine},reporter="destination",destination_workload_namespace=~"{namespaces}"'
    of = "destination_canonical_service"
    buckets = f"sum by (le, {of}) (rate({DURATION}_bucket{{{answered}}}[5m]))"
    restarts = f"increase(kube_pod_container_status_restarts_total{{{mine}}}[1h])"
    # Of a pod's own containers, each once: the kubelet tells of the pod as a whole, too.
    used = f'{mine},container!=""'
    cpu = f"rate(container_cpu_usage_seconds_total{{{used}}}[5m])"
    memory = f"container_memory_working_set_bytes{{{used}}}"
    return [
        _by("service", "Requests by service", "reqps", f"sum({REQUESTS}{{{mine}}})"),
        _by(
            "service",
            "Errors by service, a share of its requests",
            "percentunit",
            f"max({FAILED}:ratio_5m{{{mine}}})",
        ),
        graph("p99 by service", "ms", [(f"histogram_quantile(0.99, {buckets})", f"{{{{{of}}}}}")]),
        _by("pod", "Restarts in an hour, by pod", "short", f"sum({restarts})", "> 0"),
        *(graph(title, unit, _quota(mine, amount)) for title, unit, amount in _AMOUNTS),
        _by("namespace", "CPU used", "short", f"sum({cpu})"),
        _by("namespace", "Memory used", "bytes", f"sum({memory})"),
    ]


def _by(label: str, title: str, unit: str, query: str, more: str = "") -> dict[str, Any]:
    """Return a panel with a line for each value of a label; the query begins with its operator."""
    operator, _, rest = query.partition("(")
    expression = f"{operator} by ({label}) ({rest} {more}".strip()
    return graph(title, unit, [(expression, f"{{{{{label}}}}}")])


def _quota(mine: str, amount: str) -> list[tuple[str, str]]:
    """Return how much of an amount is taken, and how much there is, of each namespace."""
    of = f'{mine},resource="{amount}"'
    return [
        (
            f'max by (namespace) (kube_resourcequota{{{of},type="{type_}"}})',
            f"{{{{namespace}}}} {name}",
        )
        for type_, name in (("used", "taken"), ("hard", "quota"))
    ]
