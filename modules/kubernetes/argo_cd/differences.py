"""The fields of services' objects that controllers write, not Git: Argo CD overlooks these alone.

An HPA owns a Rollout's replicas, which Git leaves out, so that nothing of a Rollout is overlooked.
``managedFieldsManagers`` would be shorter, but hides each later change to what the Rollouts
controller ever wrote, a list of routes as a whole: argoproj/argo-rollouts#3854.
"""

from typing import Any

from ..rollouts.strategies import HEADER_ROUTE
from ..workload.pods import HASH_LABEL

ISTIO_GROUP = "networking.istio.io"


def written_by_controllers() -> list[dict[str, Any]]:
    """Return an Application's ``ignoreDifferences``.

    Argo CD deletes each path from both sides, one expression after the other (v3.4.4,
    ``util/argo/normalizers``). An expression that fails on an object does nothing at all to it,
    hence the question marks: a route may have no destinations, a rule no subsets.
    """
    return [
        {
            "group": ISTIO_GROUP,
            "kind": "VirtualService",
            "jqPathExpressions": [
                f'.spec.http[]? | select(.name == "{HEADER_ROUTE}")',
                ".spec.http[]?.route[]?.weight",
            ],
        },
        {
            "group": ISTIO_GROUP,
            "kind": "DestinationRule",
            "jqPathExpressions": [f'.spec.subsets[]?.labels["{HASH_LABEL}"]'],
        },
    ]
