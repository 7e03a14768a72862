"""Kubecost's recommendations: what containers could ask for, and what that saves a month.

Source: Kubecost, "Container Request Right Sizing Recommendation API".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .accounts import Place
from .document import read_document
from .errors import AnswerError
from .question import recommendations_curl
from .shares import to_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What one container of a workload should ask for."""

    environment: str
    """Empty where the settings do not name the cluster."""
    cluster: str
    tenant: str | None
    """None: the platform."""
    namespace: str
    workload: str
    """Its kind and name, such as ``rollout/catalog``; a service's is called as the service."""
    container: str
    cpu: tuple[str, str]
    """What it asks for, and what it should."""
    memory: tuple[str, str]
    monthly_saving: Decimal
    """US dollars, whole cents; below zero where it asks for too little."""


def read_recommendations(
    content: bytes | str, source: str, places: Sequence[Place]
) -> tuple[Recommendation, ...]:
    """Return recommendations that change what is paid, those that save most first.

    Raises:
        AnswerError: it is no answer of that API.
    """
    found = read_document(content, source, remedy=recommendations_curl())
    # Newer ones come with their sum and count around them.
    rows = found.get("Recommendations") if isinstance(found, dict) else found
    if rows is None and isinstance(found, dict) and found.get("Count") == 0:
        rows = []
    if not isinstance(rows, list):
        raise AnswerError(
            f"{source} is not an answer of Kubecost's request sizing API: it holds no list of"
            " Recommendations.",
            remedy=recommendations_curl(),
        )
    homes = {cluster: place for place in places for cluster in place.clusters}
    try:
        every = [_recommendation(row, homes) for row in rows]
    except (KeyError, TypeError, AttributeError, ArithmeticError) as error:
        reason = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
        raise AnswerError(
            f"{source} is not an answer of Kubecost's request sizing API: {reason}.",
            remedy=recommendations_curl(),
        ) from error
    return tuple(sorted((one for one in every if one.monthly_saving), key=_order))


def _recommendation(row: Mapping[str, Any], homes: Mapping[str, Place]) -> Recommendation:
    cluster, namespace = str(row["clusterID"]), str(row["namespace"])
    place = homes.get(cluster)
    savings, now, wanted = (
        row["monthlySavings"],
        row.get("latestKnownRequest") or {},
        row["recommendedRequest"],
    )
    return Recommendation(
        environment=place.environment if place else "",
        cluster=cluster,
        tenant=place.payer(namespace) if place else None,
        namespace=namespace,
        workload=f"{row['controllerKind']}/{row['controllerName']}",
        container=str(row["containerName"]),
        cpu=(str(now.get("cpu", "")), str(wanted["cpu"])),
        memory=(str(now.get("memory", "")), str(wanted["memory"])),
        monthly_saving=to_cents(Decimal(savings["cpu"]) + Decimal(savings["memory"])),
    )


def _order(one: Recommendation) -> tuple[object, ...]:
    return (
        -one.monthly_saving,
        one.environment,
        one.cluster,
        one.namespace,
        one.workload,
        one.container,
    )
