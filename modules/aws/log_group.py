"""An encrypted log group that expires, and the AWS service that may write to it."""

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.cloudwatch_log_resource_policy import CloudwatchLogResourcePolicy
from constructs import Construct

from ..core.context import Context
from ..core.iam import allow_principal, document
from ..core.retention import RetentionDays
from .kms import Key, KeyConfig, logs_may_encrypt


def encrypted_log_group(
    scope: Construct,
    *,
    ctx: Context,
    name: str,
    retention_days: RetentionDays,
    key_name: str,
    description: str,
    key_id: str = "key",
) -> CloudwatchLogGroup:
    """Make the log group ``name`` and a key that encrypts it alone, as children of ``scope``."""
    key = Key(
        scope,
        key_id,
        ctx=ctx,
        name=key_name,
        config=KeyConfig(description=description),
        statements=[logs_may_encrypt(ctx, name)],
    )
    return CloudwatchLogGroup(
        scope,
        "log-group",
        name=name,
        retention_in_days=retention_days,
        kms_key_id=key.outputs.arn,
    )


def writable_by(
    scope: Construct, group: CloudwatchLogGroup, service: str, *, ctx: Context, name: str, sid: str
) -> CloudwatchLogResourcePolicy:
    """Let an AWS service write to a log group on behalf of this account."""
    return CloudwatchLogResourcePolicy(
        scope,
        "log-policy",
        policy_name=ctx.name(name),
        policy_document=document(
            allow_principal(
                sid,
                {"Service": service},
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[f"{group.arn}:*"],
                conditions={"StringEquals": {"aws:SourceAccount": ctx.account_id}},
            )
        ),
    )
