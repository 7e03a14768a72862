"""A service's dashboard in Grafana: what users get of it, and how old and new version compare."""

from typing import Any

from ...core.services import Service, labels
from ..manifest import Manifest
from .objectives import (
    DURATION,
    FAILED,
    REQUESTS,
    error_budget,
    failed,
    measured,
    recorded,
    share,
)
from .panels import board, graph, shown, targets, thresholds

_BUDGET_WINDOW = "30d"
# The PodMonitor puts it on each sample.
_VERSION = "rollouts_pod_template_hash"
_VERSION_KEY = f"{{{{{_VERSION}}}}}"


def dashboard(service: Service) -> Manifest:
    """Return a ConfigMap that Grafana shows as the service's dashboard."""
    tags = ("ekp", service.namespace)
    return shown(
        board(of=service.ref, title=service.ref, tags=tags, panels=_panels(service)),
        name=f"{service.name}-dashboard",
        namespace=service.namespace,
        # Files of all services of a namespace meet in one folder.
        file=service.long_name,
        labels=labels(service),
    )


def _panels(service: Service) -> list[dict[str, Any]]:
    budget = error_budget(service)
    slowest = service.slo.p99_milliseconds
    return [
        graph("Requests", "reqps", [(f"{REQUESTS}{{{recorded(service)}}}", "requests")]),
        graph(
            f"Errors (promised: at most {100 * budget:g}%)",
            "percentunit",
            [(f"{FAILED}:ratio_5m{{{recorded(service)}}}", "errors")],
            limit=budget,
        ),
        graph(
            f"Duration (promised: p99 within {slowest} ms)",
            "ms",
            [(_quantile(service, q), f"p{100 * q:g}") for q in (0.5, 0.95, 0.99)],
            limit=slowest,
        ),
        _budget_left(service, budget),
        graph("Requests by version", "reqps", [(_by(_VERSION, measured(service)), _VERSION_KEY)]),
        graph(
            "Errors by version, a share of its requests",
            "percentunit",
            [
                (
                    f"{_by(_VERSION, failed(service))} / {_by(_VERSION, measured(service))}",
                    _VERSION_KEY,
                )
            ],
            limit=budget,
        ),
        graph(
            "p99 by version", "ms", [(_quantile(service, 0.99, _VERSION), _VERSION_KEY)], slowest
        ),
        graph(
            "Refused with 429, by pod",
            "reqps",
            [(_by("pod", measured(service, 'response_code="429"')), "{{pod}}")],
        ),
        graph(f"Pods (at most {service.scaling.max_replicas})", "short", _replicas(service)),
        graph("CPU by pod", "short", [(_cpu(service), "{{pod}}")]),
    ]


def _by(label: str, selector: str) -> str:
    return f"sum by ({label}) (rate(istio_requests_total{{{selector}}}[5m]))"


def _quantile(service: Service, quantile: float, *by: str) -> str:
    buckets = f"rate({DURATION}_bucket{{{measured(service)}}}[5m])"
    return f"histogram_quantile({quantile:g}, sum by ({', '.join(['le', *by])}) ({buckets}))"


def _replicas(service: Service) -> list[tuple[str, str]]:
    of = f'exported_namespace="{service.namespace}",name="{service.name}"'
    states = ("desired", "available", "updated")
    return [(f"max(rollout_info_replicas_{state}{{{of}}})", state) for state in states]


def _cpu(service: Service) -> str:
    # <name>-<version>-<pod>: another service's name may begin with this one's.
    pods = f"{service.name}-[a-z0-9]{{6,10}}-[a-z0-9]{{5}}"
    of = f'namespace="{service.namespace}",pod=~"{pods}",container!~"|istio-proxy"'
    return f"sum by (pod) (rate(container_cpu_usage_seconds_total{{{of}}}[5m]))"


def _budget_left(service: Service, budget: float) -> dict[str, Any]:
    """Return how much of 30 days' errors is left, or of as many days as metrics are kept."""
    used = share(service, FAILED, _BUDGET_WINDOW)
    return {
        "type": "stat",
        "title": "Error budget left over 30 days, or as long as metrics are kept",
        "targets": targets([(f"1 - ({used}) / {budget:g}", "left")]),
        "fieldConfig": {
            "defaults": {
                "unit": "percentunit",
                "max": 1,
                "color": {"mode": "thresholds"},
                "thresholds": thresholds(("red", None), ("orange", 0.1), ("green", 0.5)),
            },
            "overrides": [],
        },
        "options": {"reduceOptions": {"calcs": ["lastNotNull"]}, "graphMode": "area"},
    }
