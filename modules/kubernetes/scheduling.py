"""Where pods run and who goes first when there is no room."""

from collections.abc import Mapping
from typing import Any

from .manifest import Manifest

# Source: Kubernetes documentation, "Guaranteed Scheduling For Critical Add-On Pods".
CLUSTER_CRITICAL = "system-cluster-critical"
PRIORITY_CLASS = "ekp-platform"


def priority_class() -> Manifest:
    """Return the class of the platform's services: before all tenants, after the system's own."""
    return Manifest(
        api_version="scheduling.k8s.io/v1",
        kind="PriorityClass",
        name=PRIORITY_CLASS,
        fields={
            "value": 1_000_000,
            "globalDefault": False,
            "description": "Services of the platform, before those of its tenants.",
        },
    )


def spread(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return constraints that spread the pods with these labels over zones and nodes.

    Copies come up even where only one zone has room: an uneven service beats none.
    """
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": dict(labels)},
        }
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]
