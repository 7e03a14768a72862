"""The columns of the Cost and Usage Report as Athena knows them."""

import re
from collections.abc import Iterable, Mapping

# What OpenCost's Athena integration asks for, on which Kubecost's cloud costs rest
# (pkg/cloud/aws/athenaintegration.go and provider.go), and what tells a person more of a line.
# Parquet is read by name: a column that a month's files lack, such as that of a discount nobody
# has, is null, and OpenCost counts with that.
TYPES: Mapping[str, str] = {
    "identity_line_item_id": "string",
    "bill_payer_account_id": "string",
    "bill_billing_period_start_date": "timestamp",
    "line_item_usage_account_id": "string",
    "line_item_line_item_type": "string",
    "line_item_usage_start_date": "timestamp",
    "line_item_usage_end_date": "timestamp",
    "line_item_product_code": "string",
    "line_item_usage_type": "string",
    "line_item_operation": "string",
    "line_item_availability_zone": "string",
    "line_item_resource_id": "string",
    "line_item_usage_amount": "double",
    "line_item_line_item_description": "string",
    "line_item_unblended_cost": "double",
    "line_item_net_unblended_cost": "double",
    "product_region_code": "string",
    "pricing_public_on_demand_cost": "double",
    "reservation_reservation_a_r_n": "string",
    "reservation_effective_cost": "double",
    "reservation_net_effective_cost": "double",
    "savings_plan_savings_plan_a_r_n": "string",
    "savings_plan_savings_plan_rate": "double",
    "savings_plan_savings_plan_effective_cost": "double",
    "savings_plan_net_savings_plan_effective_cost": "double",
}
# The tags by which OpenCost knows what belongs to a cluster (TagColumnsIsK8sCUR10, there).
KUBERNETES_TAGS = (
    "aws:eks:cluster-name",
    "user:eks:cluster-name",
    "user:kubernetes.io/service-name",
    "user:kubernetes.io/created-for/pvc/name",
    "user:kubernetes.io/created-for/pv/name",
)


def column(tag: str) -> str:
    """Return the column of a tag such as ``user:CostCenter``: ``resource_tags_user_cost_center``.

    Source: Cost and Usage Reports user guide, "Querying using Amazon Athena", column names.
    """
    spread = re.sub(r"([A-Z])", r"_\1", f"resourceTags/{tag}").lower()
    return re.sub(r"[^a-z0-9]+", "_", spread).strip("_")


def columns(tags: Iterable[str]) -> dict[str, str]:
    """Return every column with its type; ``tags`` are keys of the organisation's own tags."""
    wanted = (*KUBERNETES_TAGS, *(f"user:{tag}" for tag in tags))
    return {**TYPES, **{column(tag): "string" for tag in wanted}}
