"""Dashboards of Grafana: their panels, and the ConfigMaps in which Grafana finds them."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from ..manifest import Manifest

# Of kube-prometheus-stack's own data source (grafana.sidecar.datasources.uid).
PROMETHEUS = {"type": "prometheus", "uid": "prometheus"}
SHOWN_LABEL = ("grafana_dashboard", "1")
"""Grafana's sidecar reads ConfigMaps of all namespaces that carry it."""
FOLDER_ANNOTATION = "grafana_folder"
# Panels of Grafana stand in a grid of 24 columns.
_HALF = 12
_HEIGHT = 8


def shown(
    board: Mapping[str, Any], *, name: str, namespace: str, file: str, labels: Mapping[str, str]
) -> Manifest:
    """Return a ConfigMap that Grafana shows as a dashboard, in a folder named for its namespace.

    Source: kube-prometheus-stack 88.5.3, values, grafana.sidecar.dashboards.
    """
    return Manifest(
        api_version="v1",
        kind="ConfigMap",
        name=name,
        namespace=namespace,
        labels={**labels, **dict([SHOWN_LABEL])},
        annotations={FOLDER_ANNOTATION: namespace},
        fields={"data": {f"{file}.json": json.dumps(board, indent=2, sort_keys=True)}},
    )


def board(
    *, of: str, title: str, tags: Sequence[str], panels: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return a dashboard with two panels a row; its address follows from ``of`` for good."""
    return {
        # Grafana takes 40 characters.
        "uid": f"ekp-{sha256(of.encode()).hexdigest()[:32]}",
        "title": title,
        "tags": list(tags),
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
            for place, panel in enumerate(panels)
        ],
    }


def graph(
    title: str, unit: str, lines: Sequence[tuple[str, str]], limit: float | None = None
) -> dict[str, Any]:
    """Return a panel of lines, each a query and its name; over the limit is red."""
    defaults: dict[str, Any] = {"unit": unit, "min": 0}
    if limit is not None:
        defaults["thresholds"] = thresholds(("green", None), ("red", limit))
        defaults["custom"] = {"thresholdsStyle": {"mode": "line"}}
    return {
        "type": "timeseries",
        "title": title,
        "targets": targets(lines),
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}},
    }


def targets(lines: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return queries, each with the name of what it finds."""
    return [
        {
            "refId": chr(ord("A") + place),
            "datasource": PROMETHEUS,
            "expr": query,
            "legendFormat": name,
        }
        for place, (query, name) in enumerate(lines)
    ]


def thresholds(*steps: tuple[str, float | None]) -> dict[str, Any]:
    """Return colors, each with the value from which on it holds."""
    return {
        "mode": "absolute",
        "steps": [{"color": color, "value": value} for color, value in steps],
    }
