"""Cost and Usage Reports, which moto lacks."""

from typing import Any

import pytest

from .conftest import REGION, Clients
from .edge import HOME, document, statement
from .eks_cluster import refused

SERVICE = "billingreports.amazonaws.com"
TEAM = [{"Key": "team", "Value": "platform"}]


@pytest.fixture
def cur(clients: Clients) -> Any:
    return clients("cur", region=HOME)


def make_bucket(s3: Any, name: str, *actions: str) -> str:
    """Make a bucket that lets the billing service do something."""
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    admitted = statement(SERVICE, list(actions), f"arn:aws:s3:::{name}*")
    s3.put_bucket_policy(Bucket=name, Policy=document(admitted))
    return name


@pytest.fixture
def bucket(clients: Clients, account: str) -> str:
    return make_bucket(clients("s3"), f"costs-{account}", "s3:GetBucket*", "s3:PutObject")


def report(bucket: str, **changes: Any) -> dict[str, Any]:
    settings = {
        "ReportName": "costs",
        "TimeUnit": "DAILY",
        "Format": "Parquet",
        "Compression": "Parquet",
        "AdditionalSchemaElements": ["RESOURCES"],
        "AdditionalArtifacts": ["ATHENA"],
        "ReportVersioning": "OVERWRITE_REPORT",
        "S3Bucket": bucket,
        "S3Prefix": "reports",
        "S3Region": REGION,
    }
    return settings | changes


def test_a_report_is_made_changed_and_deleted(cur: Any, bucket: str) -> None:
    cur.put_report_definition(ReportDefinition=report(bucket), Tags=TEAM)
    assert cur.describe_report_definitions()["ReportDefinitions"] == [report(bucket)]

    hourly = report(bucket, TimeUnit="HOURLY")
    cur.modify_report_definition(ReportName="costs", ReportDefinition=hourly)
    assert cur.describe_report_definitions()["ReportDefinitions"] == [hourly]

    with refused("DuplicateReportNameException", 400):
        cur.put_report_definition(ReportDefinition=report(bucket))
    with refused("ValidationException", 400, "ReportName cannot be changed"):
        cur.modify_report_definition(
            ReportName="costs", ReportDefinition=report(bucket, ReportName="other")
        )
    cur.delete_report_definition(ReportName="costs")
    assert cur.describe_report_definitions()["ReportDefinitions"] == []
    with refused("ValidationException", 400, "Report name costs does not exist"):
        cur.delete_report_definition(ReportName="costs")


def test_a_report_has_tags_until_it_is_deleted(
    cur: Any, clients: Clients, bucket: str, account: str
) -> None:
    cur.put_report_definition(ReportDefinition=report(bucket), Tags=TEAM)
    cur.tag_resource(ReportName="costs", Tags=[{"Key": "owner", "Value": "me"}])
    cur.untag_resource(ReportName="costs", TagKeys=["team"])

    assert cur.list_tags_for_resource(ReportName="costs")["Tags"] == [
        {"Key": "owner", "Value": "me"}
    ]
    tagging = clients("resourcegroupstaggingapi", region=HOME)
    (found,) = tagging.get_resources(ResourceTypeFilters=["cur"])["ResourceTagMappingList"]
    assert found["ResourceARN"] == f"arn:aws:cur:us-east-1:{account}:definition/costs"
    cur.delete_report_definition(ReportName="costs")
    with refused("ResourceNotFoundException", 400):
        cur.list_tags_for_resource(ReportName="costs")
    cur.put_report_definition(ReportDefinition=report(bucket))
    assert cur.list_tags_for_resource(ReportName="costs")["Tags"] == []


@pytest.mark.parametrize(
    ("name", "actions", "region"),
    [
        ("absent", None, REGION),
        ("unwritable", ["s3:GetBucket*"], REGION),
        ("unchecked", ["s3:PutObject"], REGION),
        ("elsewhere", ["s3:GetBucket*", "s3:PutObject"], "eu-central-1"),
    ],
)
def test_a_report_needs_a_bucket_that_the_billing_service_may_use(
    clients: Clients, account: str, name: str, actions: list[str] | None, region: str
) -> None:
    cur, bucket = clients("cur", region=HOME), f"{name}-{account}"
    if actions:
        make_bucket(clients("s3"), bucket, *actions)

    with refused("ValidationException", 400, f"bucket name: {bucket}, bucket region: {region}"):
        cur.put_report_definition(ReportDefinition=report(bucket, S3Region=region))


def test_a_report_goes_to_no_bucket_of_another_account(
    clients: Clients, bucket: str, account: str
) -> None:
    other = clients("cur", region=HOME, account=str(int(account) + 500_000))

    with refused("ValidationException", 400, "Failed to verify customer bucket permission"):
        other.put_report_definition(ReportDefinition=report(bucket))


@pytest.mark.parametrize(
    "changes",
    [{"Format": "textORcsv"}, {"ReportVersioning": "CREATE_NEW_REPORT"}, {"S3Prefix": ""}],
    ids=str,
)
def test_athena_takes_parquet_that_is_overwritten_under_a_prefix(
    cur: Any, bucket: str, changes: dict[str, str]
) -> None:
    (setting,) = changes
    with refused("ValidationException", 400, f"{setting} cannot be had with ATHENA"):
        cur.put_report_definition(ReportDefinition=report(bucket, **changes))


def test_reports_are_in_us_east_1_alone(clients: Clients) -> None:
    with refused("LocalAwsNotImplemented", 501, "cur:DescribeReportDefinitions"):
        clients("cur").describe_report_definitions()
