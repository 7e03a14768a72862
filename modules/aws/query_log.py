"""Logs of the queries that a public DNS zone answers."""

from cdktf_cdktf_provider_aws.route53_query_log import Route53QueryLog
from constructs import Construct

from ..core.context import Context
from ..core.retention import RetentionDays
from .log_group import encrypted_log_group, writable_by


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
        group = encrypted_log_group(
            self,
            ctx=ctx,
            name=name,
            retention_days=retention_days,
            key_name="queries",
            description=f"DNS queries for {domain}",
        )
        admitted = writable_by(
            self, group, "route53.amazonaws.com", ctx=ctx, name="queries", sid="Route53Writes"
        )
        Route53QueryLog(
            self,
            "Resource",
            zone_id=zone_id,
            cloudwatch_log_group_arn=group.arn,
            # Route53 tries to write before it agrees.
            depends_on=[admitted],
        )
