"""Kubecost's answers for tests: only what a test is about, in the API's own shape."""

import json
from collections.abc import Mapping
from decimal import Decimal

from ekp.cost.accounts import Payer, Place
from ekp.cost.answer import Answer, read_answer

CLUSTER = "ekp-prod-euw1-eks"
SECOND = "ekp-prod-use1-eks"
HUB = "ekp-management-euw1-eks"
FIRST_HALF = ("2026-11-01T00:00:00Z", "2026-11-16T00:00:00Z")
SECOND_HALF = ("2026-11-16T00:00:00Z", "2026-12-01T00:00:00Z")


def text(
    totals: Mapping[str, str | Mapping[str, object]],
    window: tuple[str, str] = FIRST_HALF,
    data: tuple[str, str] | None = None,
) -> str:
    """Return an answer; rows by ``cluster/namespace``, a figure alone is what CPU cost."""
    start, end = window
    since, until = data or window
    rows = {}
    for name, row in totals.items():
        figures = row if isinstance(row, Mapping) else {"cpuCost": float(row)}
        rows[name] = {
            "name": name,
            "window": {"start": start, "end": end},
            "start": since,
            "end": until,
            "totalCost": sum(v for k, v in figures.items() if isinstance(v, float)),
            **figures,
        }
    return json.dumps({"code": 200, "data": [rows]})


def answer(
    totals: Mapping[str, str | Mapping[str, object]],
    window: tuple[str, str] = FIRST_HALF,
    data: tuple[str, str] | None = None,
) -> Answer:
    """Return the same as a value."""
    return read_answer(text(totals, window, data), "answer.json")


def payer(tenant: str, *namespaces: str, budget: str | None = None) -> Payer:
    """Return a tenant that pays."""
    return Payer(
        tenant=tenant,
        owner=f"{tenant}@example.org",
        cost_center=f"cc-{tenant}",
        namespaces=namespaces or (tenant,),
        monthly_budget=Decimal(budget) if budget else None,
    )


def place(*payers: Payer) -> Place:
    """Return production with two clusters."""
    return Place(
        environment="prod",
        owner="platform",
        cost_center="cc-1003",
        clusters=(CLUSTER, SECOND),
        payers=payers,
    )


HUB_PLACE = Place(
    environment="management", owner="platform", cost_center="cc-1004", clusters=(HUB,)
)
