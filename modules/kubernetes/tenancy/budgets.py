"""Budgets of tenants as Kubecost takes them, which looks at all clusters together."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ...core.fleet import Delivered
from ...core.tenants import Tenancy

# Of the budget; Kubecost looks every eight hours.
_TOLD_AT = (80, 100)


def budgets(delivered: Sequence[Delivered], *, mailed: bool) -> list[dict[str, Any]]:
    """Return ``kubecostProductConfigs.budgets.budgetsConfig``: one budget a tenant.

    It is of the tenant's namespaces, in all clusters: its environments' budgets together, and none
    where one of them has none. How a budget of namespaces in some clusters alone would be written
    is not documented; ``ekp cost`` tells by environment. Kubecost adds these to its budgets and
    forgets none: those of a tenant that is gone are deleted in its pages.
    Source: kubecost 3.2.1, ``values.yaml``; kubecost/kubecost#4404.

    Args:
        delivered: environments with their tenants.
        mailed: whether Kubecost sends by a mail server of ours and not by its maker's; then owners
            are told whose name is a mail address.
    """
    known: dict[str, list[Tenancy]] = defaultdict(list)
    for environment in delivered:
        for tenancy in environment.tenancies:
            known[tenancy.name].append(tenancy)
    return [
        _budget(found[0], most, mailed=mailed)
        for _, found in sorted(known.items())
        if (most := _together(found)) is not None
    ]


def _together(tenancies: Sequence[Tenancy]) -> Decimal | None:
    each = [one.settings.monthly_budget for one in tenancies]
    return None if None in each else sum((one for one in each if one), Decimal(0))


def _budget(tenancy: Tenancy, most: Decimal, *, mailed: bool) -> dict[str, Any]:
    owner = tenancy.tenant.owner
    told = mailed and "@" in owner
    return {
        "name": tenancy.name,
        "budgetType": "allocations",
        "interval": "monthly",
        "intervalDay": 1,
        "spendLimit": float(most),
        "values": {"namespace": list(tenancy.namespaces)},
        "actions": [
            {"percentage": percent, "emails": [owner]} for percent in (_TOLD_AT if told else ())
        ],
    }
