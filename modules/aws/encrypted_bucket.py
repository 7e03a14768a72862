"""A bucket that a key of its own encrypts, for what workloads keep."""

from constructs import Construct

from ..core.context import Context
from .access_logs import AccessLogsOutputs
from .bucket import Bucket, BucketConfig
from .kms import Key, KeyConfig


def encrypted_bucket(
    scope: Construct,
    *,
    ctx: Context,
    name: str,
    config: BucketConfig,
    description: str,
    access_logs: AccessLogsOutputs,
) -> Bucket:
    """Make the bucket ``name`` and its key as children of ``scope``.

    It takes TLS alone, and who used it stands in ``access_logs``.
    """
    key = Key(scope, "key", ctx=ctx, name=name, config=KeyConfig(description=description))
    bucket = Bucket(scope, "bucket", ctx=ctx, name=name, config=config, key_arn=key.outputs.arn)
    bucket.admit()
    bucket.log_accesses(access_logs.bucket_name, after=access_logs.ready)
    return bucket
