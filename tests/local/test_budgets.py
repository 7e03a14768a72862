"""What moto's AWS Budgets lacks."""

from typing import Any

import pytest

from .conftest import Clients
from .edge import HOME
from .eks_cluster import refused

MAIL = [{"SubscriptionType": "EMAIL", "Address": "costs@example.com"}]
OVER = {
    "NotificationType": "ACTUAL",
    "ComparisonOperator": "GREATER_THAN",
    "Threshold": 80.0,
    "ThresholdType": "PERCENTAGE",
}


def settings(amount: str = "100") -> dict[str, Any]:
    limit = {"Amount": amount, "Unit": "USD"}
    kind = {"BudgetType": "COST", "TimeUnit": "MONTHLY"}
    return {"BudgetName": "platform", "BudgetLimit": limit, **kind}


@pytest.fixture
def budgets(clients: Clients, account: str) -> Any:
    """Give a client of an account that has one budget."""
    client = clients("budgets", region=HOME)
    client.create_budget(
        AccountId=account,
        Budget=settings(),
        NotificationsWithSubscribers=[{"Notification": OVER, "Subscribers": MAIL}],
        ResourceTags=[{"Key": "team", "Value": "platform"}],
    )
    return client


def test_a_budget_changes_and_keeps_its_period_and_its_notifications(
    budgets: Any, account: str
) -> None:
    before = budgets.describe_budget(AccountId=account, BudgetName="platform")["Budget"]

    budgets.update_budget(AccountId=account, NewBudget=settings("200"))

    after = budgets.describe_budget(AccountId=account, BudgetName="platform")["Budget"]
    assert after["BudgetLimit"]["Amount"] == "200"
    assert after["TimePeriod"] == before["TimePeriod"]
    found = budgets.describe_notifications_for_budget(AccountId=account, BudgetName="platform")
    assert found["Notifications"] == [OVER]


def test_a_notification_has_its_subscribers(budgets: Any, account: str) -> None:
    named = {"AccountId": account, "BudgetName": "platform"}

    found = budgets.describe_subscribers_for_notification(**named, Notification=OVER)

    assert found["Subscribers"] == MAIL
    with refused("NotFoundException", 400, "the notification doesn't exist"):
        budgets.describe_subscribers_for_notification(
            **named, Notification={**OVER, "Threshold": 90.0}
        )


def test_a_budget_has_tags(budgets: Any, account: str) -> None:
    arn = f"arn:aws:budgets::{account}:budget/platform"
    budgets.tag_resource(ResourceARN=arn, ResourceTags=[{"Key": "owner", "Value": "me"}])
    budgets.untag_resource(ResourceARN=arn, ResourceTagKeys=["team", "absent"])

    tags = budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"]

    assert tags == [{"Key": "owner", "Value": "me"}]
    with refused("NotFoundException", 400):
        budgets.list_tags_for_resource(ResourceARN=f"{arn}s")
