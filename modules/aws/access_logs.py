"""The bucket of a region that remembers who used the other buckets."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from constructs import Construct

from ..core.context import Context
from ..core.iam import allow_principal
from .bucket import Bucket, BucketConfig


@dataclass(frozen=True, slots=True)
class AccessLogsOutputs:
    """Where a bucket's accesses are written down."""

    bucket_name: str
    ready: Sequence[ITerraformDependable] = ()
    """What must stand before another bucket logs here; nothing in a later layer."""


class AccessLogs(Construct):
    """The bucket ``<prefix>-<account id>-access-logs`` for buckets of the same region and account.

    S3 writes a line for each request to a bucket that names it: who asked for which object, and
    what he was answered. Keys begin with the name of the bucket that was used.
    Source: S3 user guide, "Enabling Amazon S3 server access logging": it writes to no bucket that
    a KMS key encrypts.
    """

    outputs: AccessLogsOutputs

    def __init__(self, scope: Construct, id_: str, *, ctx: Context, config: BucketConfig) -> None:
        super().__init__(scope, id_)
        bucket = Bucket(self, "bucket", ctx=ctx, name="access-logs", config=config)
        bucket.admit(
            allow_principal(
                "AccessesAreWritten",
                {"Service": "logging.s3.amazonaws.com"},
                ["s3:PutObject"],
                resources=[f"{bucket.outputs.arn}/*"],
                conditions={
                    "StringEquals": {"aws:SourceAccount": ctx.account_id},
                    "ArnLike": {
                        "aws:SourceArn": f"arn:{ctx.partition}:s3:::{ctx.name(ctx.account_id, '*')}"
                    },
                },
            )
        )
        self.outputs = AccessLogsOutputs(bucket.outputs.name, tuple(bucket.ready))
