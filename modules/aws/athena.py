"""How the Cost and Usage Report is queried: an Athena workgroup and a table over its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from cdktf_cdktf_provider_aws.athena_workgroup import (
    AthenaWorkgroup,
    AthenaWorkgroupConfiguration,
    AthenaWorkgroupConfigurationResultConfiguration,
    AthenaWorkgroupConfigurationResultConfigurationEncryptionConfiguration,
)
from cdktf_cdktf_provider_aws.glue_catalog_database import GlueCatalogDatabase
from cdktf_cdktf_provider_aws.glue_catalog_table import (
    GlueCatalogTable,
    GlueCatalogTablePartitionKeys,
    GlueCatalogTableStorageDescriptor,
    GlueCatalogTableStorageDescriptorColumns,
    GlueCatalogTableStorageDescriptorSerDeInfo,
)
from constructs import Construct
from pydantic import Field, model_validator

from ..core.config import Config, named_once
from ..core.context import Context, TagValue
from ..core.iam import Statement, allow
from .access_logs import AccessLogsOutputs
from .bucket import Bucket, BucketConfig, BucketOutputs, used_for
from .cost_columns import column, columns
from .cost_report import CostReportOutputs
from .kms import Key, KeyConfig

GIB = 2**30
TABLE = "cost_and_usage"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
# Athena works out the partitions by itself: a crawler would need a role, a schedule and a day
# before it sees a month, and would take the types of columns from whatever it finds.
# The keys are strings, as OpenCost compares them; AWS writes months without a leading zero.
PROJECTION: Mapping[str, str] = {
    "projection.enabled": "true",
    "projection.year.type": "integer",
    "projection.year.range": "2020,2049",
    "projection.month.type": "integer",
    "projection.month.range": "1,12",
}


class AthenaConfig(Config):
    """Settings of queries."""

    gib_scanned_per_query: int = Field(default=50, ge=1)
    """GiB after which Athena stops a query: it bills by what a query reads."""
    results: BucketConfig = BucketConfig(retention_days=7)
    """The bucket of results; they can be had again by the same query."""
    tags: tuple[TagValue, ...] = ("Project", "Environment", "Owner", "CostCenter")
    """Keys of tags that are columns of the table, once the payer activates them as cost allocation
    tags (Billing user guide, "Activating user-defined cost allocation tags")."""

    @model_validator(mode="after")
    def columns_differ(self) -> Self:
        """Refuse two tags that AWS puts in one column: Glue takes each name once."""
        named_once("tags", [column(f"user:{tag}") for tag in self.tags])
        return self


@dataclass(frozen=True, slots=True)
class AthenaOutputs:
    """What whoever queries the costs needs."""

    workgroup: str
    database: str
    table: str
    results_bucket: str
    statements: tuple[Statement, ...]
    """What a role needs to query the table, to the files of the report."""


class Athena(Construct):
    """The workgroup ``<prefix>-costs``, the bucket of its results, and the report's table."""

    outputs: AthenaOutputs

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: AthenaConfig,
        report: CostReportOutputs,
        access_logs: AccessLogsOutputs,
    ) -> None:
        super().__init__(scope, id_)
        results = self._results(ctx, config, access_logs)
        workgroup = self._workgroup(ctx, config, results)
        database = GlueCatalogDatabase(
            self,
            "database",
            # A hyphen would have to be quoted in every query.
            name=ctx.name("costs").replace("-", "_"),
            description=f"Costs of the organisation, for {ctx.prefix}",
            tags={"Name": ctx.name("costs")},
        )
        table = self._table(database.name, config, report)
        self.outputs = AthenaOutputs(
            workgroup=workgroup.name,
            database=database.name,
            table=table.name,
            results_bucket=results.outputs.name,
            statements=(
                _may_query(workgroup.arn),
                _may_read_catalog(ctx, database.name),
                *_may_write_results(results.outputs),
                *_may_read_report(report),
            ),
        )

    def _results(
        self, ctx: Context, config: AthenaConfig, access_logs: AccessLogsOutputs
    ) -> Bucket:
        name = "cost-queries"
        about = f"Results of queries of costs, for {ctx.prefix}"
        key = Key(self, "results-key", ctx=ctx, name=name, config=KeyConfig(description=about))
        results = Bucket(
            self, "results", ctx=ctx, name=name, config=config.results, key_arn=key.outputs.arn
        )
        results.admit()
        results.log_accesses(access_logs.bucket_name, after=access_logs.ready)
        return results

    def _workgroup(self, ctx: Context, config: AthenaConfig, results: Bucket) -> AthenaWorkgroup:
        encryption = AthenaWorkgroupConfigurationResultConfigurationEncryptionConfiguration
        return AthenaWorkgroup(
            self,
            "workgroup",
            name=ctx.name("costs", limit=128),
            description=f"Queries of costs, for {ctx.prefix}",
            # What would be lost is the history of queries.
            force_destroy=True,
            configuration=AthenaWorkgroupConfiguration(
                # Otherwise a client chooses where results go, and whether they are encrypted.
                enforce_workgroup_configuration=True,
                bytes_scanned_cutoff_per_query=config.gib_scanned_per_query * GIB,
                publish_cloudwatch_metrics_enabled=True,
                result_configuration=AthenaWorkgroupConfigurationResultConfiguration(
                    output_location=f"s3://{results.outputs.name}/",
                    expected_bucket_owner=ctx.account_id,
                    encryption_configuration=encryption(
                        encryption_option="SSE_KMS", kms_key_arn=results.outputs.key_arn
                    ),
                ),
            ),
            tags={"Name": ctx.name("costs")},
            depends_on=results.ready,
        )

    def _table(
        self, database: str, config: AthenaConfig, report: CostReportOutputs
    ) -> GlueCatalogTable:
        return GlueCatalogTable(
            self,
            "table",
            database_name=database,
            name=TABLE,
            table_type="EXTERNAL_TABLE",
            parameters={"EXTERNAL": "TRUE", "classification": "parquet", **PROJECTION},
            partition_keys=[
                GlueCatalogTablePartitionKeys(name=key, type="string") for key in ("year", "month")
            ],
            storage_descriptor=GlueCatalogTableStorageDescriptor(
                location=f"s3://{report.bucket_name}/{report.prefix}/",
                input_format=f"{PARQUET}.MapredParquetInputFormat",
                output_format=f"{PARQUET}.MapredParquetOutputFormat",
                ser_de_info=GlueCatalogTableStorageDescriptorSerDeInfo(
                    serialization_library=f"{PARQUET}.serde.ParquetHiveSerDe",
                    parameters={"serialization.format": "1"},
                ),
                columns=[
                    GlueCatalogTableStorageDescriptorColumns(name=name, type=type_)
                    for name, type_ in columns(config.tags).items()
                ],
            ),
        )


def _may_query(workgroup_arn: str) -> Statement:
    # Source: OpenCost, pkg/cloud/aws/athenaquerier.go, and Athena user guide, "Example workgroup
    # policies".
    actions = [
        "athena:GetQueryExecution",
        "athena:GetQueryResults",
        "athena:GetWorkGroup",
        "athena:StartQueryExecution",
        "athena:StopQueryExecution",
    ]
    return allow("Queries", actions, [workgroup_arn])


def _may_read_catalog(ctx: Context, database: str) -> Statement:
    # Athena looks at the database "default" whatever the query is about. Source: Athena user guide,
    # "Configure access to databases and tables in the AWS Glue Data Catalog".
    catalog = f"arn:{ctx.partition}:glue:{ctx.region}:{ctx.account_id}"
    return allow(
        "Catalog",
        [
            "glue:GetDatabase",
            "glue:GetDatabases",
            "glue:GetPartitions",
            "glue:GetTable",
            "glue:GetTables",
        ],
        [
            f"{catalog}:catalog",
            f"{catalog}:database/default",
            f"{catalog}:database/{database}",
            f"{catalog}:table/{database}/{TABLE}",
        ],
    )


def _may_write_results(bucket: BucketOutputs) -> tuple[Statement, ...]:
    # Source: Athena user guide, "Control access to Amazon S3 from Athena" and "Encrypt Athena query
    # results stored in Amazon S3".
    return (
        allow(
            "Results",
            ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            [bucket.arn],
        ),
        allow(
            "ResultFiles",
            [
                "s3:AbortMultipartUpload",
                "s3:GetObject",
                "s3:ListMultipartUploadParts",
                "s3:PutObject",
            ],
            [f"{bucket.arn}/*"],
        ),
        allow(
            "ResultKey",
            ["kms:Decrypt", "kms:GenerateDataKey"],
            [str(bucket.key_arn)],
            conditions=used_for(bucket.arn),
        ),
    )


def _may_read_report(report: CostReportOutputs) -> tuple[Statement, ...]:
    return (
        allow("Report", ["s3:GetBucketLocation", "s3:ListBucket"], [report.bucket_arn]),
        allow("ReportFiles", ["s3:GetObject"], [f"{report.bucket_arn}/{report.prefix}/*"]),
    )
