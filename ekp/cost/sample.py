"""Made-up answers for the clusters of the settings, to see a report before there is a hub."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

from .accounts import Place
from .answer import IDLE, UNMOUNTED

_WINDOW = {"start": "2026-11-01T00:00:00Z", "end": "2026-11-16T00:00:00Z"}
_PLATFORM = ("kube-system", "istio-system", "observability")
_STEP = Decimal("17.31357")


def sample_answer(places: Sequence[Place]) -> str:
    """Return an answer of the allocation API about the first half of a month."""
    rows = {}
    for place in places:
        tenants = [name for payer in place.payers for name in payer.namespaces]
        for cluster in place.clusters:
            for number, namespace in enumerate((*_PLATFORM, *tenants, IDLE, UNMOUNTED), start=2):
                rows[f"{cluster}/{namespace}"] = _row(cluster, namespace, number * _STEP)
    return json.dumps({"code": 200, "data": [rows]})


def sample_recommendations(places: Sequence[Place]) -> str:
    """Return an answer of the request sizing API: one recommendation for each tenant."""
    rows = [
        {
            "clusterID": place.clusters[0],
            "namespace": payer.namespaces[0],
            "controllerKind": "rollout",
            "controllerName": payer.tenant,
            "containerName": "service",
            "latestKnownRequest": {"cpu": "500m", "memory": "512Mi"},
            "recommendedRequest": {"cpu": "180m", "memory": "300Mi"},
            "monthlySavings": {"cpu": 9.21, "memory": 1.07},
        }
        for place in places
        for payer in place.payers
    ]
    return json.dumps({"Count": len(rows), "Recommendations": rows})


def _row(cluster: str, namespace: str, cpu: Decimal) -> Mapping[str, object]:
    costs = {"cpuCost": cpu, "ramCost": cpu / 2, "networkCost": cpu / 10, "pvCost": Decimal(0)}
    if namespace == UNMOUNTED:
        costs = {name: Decimal(0) for name in costs} | {"pvCost": cpu / 20}
    shared = Decimal(0) if namespace in {IDLE, UNMOUNTED} else Decimal("1.5")
    figures = {**costs, "sharedCost": shared, "totalCost": sum(costs.values(), shared)}
    return {
        "name": f"{cluster}/{namespace}",
        "properties": {"cluster": cluster, "namespace": namespace},
        "window": _WINDOW,
        **_WINDOW,
        **{name: float(amount) for name, amount in figures.items()},
    }
