"""Terraform with the real AWS provider: a budget on the local AWS."""

from pathlib import Path
from typing import Any

from ekp.local.process import LocalAws

from .conftest import Clients
from .edge import HOME
from .stack_parts import stack
from .terraform import terraform

MAIL = "costs@example.com"


def notification(percent: int, kind: str, *addresses: str) -> dict[str, Any]:
    return {
        "comparison_operator": "GREATER_THAN",
        "threshold": percent,
        "threshold_type": "PERCENTAGE",
        "notification_type": kind,
        "subscriber_email_addresses": list(addresses),
    }


def budget(amount: str, owner: str, *notifications: dict[str, Any]) -> dict[str, Any]:
    return {
        "aws_budgets_budget": {
            "main": {
                "name": "platform",
                "budget_type": "COST",
                "limit_amount": amount,
                "limit_unit": "USD",
                "time_unit": "MONTHLY",
                "cost_filter": [{"name": "TagKeyValue", "values": ["user:Environment$dev"]}],
                "notification": list(notifications),
                "tags": {"Owner": owner},
            }
        }
    }


def test_a_budget_is_applied_changed_imported_and_destroyed(
    aws: LocalAws, clients: Clients, account: str, tmp_path: Path
) -> None:
    main, other = terraform(aws, tmp_path / "main"), terraform(aws, tmp_path / "other")
    budgets = clients("budgets", region=HOME)
    first = budget("100.0", "me", notification(80, "ACTUAL", MAIL))
    second = budget(
        "200.0",
        "you",
        notification(90, "ACTUAL", MAIL, f"two-{MAIL}"),
        notification(100, "FORECASTED", MAIL),
    )

    main.write(stack(account, "eu-west-1", first))
    main.init()
    main.apply()
    assert main.is_settled()

    main.write(stack(account, "eu-west-1", second))
    main.apply()
    assert main.is_settled()
    (found,) = budgets.describe_budgets(AccountId=account)["Budgets"]
    assert found["BudgetLimit"] == {"Amount": "200.0", "Unit": "USD"}

    imported = [{"to": "aws_budgets_budget.main", "id": f"{account}:platform"}]
    other.write(stack(account, "eu-west-1", second), **{"import": imported})
    other.init()
    assert other.changes() == {}

    main.destroy()
    assert budgets.describe_budgets(AccountId=account)["Budgets"] == []
