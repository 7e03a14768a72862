"""Fluent Bit: the logs of every container, to Loki and to CloudWatch."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from constructs import Construct

from ..aws.eks import EksOutputs
from ..aws.log_group import encrypted_log_group
from ..aws.workload_identity import Mechanism, ServiceAccount, WorkloadIdentity
from ..core.config import Config
from ..core.context import Context
from ..core.iam import allow, document
from ..core.retention import RetentionDays
from ..kubernetes.helm import HelmRelease
from .charts import FLUENT_BIT
from .identity import service_account_annotations
from .observability import AGENTS

NAMESPACE = AGENTS
SERVICE_ACCOUNT = "fluent-bit"


class FluentBitConfig(Config):
    """Settings of the logs that CloudWatch keeps; how long Loki does, Loki says."""

    retention_days: RetentionDays = 365
    """Days that CloudWatch keeps them."""


class FluentBit(Construct):
    """A DaemonSet on every node, and the log group ``/aws/eks/<cluster>/workloads``.

    It comes ``after`` Loki. What either destination does not take waits on the node, within a
    limit, so that an outage of one never stops the other.
    """

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: FluentBitConfig,
        cluster: EksOutputs,
        identity: Mechanism,
        after: Sequence[ITerraformDependable],
    ) -> None:
        super().__init__(scope, id_)
        group = encrypted_log_group(
            self,
            ctx=ctx,
            name=f"/aws/eks/{ctx.cluster_name}/workloads",
            retention_days=config.retention_days,
            key_name="workload-logs",
            description=f"Logs of the containers of {ctx.cluster_name}",
        )
        shipper = WorkloadIdentity(
            self,
            "identity",
            ctx=ctx,
            mechanism=identity,
            cluster=cluster,
            service_account=ServiceAccount(namespace=NAMESPACE.name, name=SERVICE_ACCOUNT),
            name="fluent-bit",
            policy=document(
                allow(
                    "Ship",
                    ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                    [group.arn, f"{group.arn}:log-stream:*"],
                )
            ),
        )
        release = HelmRelease(
            self,
            "release",
            chart=FLUENT_BIT,
            namespace=NAMESPACE.name,
            overrides={
                "serviceAccount": {"annotations": service_account_annotations(shipper.outputs)},
                "cloudWatchLogs": {"region": ctx.region, "logGroupName": group.name},
            },
            after=[*after, group, *shipper.ready],
        )
        self.ready = [release.resource]
