"""The log of a web ACL, without what would let its reader in."""

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.cloudwatch_log_resource_policy import CloudwatchLogResourcePolicy
from cdktf_cdktf_provider_aws.wafv2_web_acl_logging_configuration import (
    Wafv2WebAclLoggingConfiguration,
    Wafv2WebAclLoggingConfigurationRedactedFields,
    Wafv2WebAclLoggingConfigurationRedactedFieldsSingleHeader,
)
from constructs import Construct

from ..core.cloudfront import ORIGIN_HEADER
from ..core.context import Context
from ..core.iam import allow_principal, document
from ..core.retention import RetentionDays
from .kms import Key, KeyConfig, logs_may_encrypt

# AWS WAF writes to groups that are called so, and to no other.
PREFIX = "aws-waf-logs-"
REDACTED = ("authorization", "cookie", ORIGIN_HEADER)


class WafLog(Construct):
    """Every request a web ACL judged, in an encrypted log group."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        retention_days: RetentionDays,
        web_acl_arn: str,
    ) -> None:
        super().__init__(scope, id_)
        name = f"{PREFIX}{ctx.name('waf')}"
        key = Key(
            self,
            "key",
            ctx=ctx,
            name="waf",
            config=KeyConfig(description=f"Web ACL logs of {ctx.prefix}"),
            statements=[logs_may_encrypt(ctx, name)],
        )
        group = CloudwatchLogGroup(
            self,
            "log-group",
            name=name,
            retention_in_days=retention_days,
            kms_key_id=key.outputs.arn,
        )
        # AWS would write such a policy by itself, and nobody would ever remove it.
        admitted = CloudwatchLogResourcePolicy(
            self,
            "log-policy",
            policy_name=ctx.name("waf"),
            policy_document=document(
                allow_principal(
                    "LogDeliveryWrites",
                    {"Service": "delivery.logs.amazonaws.com"},
                    ["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[f"{group.arn}:*"],
                    conditions={"StringEquals": {"aws:SourceAccount": ctx.account_id}},
                )
            ),
        )
        Wafv2WebAclLoggingConfiguration(
            self,
            "Resource",
            resource_arn=web_acl_arn,
            log_destination_configs=[group.arn],
            redacted_fields=[
                Wafv2WebAclLoggingConfigurationRedactedFields(
                    single_header=Wafv2WebAclLoggingConfigurationRedactedFieldsSingleHeader(
                        name=header
                    )
                )
                for header in REDACTED
            ],
            depends_on=[admitted],
        )
