"""A locked-down, encrypted S3 bucket whose content expires."""

from dataclasses import dataclass
from typing import Any

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
)
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
from ..core.iam import Statement, deny_plain_http, document

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


class Bucket(Construct):
    """The bucket ``<prefix>-<account id>-<name>``: names of buckets are global.

    Log services of AWS know S3's own keys alone, so encryption is SSE-S3. ``acls`` admits those
    that grant by access control list. Its policy is written by :meth:`admit`, once.
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
    ) -> None:
        super().__init__(scope, id_)
        bucket = S3Bucket(
            self,
            "Resource",
            bucket=ctx.name(ctx.account_id, name, limit=NAME_LIMIT),
            force_destroy=config.force_destroy,
            tags={"Name": ctx.name(name)},
        )
        self._bucket = bucket
        owner = "BucketOwnerPreferred" if acls else "BucketOwnerEnforced"
        self._closed = S3BucketPublicAccessBlock(
            self,
            "public-access-block",
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
                bucket=bucket.id,
                rule=S3BucketOwnershipControlsRule(object_ownership=owner),
            ),
        ]
        self._encrypted(bucket)
        versioning = S3BucketVersioningA(
            self,
            "versioning",
            bucket=bucket.id,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
        S3BucketLifecycleConfiguration(
            self,
            "lifecycle",
            bucket=bucket.id,
            rule=[_expiry(config.retention_days)],
            # S3 judges a rule about versions by the bucket's versioning.
            depends_on=[versioning],
        )
        self.outputs = BucketOutputs(
            name=bucket.id, arn=bucket.arn, domain_name=bucket.bucket_regional_domain_name
        )

    def admit(self, *statements: Statement) -> None:
        """Write the bucket's policy: TLS alone, and what the statements allow."""
        policy = S3BucketPolicy(
            self,
            "policy",
            bucket=self._bucket.id,
            policy=document(deny_plain_http(self.outputs.arn), *statements),
            # S3 refuses two changes to a bucket's access at once.
            depends_on=[self._closed],
        )
        self.ready.append(policy)

    def _encrypted(self, bucket: S3Bucket) -> None:
        by_default = (
            S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA
        )
        S3BucketServerSideEncryptionConfigurationA(
            self,
            "encryption",
            bucket=bucket.id,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=by_default(sse_algorithm="AES256")
                )
            ],
        )


def _expiry(days: int | None) -> S3BucketLifecycleConfigurationRule:
    whole: dict[str, Any] = {"prefix": ""}
    kept = S3BucketLifecycleConfigurationRuleExpiration(days=days) if days else None
    return S3BucketLifecycleConfigurationRule(
        id="expire",
        status="Enabled",
        filter=[S3BucketLifecycleConfigurationRuleFilter(**whole)],
        expiration=[kept] if kept else None,
        noncurrent_version_expiration=[
            S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(
                noncurrent_days=NONCURRENT_DAYS
            )
        ],
        abort_incomplete_multipart_upload=[
            S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                days_after_initiation=7
            )
        ],
    )
