"""What moto's AWS Budgets lacks: changes, subscribers and tags."""

import json

from moto.budgets.exceptions import NotFoundException
from moto.budgets.models import Budget, Notification
from moto.budgets.responses import BudgetsResponse

Tags = dict[str, str]


def install() -> None:
    """Add the operations; a second call changes nothing."""
    BudgetsResponse.create_budget = _create_budget  # type: ignore[method-assign] # no other hook
    for operation in (
        _describe_subscribers_for_notification,
        _list_tags_for_resource,
        _tag_resource,
        _untag_resource,
        _update_budget,
    ):
        setattr(BudgetsResponse, operation.__name__.removeprefix("_"), operation)


_moto_create_budget = BudgetsResponse.create_budget


def _budget(self: BudgetsResponse, name: str) -> Budget:
    found = self.backend.budgets[self.current_account].get(name)
    if found is None:
        raise NotFoundException(f"Unable to get budget: {name} - the budget doesn't exist.")
    return found


def _create_budget(self: BudgetsResponse) -> str:
    answer = _moto_create_budget(self)
    tags = {tag["Key"]: tag["Value"] for tag in self._get_param("ResourceTags", [])}
    _budget(self, self._get_param("Budget")["BudgetName"]).resource_tags = tags  # type: ignore[attr-defined] # gone with the budget
    return answer


def _update_budget(self: BudgetsResponse) -> str:
    wanted = self._get_param("NewBudget")
    budget = _budget(self, wanted["BudgetName"])
    # A budget keeps its period unless another is named. Source: Budgets API, UpdateBudget.
    budget.budget = {"TimePeriod": budget.budget["TimePeriod"], **wanted}
    return "{}"


def _describe_subscribers_for_notification(self: BudgetsResponse) -> str:
    budget = _budget(self, self._get_param("BudgetName"))
    return json.dumps({"Subscribers": _notification(self, budget).subscribers})


def _notification(self: BudgetsResponse, budget: Budget) -> Notification:
    details = self._get_param("Notification")
    for notification in budget.notifications:
        if notification.details == details:
            return notification
    raise NotFoundException("Unable to get subscribers - the notification doesn't exist.")


def _tags(self: BudgetsResponse) -> Tags:
    name = self._get_param("ResourceARN").partition(":budget/")[2]
    tags: Tags = _budget(self, name).resource_tags  # type: ignore[attr-defined] # set above
    return tags


def _list_tags_for_resource(self: BudgetsResponse) -> str:
    tags = [{"Key": key, "Value": value} for key, value in _tags(self).items()]
    return json.dumps({"ResourceTags": tags})


def _tag_resource(self: BudgetsResponse) -> str:
    _tags(self).update({tag["Key"]: tag["Value"] for tag in self._get_param("ResourceTags")})
    return "{}"


def _untag_resource(self: BudgetsResponse) -> str:
    tags = _tags(self)
    for key in self._get_param("ResourceTagKeys"):
        tags.pop(key, None)
    return "{}"
