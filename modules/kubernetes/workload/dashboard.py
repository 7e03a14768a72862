"""A service's dashboard in Grafana: what users get of it, and how old and new version compare."""

import json
from collections.abc import Sequence
from hashlib import sha256
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

# Of kube-prometheus-stack's own data source (grafana.sidecar.datasources.uid).
PROMETHEUS = {"type": "prometheus", "uid": "prometheus"}
_BUDGET_WINDOW = "30d"
# The PodMonitor puts it on each sample.
_VERSION = "rollouts_pod_template_hash"
_VERSION_KEY = f"{{{{{_VERSION}}}}}"
# Panels of Grafana stand in a grid of 24 columns.
_HALF = 12
_HEIGHT = 8


def dashboard(service: Service) -> Manifest:
    """Return a ConfigMap that Grafana shows as a dashboard, in a folder named for the namespace.

    Grafana's sidecar reads ConfigMaps of all namespaces that carry the label.
    Source: kube-prometheus-stack 88.5.3, values, grafana.sidecar.dashboards.
    """
    shown = {
        "uid": _uid(service),
        "title": service.ref,
        "tags": ["ekp", service.namespace],
        "editable": False,
        "refresh": "1m",
        "schemaVersion": 39,
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "utc",
        "panels": [
            {
                "id": place + 1,
                "datasource": PROMETHEUS,
                "gridPos": {
                    "x": place % 2 * _HALF,
                    "y": place // 2 * _HEIGHT,
                    "w": _HALF,
                    "h": _HEIGHT,
                },
                **panel,
            }
            for place, panel in enumerate(_panels(service))
        ],
    }
    return Manifest(
        api_version="v1",
        kind="ConfigMap",
        name=f"{service.name}-dashboard",
        namespace=service.namespace,
        labels={**labels(service), "grafana_dashboard": "1"},
        annotations={"grafana_folder": service.namespace},
        fields={
            "data": {
                # Files of all services of a namespace meet in one folder.
                f"{service.long_name}.json": json.dumps(shown, indent=2, sort_keys=True)
            }
        },
    )


def _uid(service: Service) -> str:
    """Return an id that stays, so that links do; Grafana takes 40 characters."""
    return f"ekp-{sha256(service.ref.encode()).hexdigest()[:32]}"


def _panels(service: Service) -> list[dict[str, Any]]:
    budget = error_budget(service)
    slowest = service.slo.p99_milliseconds
    return [
        _graph("Requests", "reqps", [(f"{REQUESTS}{{{recorded(service)}}}", "requests")]),
        _graph(
            f"Errors (promised: at most {100 * budget:g}%)",
            "percentunit",
            [(f"{FAILED}:ratio_5m{{{recorded(service)}}}", "errors")],
            limit=budget,
        ),
        _graph(
            f"Duration (promised: p99 within {slowest} ms)",
            "ms",
            [(_quantile(service, q), f"p{100 * q:g}") for q in (0.5, 0.95, 0.99)],
            limit=slowest,
        ),
        _budget_left(service, budget),
        _graph("Requests by version", "reqps", [(_by(_VERSION, measured(service)), _VERSION_KEY)]),
        _graph(
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
        _graph(
            "p99 by version", "ms", [(_quantile(service, 0.99, _VERSION), _VERSION_KEY)], slowest
        ),
        _graph(
            "Refused with 429, by pod",
            "reqps",
            [(_by("pod", measured(service, 'response_code="429"')), "{{pod}}")],
        ),
        _graph(f"Pods (at most {service.scaling.max_replicas})", "short", _replicas(service)),
        _graph("CPU by pod", "short", [(_cpu(service), "{{pod}}")]),
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
        "targets": _targets([(f"1 - ({used}) / {budget:g}", "left")]),
        "fieldConfig": {
            "defaults": {
                "unit": "percentunit",
                "max": 1,
                "color": {"mode": "thresholds"},
                "thresholds": _thresholds(("red", None), ("orange", 0.1), ("green", 0.5)),
            },
            "overrides": [],
        },
        "options": {"reduceOptions": {"calcs": ["lastNotNull"]}, "graphMode": "area"},
    }


def _graph(
    title: str, unit: str, lines: Sequence[tuple[str, str]], limit: float | None = None
) -> dict[str, Any]:
    """Return a panel of lines, each a query and its name; over the limit is red."""
    defaults: dict[str, Any] = {"unit": unit, "min": 0}
    if limit is not None:
        defaults["thresholds"] = _thresholds(("green", None), ("red", limit))
        defaults["custom"] = {"thresholdsStyle": {"mode": "line"}}
    return {
        "type": "timeseries",
        "title": title,
        "targets": _targets(lines),
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}},
    }


def _targets(lines: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {
            "refId": chr(ord("A") + place),
            "datasource": PROMETHEUS,
            "expr": query,
            "legendFormat": name,
        }
        for place, (query, name) in enumerate(lines)
    ]


def _thresholds(*steps: tuple[str, float | None]) -> dict[str, Any]:
    return {
        "mode": "absolute",
        "steps": [{"color": color, "value": value} for color, value in steps],
    }
