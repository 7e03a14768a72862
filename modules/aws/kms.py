"""A customer-managed KMS key with rotation, an alias and an explicit policy."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from constructs import Construct
from pydantic import Field

from ..core.config import Config
from ..core.context import Context
from ..core.iam import Conditions, Statement, allow_principal, document


class KeyConfig(Config):
    """Settings of one key."""

    description: str
    """What the key is for, as AWS's console shows it."""
    rotation_period_days: int = Field(default=365, ge=90, le=2560)
    """Days between two rotations of the key material."""
    deletion_window_days: int = Field(default=30, ge=7, le=30)
    """Days in which a deleted key can still be rescued, and all it encrypts with it."""


@dataclass(frozen=True, slots=True)
class KeyOutputs:
    """What users of the key need."""

    arn: str


class Key(Construct):
    """The key ``alias/<prefix>-<name>``.

    ``statements`` admit services or principals beyond the account's own IAM policies.
    """

    outputs: KeyOutputs

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        name: str,
        config: KeyConfig,
        statements: Sequence[Statement] = (),
    ) -> None:
        super().__init__(scope, id_)
        key = KmsKey(
            self,
            "Resource",
            description=config.description,
            enable_key_rotation=True,
            rotation_period_in_days=config.rotation_period_days,
            deletion_window_in_days=config.deletion_window_days,
            policy=document(account_administers(ctx), *statements),
            tags={"Name": ctx.name(name)},
        )
        KmsAlias(self, "alias", name=f"alias/{ctx.name(name)}", target_key_id=key.key_id)
        self.outputs = KeyOutputs(arn=key.arn)


def account_administers(ctx: Context) -> Statement:
    """Let the account's IAM policies govern the key.

    Without it nobody could change the key again. Source: KMS developer guide, "Default key policy".
    """
    return allow_principal(
        "AccountPolicies",
        {"AWS": f"arn:{ctx.partition}:iam::{ctx.account_id}:root"},
        ["kms:*"],
        resources=["*"],
    )


def cloudfront_may_encrypt(conditions: Conditions) -> Statement:
    """Let the service that delivers a distribution's logs write into a bucket with the key.

    Source: CloudFront developer guide, "Configure standard logging (legacy)", key policy.
    """
    return allow_principal(
        "LogDelivery",
        {"Service": "delivery.logs.amazonaws.com"},
        ["kms:GenerateDataKey*"],
        resources=["*"],
        conditions=conditions,
    )


def logs_may_encrypt(ctx: Context, log_group_name: str) -> Statement:
    """Let CloudWatch Logs of the region use the key for one log group.

    Source: CloudWatch Logs user guide, "Encrypt log data in CloudWatch Logs using KMS".
    """
    return allow_principal(
        "CloudWatchLogs",
        {"Service": f"logs.{ctx.region}.amazonaws.com"},
        ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        resources=["*"],
        conditions={
            "ArnEquals": {
                "kms:EncryptionContext:aws:logs:arn": (
                    f"arn:{ctx.partition}:logs:{ctx.region}:{ctx.account_id}"
                    f":log-group:{log_group_name}"
                )
            }
        },
    )
