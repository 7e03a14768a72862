"""Query logs of public zones."""

from moto.logs.models import logs_backends
from moto.route53.exceptions import (
    NoSuchHostedZone,
    QueryLoggingConfigAlreadyExists,
    Route53ClientError,
)
from moto.route53.models import LOGS_GROUP_REGION, QueryLoggingConfig

from ..documents import allows
from .zones import Zones

SERVICE = ("route53.amazonaws.com",)
ACTIONS = ("logs:CreateLogStream", "logs:PutLogEvents")


class QueryLogs(Zones):
    """What can be done with query logs."""

    def create_query_logging_config(
        self, hosted_zone_id: str, log_group_arn: str
    ) -> QueryLoggingConfig:
        """Log the queries of a zone; the provider names the group without the `:*` at the end."""
        zone_id = self.get_hosted_zone(hosted_zone_id).resource_id
        if any(item.hosted_zone_id == zone_id for item in self.query_logging_configs.values()):
            raise QueryLoggingConfigAlreadyExists
        group = log_group_arn.removesuffix(":*")
        self._check_permission(group)
        config = super().create_query_logging_config(zone_id, f"{group}:*")
        config.cloud_watch_logs_log_group_arn = log_group_arn
        return config

    def _check_permission(self, group: str) -> None:
        logs = logs_backends[self.account_id][LOGS_GROUP_REGION]
        if not any(
            allows(policy.policy_document, SERVICE, ACTIONS, f"{group}:*")
            for policy in logs.resource_policies.values()
        ):
            raise Route53ClientError(
                "InsufficientCloudWatchLogsResourcePolicy",
                "The resource policy that you're using for Route 53 query logging doesn't grant "
                "Route 53 sufficient permission to create a log stream in the specified log group.",
            )

    def query_logs_of(self, hosted_zone_id: str | None) -> list[QueryLoggingConfig]:
        """List query logs, of one zone if asked; moto refuses the plain id that the API takes."""
        if hosted_zone_id is None:
            return list(self.query_logging_configs.values())
        zone_id = hosted_zone_id.rpartition("/")[2]
        if zone_id not in self.zones:
            raise NoSuchHostedZone(hosted_zone_id)
        configs = self.query_logging_configs.values()
        return [config for config in configs if config.hosted_zone_id == zone_id]
