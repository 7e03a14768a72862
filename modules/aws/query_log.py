"""Logs of the queries that a public DNS zone answers."""

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.cloudwatch_log_resource_policy import CloudwatchLogResourcePolicy
from cdktf_cdktf_provider_aws.route53_query_log import Route53QueryLog
from constructs import Construct

from ..core.context import Context
from ..core.iam import allow_principal, document
from ..core.retention import RetentionDays
from .kms import Key, KeyConfig, logs_may_encrypt


class QueryLog(Construct):
    """Queries with type, answer and resolver, in an encrypted log group of us-east-1."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        retention_days: RetentionDays,
        domain: str,
        zone_id: str,
    ) -> None:
        super().__init__(scope, id_)
        name = f"/aws/route53/{ctx.name('queries')}"
        key = Key(
            self,
            "key",
            ctx=ctx,
            name="queries",
            config=KeyConfig(description=f"DNS queries for {domain}"),
            statements=[logs_may_encrypt(ctx, name)],
        )
        group = CloudwatchLogGroup(
            self,
            "log-group",
            name=name,
            retention_in_days=retention_days,
            kms_key_id=key.outputs.arn,
        )
        admitted = CloudwatchLogResourcePolicy(
            self,
            "log-policy",
            policy_name=ctx.name("queries"),
            policy_document=document(
                allow_principal(
                    "Route53Writes",
                    {"Service": "route53.amazonaws.com"},
                    ["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[f"{group.arn}:*"],
                    conditions={"StringEquals": {"aws:SourceAccount": ctx.account_id}},
                )
            ),
        )
        Route53QueryLog(
            self,
            "Resource",
            zone_id=zone_id,
            cloudwatch_log_group_arn=group.arn,
            # Route53 tries to write before it agrees.
            depends_on=[admitted],
        )
