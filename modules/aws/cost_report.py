"""The Cost and Usage Report of the paying account, and the bucket that AWS delivers it to."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from cdktf import TerraformProvider
from cdktf_cdktf_provider_aws.cur_report_definition import CurReportDefinition
from constructs import Construct
from pydantic import model_validator

from ..core.config import Config
from ..core.context import AccountId, Context, RoleArn
from ..core.iam import Conditions, Statement, allow_principal
from .bucket import Bucket, BucketConfig

# Source: Billing user guide, "Cost and Usage Report service endpoint": there is one.
HOME = "us-east-1"
FOLDER = "reports"


class TimeUnit(StrEnum):
    """How finely a report cuts time."""

    DAILY = "DAILY"
    """A line for each resource and day: what Kubecost asks for, a 24th of the data."""
    HOURLY = "HOURLY"


class CostReportConfig(Config):
    """Settings of the report."""

    payer_account_id: AccountId
    """The account that pays for the organisation: no other has the whole report."""
    payer_role_arn: RoleArn
    """Role of the paying account that Terraform assumes; it may make a report and a bucket."""
    time_unit: TimeUnit = TimeUnit.DAILY
    """Whether the report has a row a day or an hour."""
    bucket: BucketConfig = BucketConfig(retention_days=400)
    """The bucket of the reports; AWS writes the files of a month again until its bill is final."""

    @model_validator(mode="after")
    def role_is_in_the_account(self) -> Self:
        """Refuse a role of another account: the report would be that account's own."""
        if (found := self.payer_role_arn.split(":")[4]) != self.payer_account_id:
            raise ValueError(
                f"payer_role_arn is in account {found}, the payer is {self.payer_account_id}; "
                "name a role of the paying account"
            )
        return self


@dataclass(frozen=True, slots=True)
class CostReportOutputs:
    """Where the report lies."""

    bucket_name: str
    bucket_arn: str
    prefix: str
    """What the keys of the Parquet files begin with, before ``/year=``."""


class CostReport(Construct):
    """The report ``<prefix>-costs`` as Parquet, with resources, for Athena.

    The bucket is the payer's: AWS delivers to no bucket of another account (Cost and Usage Reports
    user guide, "Using Cost and Usage Reports for AWS Organizations"). ``readers`` are roles of the
    layer's account, which need not exist yet.

    ``payer`` acts in the paying account in the layer's region, ``billing`` there in us-east-1.
    """

    outputs: CostReportOutputs

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: CostReportConfig,
        readers: Sequence[str],
        payer: TerraformProvider,
        billing: TerraformProvider,
    ) -> None:
        super().__init__(scope, id_)
        account = config.payer_account_id
        bucket = Bucket(
            self,
            "bucket",
            ctx=ctx.model_copy(update={"account_id": account}),
            name="costs",
            config=config.bucket,
            provider=payer,
        )
        name = ctx.name("costs")
        folder = f"{FOLDER}/{name}"
        bucket.admit(
            *_billing_delivers(ctx, account, bucket.outputs.arn),
            *_readers_read(ctx, readers, bucket.outputs.arn, folder),
        )
        CurReportDefinition(
            self,
            "Resource",
            provider=billing,
            report_name=name,
            time_unit=config.time_unit,
            format="Parquet",
            compression="Parquet",
            additional_schema_elements=["RESOURCES"],
            # The one that lays the files out by year and month.
            additional_artifacts=["ATHENA"],
            report_versioning="OVERWRITE_REPORT",
            refresh_closed_reports=True,
            s3_bucket=bucket.outputs.name,
            s3_prefix=FOLDER,
            s3_region=ctx.region,
            tags={"Name": name},
            # AWS checks on creation whether it may deliver.
            depends_on=bucket.ready,
        )
        self.outputs = CostReportOutputs(
            bucket_name=bucket.outputs.name,
            bucket_arn=bucket.outputs.arn,
            prefix=f"{folder}/{name}",
        )


def _billing_delivers(ctx: Context, account: str, bucket_arn: str) -> tuple[Statement, ...]:
    # Source: Cost and Usage Reports user guide, "Setting up an Amazon S3 bucket": AWS looks before
    # each delivery whether the payer still owns the bucket.
    service = {"Service": "billingreports.amazonaws.com"}
    own: Conditions = {
        "StringEquals": {"aws:SourceAccount": account},
        "StringLike": {
            "aws:SourceArn": f"arn:{ctx.partition}:cur:{HOME}:{account}:definition/*",
        },
    }
    return (
        allow_principal(
            "BillingChecks",
            service,
            ["s3:GetBucketAcl", "s3:GetBucketPolicy"],
            resources=[bucket_arn],
            conditions=own,
        ),
        allow_principal(
            "BillingDelivers",
            service,
            ["s3:PutObject"],
            resources=[f"{bucket_arn}/*"],
            conditions=own,
        ),
    )


def _readers_read(
    ctx: Context, readers: Sequence[str], bucket_arn: str, folder: str
) -> tuple[Statement, ...]:
    # S3 refuses a policy that names a role that does not exist; a condition waits for it.
    account = {"AWS": f"arn:{ctx.partition}:iam::{ctx.account_id}:root"}
    named: Conditions = {"ArnEquals": {"aws:PrincipalArn": list(readers)}}
    return (
        allow_principal(
            "ReadersList",
            account,
            ["s3:GetBucketLocation", "s3:ListBucket"],
            resources=[bucket_arn],
            conditions=named,
        ),
        allow_principal(
            "ReadersRead",
            account,
            ["s3:GetObject"],
            resources=[f"{bucket_arn}/{folder}/*"],
            conditions=named,
        ),
    )
