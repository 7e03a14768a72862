"""Costs are queried within limits, over a table that finds its months without help."""

from modules.aws.athena import Athena, AthenaConfig, AthenaOutputs
from modules.aws.cost_columns import TYPES, column, columns
from modules.aws.cost_report import CostReportOutputs
from modules.core.context import Context
from modules.core.iam import document as policy

import pytest
from cdktf import TerraformOutput, TerraformStack
from pydantic import ValidationError

from tests.support.platform import ACCESS_LOGS
from tests.support.synth import Synth, document, ref

REPORT = CostReportOutputs(
    bucket_name="costs", bucket_arn="arn:aws:s3:::costs", prefix="reports/costs/costs"
)


def made(stack: TerraformStack, ctx: Context) -> AthenaOutputs:
    return Athena(
        stack, "athena", ctx=ctx, config=AthenaConfig(), report=REPORT, access_logs=ACCESS_LOGS
    ).outputs


@pytest.fixture
def plan(stack: TerraformStack, ctx: Context) -> Synth:
    made(stack, ctx)
    return Synth(stack)


def test_no_client_escapes_the_workgroup_s_settings(plan: Synth) -> None:
    settings = plan.one("aws_athena_workgroup")["configuration"]

    assert settings["enforce_workgroup_configuration"] is True
    assert settings["bytes_scanned_cutoff_per_query"] == 50 * 1024**3
    results = settings["result_configuration"]
    assert results["encryption_configuration"] == {
        "encryption_option": "SSE_KMS",
        "kms_key_arn": ref(plan.address("aws_kms_key", "athena/results-key"), "arn"),
    }
    assert results["expected_bucket_owner"] == "333333333333"
    bucket = plan.address("aws_s3_bucket", "athena/results")
    assert results["output_location"] == f"s3://{ref(bucket, 'id')}/"


def test_results_are_closed_and_gone_in_a_week(plan: Synth) -> None:
    (rule,) = plan.one("aws_s3_bucket_lifecycle_configuration")["rule"]
    (deny,) = document(plan.one("aws_s3_bucket_policy")["policy"])["Statement"]

    assert rule["expiration"] == [{"days": 7}]
    assert plan.one("aws_s3_bucket_logging")["target_bucket"] == ACCESS_LOGS.bucket_name
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_table_finds_a_new_month_by_itself(plan: Synth) -> None:
    table = plan.one("aws_glue_catalog_table")

    assert table["partition_keys"] == [
        {"name": "year", "type": "string"},
        {"name": "month", "type": "string"},
    ]
    assert table["parameters"]["projection.enabled"] == "true"
    # AWS writes month=1, not month=01.
    assert "projection.month.digits" not in table["parameters"]
    assert table["parameters"]["projection.month.range"] == "1,12"
    assert not [address for address in plan.addresses if "crawler" in address]


def test_the_table_is_over_the_report_s_parquet_files(plan: Synth) -> None:
    storage = plan.one("aws_glue_catalog_table")["storage_descriptor"]

    assert storage["location"] == "s3://costs/reports/costs/costs/"
    assert storage["ser_de_info"]["serialization_library"].endswith("ParquetHiveSerDe")


def test_the_database_needs_no_quotes_in_a_query(plan: Synth) -> None:
    assert plan.one("aws_glue_catalog_database")["name"] == "ekp_prod_euw1_costs"


def test_the_table_has_what_opencost_asks_for(plan: Synth) -> None:
    found = plan.one("aws_glue_catalog_table")["storage_descriptor"]["columns"]

    types = {item["name"]: item["type"] for item in found}
    assert len(types) == len(found)
    asked = {
        "line_item_usage_start_date": "timestamp",
        "line_item_resource_id": "string",
        "bill_payer_account_id": "string",
        "line_item_usage_account_id": "string",
        "line_item_product_code": "string",
        "line_item_usage_type": "string",
        "product_region_code": "string",
        "line_item_availability_zone": "string",
        "line_item_line_item_type": "string",
        "line_item_unblended_cost": "double",
        "line_item_net_unblended_cost": "double",
        "reservation_effective_cost": "double",
        "reservation_net_effective_cost": "double",
        "savings_plan_savings_plan_effective_cost": "double",
        "savings_plan_net_savings_plan_effective_cost": "double",
        "resource_tags_aws_eks_cluster_name": "string",
        "resource_tags_user_eks_cluster_name": "string",
        "resource_tags_user_kubernetes_io_service_name": "string",
        "resource_tags_user_kubernetes_io_created_for_pvc_name": "string",
        "resource_tags_user_kubernetes_io_created_for_pv_name": "string",
    }
    assert asked.items() <= types.items()


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("user:CostCenter", "resource_tags_user_cost_center"),
        ("user:team", "resource_tags_user_team"),
        ("user:Cost Center", "resource_tags_user_cost_center"),
        ("user:app.kubernetes.io/name", "resource_tags_user_app_kubernetes_io_name"),
        ("aws:eks:cluster-name", "resource_tags_aws_eks_cluster_name"),
        ("user:ID", "resource_tags_user_i_d"),
    ],
)
def test_a_tag_is_the_column_that_aws_makes_of_it(tag: str, name: str) -> None:
    assert column(tag) == name


def test_the_organisation_s_tags_are_columns(plan: Synth, ctx: Context) -> None:
    found = plan.one("aws_glue_catalog_table")["storage_descriptor"]["columns"]

    own = {column(f"user:{tag}") for tag in ctx.tags if tag != "ManagedBy"}
    assert own <= {item["name"] for item in found}


def test_a_tag_that_is_added_moves_no_other_column() -> None:
    before, after = list(columns(["Owner"])), list(columns(["Owner", "Team"]))

    assert after == [*before, "resource_tags_user_team"]
    assert set(TYPES) <= set(before)


def test_two_tags_that_aws_puts_in_one_column_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"resource_tags_user_cost_center twice; remove one"):
        AthenaConfig(tags=("CostCenter", "Cost-Center"))


def test_whoever_queries_may_do_that_and_no_more(stack: TerraformStack, ctx: Context) -> None:
    TerraformOutput(stack, "policy", value=policy(*made(stack, ctx).statements))
    plan = Synth(stack)

    resolved = document(plan.outputs["policy"])["Statement"]
    found = {statement["Sid"]: statement for statement in resolved}

    assert len(found) == len(resolved)
    assert not [a for item in resolved for a in item["Action"] if "*" in a or "Delete" in a]
    assert not [r for item in resolved for r in item["Resource"] if r == "*"]
    group = plan.address("aws_athena_workgroup", "athena/workgroup")
    assert found["Queries"]["Resource"] == [ref(group, "arn")]
    assert [r.rpartition(":")[2].partition("/")[0] for r in found["Catalog"]["Resource"]] == [
        *("catalog", "database", "database", "table"),
    ]
    assert found["ReportFiles"]["Action"] == ["s3:GetObject"]
    assert found["ReportFiles"]["Resource"] == ["arn:aws:s3:::costs/reports/costs/costs/*"]
    written = [item["Sid"] for item in resolved if "s3:PutObject" in item["Action"]]
    assert written == ["ResultFiles"]
