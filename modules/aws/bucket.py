"""A locked-down, encrypted S3 bucket whose content expires."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdktf import ITerraformDependable, TerraformProvider, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
)
from cdktf_cdktf_provider_aws.s3_bucket_logging import S3BucketLoggingA
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)
from constructs import Construct
from pydantic import Field

from ..core.config import Config
from ..core.context import Context
from ..core.iam import Conditions, Statement, allow, deny_plain_http, document

# Source: S3 user guide, "Bucket naming rules".
NAME_LIMIT = 63
NONCURRENT_DAYS = 30


class BucketConfig(Config):
    """Settings of a bucket."""

    retention_days: int | None = Field(default=365, ge=1)
    """Days until an object is deleted; None: never."""
    force_destroy: bool = False
    """Whether the bucket may be destroyed with what it holds."""


@dataclass(frozen=True, slots=True)
class BucketOutputs:
    """What users of the bucket need."""

    name: str
    arn: str
    domain_name: str
    """Regional name, so that nobody is redirected through us-east-1."""
    key_arn: str | None = None
    """KMS key that whoever reads or writes an object has to be admitted to; None: S3's own."""


class Bucket(Construct):
    """The bucket ``<prefix>-<account id>-<name>``: names of buckets are global.

    ``bucket_name`` is a name of people's own choosing in its place. What was overwritten or deleted
    goes after ``noncurrent_days``. Terraform never destroys a bucket that is ``kept``.

    Some log services of AWS know S3's own keys alone, so encryption is SSE-S3 unless ``key_arn``
    names a KMS key. ``acls`` admits those that grant by access control list. ``provider`` acts in
    the account that ``ctx`` names. The bucket's policy is written by :meth:`admit`, once, and who
    used it is written to another bucket by :meth:`log_accesses`.
    """

    outputs: BucketOutputs
    ready: list[ITerraformDependable]
    """What must stand before a service writes here."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        name: str,
        config: BucketConfig,
        acls: bool = False,
        key_arn: str | None = None,
        provider: TerraformProvider | None = None,
        bucket_name: str | None = None,
        noncurrent_days: int = NONCURRENT_DAYS,
        kept: bool = False,
    ) -> None:
        super().__init__(scope, id_)
        self._provider = provider
        bucket = S3Bucket(
            self,
            "Resource",
            provider=provider,
            bucket=bucket_name or ctx.name(ctx.account_id, name, limit=NAME_LIMIT),
            force_destroy=config.force_destroy,
            tags={"Name": ctx.name(name)},
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if kept else None,
        )
        self._bucket = bucket
        owner = "BucketOwnerPreferred" if acls else "BucketOwnerEnforced"
        self._closed = S3BucketPublicAccessBlock(
            self,
            "public-access-block",
            provider=provider,
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        self.ready = [
            self._closed,
            S3BucketOwnershipControls(
                self,
                "ownership",
                provider=provider,
                bucket=bucket.id,
                rule=S3BucketOwnershipControlsRule(object_ownership=owner),
            ),
        ]
        encryption = self._encrypted(bucket, key_arn)
        if key_arn:
            # Without a key objects are encrypted with S3's own from the bucket's first second.
            self.ready.append(encryption)
        versioning = S3BucketVersioningA(
            self,
            "versioning",
            provider=provider,
            bucket=bucket.id,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
        S3BucketLifecycleConfiguration(
            self,
            "lifecycle",
            provider=provider,
            bucket=bucket.id,
            rule=[_expiry(config.retention_days, noncurrent_days, kept=kept)],
            # S3 judges a rule about versions by the bucket's versioning.
            depends_on=[versioning],
        )
        self.outputs = BucketOutputs(
            name=bucket.id,
            arn=bucket.arn,
            domain_name=bucket.bucket_regional_domain_name,
            key_arn=key_arn,
        )

    def admit(self, *statements: Statement) -> None:
        """Write the bucket's policy: TLS alone, and what the statements allow."""
        policy = S3BucketPolicy(
            self,
            "policy",
            provider=self._provider,
            bucket=self._bucket.id,
            policy=document(deny_plain_http(self.outputs.arn), *statements),
            # S3 refuses two changes to a bucket's access at once.
            depends_on=[self._closed],
        )
        self.ready.append(policy)

    def log_accesses(self, bucket_name: str, *, after: Sequence[ITerraformDependable] = ()) -> None:
        """Have S3 write each request to this bucket into another one of its region and account."""
        logging = S3BucketLoggingA(
            self,
            "logging",
            provider=self._provider,
            bucket=self._bucket.id,
            target_bucket=bucket_name,
            target_prefix=f"{self._bucket.bucket}/",
            # S3 refuses a target that does not admit it.
            depends_on=list(after) or None,
        )
        self.ready.append(logging)

    def _encrypted(
        self, bucket: S3Bucket, key_arn: str | None
    ) -> S3BucketServerSideEncryptionConfigurationA:
        by_default = (
            S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA
        )
        return S3BucketServerSideEncryptionConfigurationA(
            self,
            "encryption",
            provider=self._provider,
            bucket=bucket.id,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=by_default(
                        sse_algorithm="aws:kms" if key_arn else "AES256", kms_master_key_id=key_arn
                    ),
                    # One call to KMS for many objects: it bills and limits each.
                    bucket_key_enabled=True if key_arn else None,
                )
            ],
        )


def may_keep_objects(bucket: BucketOutputs, *, sid: str = "Bucket") -> tuple[Statement, ...]:
    """Return what lets a workload list, read, write and delete what one bucket holds.

    ``sid`` tells two buckets of one document apart. The key may be used for the bucket alone, which
    S3 names to KMS wherever bucket keys are on.
    Source: S3 user guide, "Multipart upload API and permissions", which names the key's actions,
    and "Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys".
    """
    objects = allow(
        f"{sid}Objects",
        [
            "s3:GetObject",
            "s3:PutObject",
            "s3:DeleteObject",
            "s3:AbortMultipartUpload",
            "s3:ListMultipartUploadParts",
        ],
        [f"{bucket.arn}/*"],
    )
    listing = allow(f"{sid}List", ["s3:ListBucket", "s3:GetBucketLocation"], [bucket.arn])
    if bucket.key_arn is None:
        return (listing, objects)
    key = allow(
        f"{sid}Key",
        ["kms:Decrypt", "kms:GenerateDataKey"],
        [bucket.key_arn],
        conditions=used_for(bucket.arn),
    )
    return (listing, objects, key)


def used_for(bucket_arn: str) -> Conditions:
    """Return the conditions under which a key is used for one bucket's objects, and no others."""
    return {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": bucket_arn}}


def bucket_arn(ctx: Context, name: str) -> str:
    """Return the ARN of the bucket ``name`` for what must be written before it is there."""
    return f"arn:{ctx.partition}:s3:::{ctx.name(ctx.account_id, name, limit=NAME_LIMIT)}"


def _expiry(
    days: int | None, noncurrent_days: int, *, kept: bool
) -> S3BucketLifecycleConfigurationRule:
    whole: dict[str, Any] = {"prefix": ""}
    expiration = S3BucketLifecycleConfigurationRuleExpiration(days=days) if days else None
    if kept:
        # Each lock of a state that was released leaves a marker, which outlives what it hides.
        expiration = S3BucketLifecycleConfigurationRuleExpiration(expired_object_delete_marker=True)
    return S3BucketLifecycleConfigurationRule(
        id="expire",
        status="Enabled",
        filter=[S3BucketLifecycleConfigurationRuleFilter(**whole)],
        expiration=[expiration] if expiration else None,
        noncurrent_version_expiration=[
            S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(
                noncurrent_days=noncurrent_days
            )
        ],
        abort_incomplete_multipart_upload=[
            S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                days_after_initiation=7
            )
        ],
    )
