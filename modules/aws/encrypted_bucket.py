"""A bucket that a key of its own encrypts, for what workloads keep."""

from constructs import Construct

from ..core.context import Context
from .bucket import Bucket, BucketConfig
from .kms import Key, KeyConfig


def encrypted_bucket(
    scope: Construct, *, ctx: Context, name: str, config: BucketConfig, description: str
) -> Bucket:
    """Make the bucket ``name`` and its key as children of ``scope``; it takes TLS alone."""
    key = Key(scope, "key", ctx=ctx, name=name, config=KeyConfig(description=description))
    bucket = Bucket(scope, "bucket", ctx=ctx, name=name, config=config, key_arn=key.outputs.arn)
    bucket.admit()
    return bucket
