"""Where pods run and who goes first when there is no room."""

from collections.abc import Mapping
from typing import Any

from ..core.availability import Availability
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


def spread(labels: Mapping[str, str], *, hard: bool = False) -> list[dict[str, Any]]:
    """Return constraints that spread the pods with these labels over zones and nodes.

    Copies come up even where only one zone has room: an uneven service beats none. ``hard`` is for
    those that vote: a copy waits rather than give a zone two while another has none, since without
    the zone of two the rest would be no majority. Two zones still take three copies.
    """
    return [
        _constraint(labels, "topology.kubernetes.io/zone", hard=hard),
        _constraint(labels, "kubernetes.io/hostname", hard=False),
    ]


def _constraint(labels: Mapping[str, str], key: str, *, hard: bool) -> dict[str, Any]:
    found = {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": dict(labels)},
    }
    if hard:
        # A zone whose nodes are all tainted takes no copy, so that none waits for it.
        found |= {"whenUnsatisfiable": "DoNotSchedule", "nodeTaintsPolicy": "Honor"}
    return found


def disruption_budget(availability: Availability) -> dict[str, Any]:
    """Return a budget as most charts take it: one copy may go at a time, if there are others."""
    return {"enabled": True, "maxUnavailable": 1} if availability.high else {"enabled": False}
