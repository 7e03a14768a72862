"""The report of costs is the payer's, delivered by AWS alone, and read by those who are named."""

from typing import Any

from modules.aws.cost_report import CostReport, CostReportConfig
from modules.core.context import Context
from modules.core.iam import Statement

import pytest
from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider
from pydantic import ValidationError

from tests.support.synth import Synth, document, ref

PAYER = "555555555555"
ROLE = f"arn:aws:iam::{PAYER}:role/billing"
READER = "arn:aws:iam::333333333333:role/ekp-prod-euw1-kubecost"


def synth(stack: TerraformStack, ctx: Context, **changes: Any) -> tuple[Synth, CostReport]:
    AwsProvider(stack, "aws", region=ctx.region)
    report = CostReport(
        stack,
        "costs",
        ctx=ctx,
        config=CostReportConfig(payer_account_id=PAYER, payer_role_arn=ROLE, **changes),
        readers=[READER],
        payer=AwsProvider(stack, "payer", alias="payer", region=ctx.region),
        billing=AwsProvider(stack, "billing", alias="billing", region="us-east-1"),
    )
    return Synth(stack), report


@pytest.fixture
def plan(stack: TerraformStack, ctx: Context) -> Synth:
    return synth(stack, ctx)[0]


@pytest.fixture
def admitted(plan: Synth) -> dict[str, Statement]:
    statements = document(plan.one("aws_s3_bucket_policy")["policy"])["Statement"]
    return {statement["Sid"]: statement for statement in statements}


def test_the_report_is_made_in_us_east_1_of_the_paying_account(plan: Synth) -> None:
    assert plan.one("aws_cur_report_definition")["provider"] == "aws.billing"


def test_the_bucket_is_the_payer_s_because_aws_delivers_to_no_other(plan: Synth) -> None:
    assert plan.one("aws_s3_bucket")["bucket"] == f"ekp-prod-euw1-{PAYER}-costs"
    kinds = {address: found for address, found in plan.resources().items() if "s3" in address}
    assert len(kinds) == 7
    assert {found["provider"] for found in kinds.values()} == {"aws.payer"}
    report = plan.one("aws_cur_report_definition")
    bucket = plan.address("aws_s3_bucket", "costs/bucket")
    assert (report["s3_bucket"], report["s3_region"]) == (ref(bucket, "id"), "eu-west-1")


def test_athena_can_read_the_report_and_it_names_resources(plan: Synth) -> None:
    report = plan.one("aws_cur_report_definition")

    assert (report["format"], report["compression"]) == ("Parquet", "Parquet")
    assert report["additional_artifacts"] == ["ATHENA"]
    assert report["additional_schema_elements"] == ["RESOURCES"]
    assert report["report_versioning"] == "OVERWRITE_REPORT"
    assert report["time_unit"] == "DAILY"


def test_the_report_is_made_when_aws_may_deliver_it(plan: Synth) -> None:
    policy = plan.address("aws_s3_bucket_policy", "costs/bucket/policy")

    assert policy in plan.one("aws_cur_report_definition")["depends_on"]


def test_hours_are_to_be_had(stack: TerraformStack, ctx: Context) -> None:
    plan, _ = synth(stack, ctx, time_unit="HOURLY")

    assert plan.one("aws_cur_report_definition")["time_unit"] == "HOURLY"


def test_readers_are_told_where_aws_writes_months(stack: TerraformStack, ctx: Context) -> None:
    plan, report = synth(stack, ctx)

    made = plan.one("aws_cur_report_definition")
    name = made["report_name"]
    assert report.outputs.prefix == f"{made['s3_prefix']}/{name}/{name}"


@pytest.mark.parametrize("sid", ["BillingChecks", "BillingDelivers"])
def test_the_billing_service_acts_for_the_payer_s_reports_alone(
    admitted: dict[str, Statement], sid: str
) -> None:
    assert admitted[sid]["Principal"] == {"Service": "billingreports.amazonaws.com"}
    assert admitted[sid]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": PAYER},
        "StringLike": {"aws:SourceArn": f"arn:aws:cur:us-east-1:{PAYER}:definition/*"},
    }


@pytest.mark.parametrize(
    ("sid", "actions"),
    [
        ("ReadersList", ["s3:GetBucketLocation", "s3:ListBucket"]),
        ("ReadersRead", ["s3:GetObject"]),
    ],
)
def test_the_roles_that_are_named_read_and_nobody_else(
    admitted: dict[str, Statement], sid: str, actions: list[str]
) -> None:
    assert admitted[sid]["Action"] == actions
    assert admitted[sid]["Principal"] == {"AWS": "arn:aws:iam::333333333333:root"}
    assert admitted[sid]["Condition"] == {"ArnEquals": {"aws:PrincipalArn": [READER]}}


def test_nobody_else_is_admitted(admitted: dict[str, Statement]) -> None:
    assert set(admitted) == {
        *("DenyPlainHttp", "BillingChecks", "BillingDelivers", "ReadersList", "ReadersRead"),
    }


def test_a_role_of_another_account_than_the_payer_is_refused() -> None:
    role = "arn:aws:iam::333333333333:role/billing"

    with pytest.raises(ValidationError, match=r"is in account 333333333333, the payer is 555555"):
        CostReportConfig(payer_account_id=PAYER, payer_role_arn=role)
