"""Flow logs of a VPC in an encrypted log group."""

from cdktf_cdktf_provider_aws.flow_log import FlowLog
from constructs import Construct

from ..core.config import Config
from ..core.context import Context
from ..core.iam import allow, document, trust_service
from ..core.retention import RetentionDays
from .log_group import encrypted_log_group
from .role import Role


class FlowLogsConfig(Config):
    """Settings of the flow logs."""

    retention_days: RetentionDays = 365
    """Days that CloudWatch keeps them."""


class FlowLogs(Construct):
    """All accepted and rejected traffic of the VPC, one record a minute and flow."""

    def __init__(
        self, scope: Construct, id_: str, *, ctx: Context, config: FlowLogsConfig, vpc_id: str
    ) -> None:
        super().__init__(scope, id_)
        name = f"/aws/vpc/{ctx.name('flow-logs')}"
        group = encrypted_log_group(
            self,
            ctx=ctx,
            name=name,
            retention_days=config.retention_days,
            key_name="flow-logs",
            description=f"Flow logs of {ctx.prefix}",
        )
        role = Role(
            self,
            "role",
            ctx=ctx,
            name="flow-logs",
            trust=trust_service("vpc-flow-logs.amazonaws.com", source_account=ctx.account_id),
            policy=document(
                # The group exists, so CreateLogGroup is not needed.
                allow(
                    "WriteStreams",
                    ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                    [f"{group.arn}:*"],
                ),
                # The service looks the group up in the list of all before it writes.
                allow(
                    "FindGroup",
                    ["logs:DescribeLogGroups"],
                    [f"arn:{ctx.partition}:logs:{ctx.region}:{ctx.account_id}:log-group:*"],
                ),
            ),
        )
        FlowLog(
            self,
            "Resource",
            vpc_id=vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=60,
            tags={"Name": ctx.name("flow-logs")},
            # Records made before the role may write are lost.
            depends_on=role.policies,
        )
