"""The log of a web ACL, without what would let its reader in."""

from cdktf_cdktf_provider_aws.wafv2_web_acl_logging_configuration import (
    Wafv2WebAclLoggingConfiguration,
    Wafv2WebAclLoggingConfigurationRedactedFields,
    Wafv2WebAclLoggingConfigurationRedactedFieldsSingleHeader,
)
from constructs import Construct

from ..core.cloudfront import ORIGIN_HEADER
from ..core.context import Context
from ..core.retention import RetentionDays
from .log_group import encrypted_log_group, writable_by

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
        group = encrypted_log_group(
            self,
            ctx=ctx,
            name=name,
            retention_days=retention_days,
            key_name="waf",
            description=f"Web ACL logs of {ctx.prefix}",
        )
        # AWS would write such a policy by itself, and nobody would ever remove it.
        admitted = writable_by(
            self, group, "delivery.logs.amazonaws.com", ctx=ctx, name="waf", sid="LogDeliveryWrites"
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
