"""CloudWatch's Container Insights: what AWS's own alarms and dashboards look at."""

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
from ..kubernetes.apply import Manifests
from ..kubernetes.helm import HelmRelease
from ..kubernetes.manifest import Manifest
from ..kubernetes.rbac import cluster_rights
from .charts import CLOUDWATCH_METRICS
from .identity import service_account_annotations
from .observability import AGENTS

NAMESPACE = AGENTS
SERVICE_ACCOUNT = "cloudwatch-agent"


class CloudWatchMetricsConfig(Config):
    """Settings of the events that the metrics are made of."""

    retention_days: RetentionDays = 30
    """Days that CloudWatch keeps the events; the metrics stay 15 months."""


class CloudWatchMetrics(Construct):
    """The agent on every node, from the chart with a newer image.

    EKS's add-on ``amazon-cloudwatch-observability`` would bring a second Fluent Bit, an operator
    with webhooks and copies of Prometheus's kinds, which kube-prometheus-stack owns.
    """

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: CloudWatchMetricsConfig,
        cluster: EksOutputs,
        identity: Mechanism,
        after: Sequence[ITerraformDependable],
    ) -> None:
        super().__init__(scope, id_)
        # The agent writes to this very name, and CloudWatch makes metrics of what it says.
        group = encrypted_log_group(
            self,
            ctx=ctx,
            name=f"/aws/containerinsights/{ctx.cluster_name}/performance",
            retention_days=config.retention_days,
            key_name="container-insights",
            description=f"Container Insights of {ctx.cluster_name}",
        )
        # Narrower than CloudWatchAgentServerPolicy, which writes to every log group and reads
        # parameters of Systems Manager.
        agent = WorkloadIdentity(
            self,
            "identity",
            ctx=ctx,
            mechanism=identity,
            cluster=cluster,
            service_account=ServiceAccount(namespace=NAMESPACE.name, name=SERVICE_ACCOUNT),
            name="cloudwatch-agent",
            policy=document(
                allow(
                    "Write",
                    ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                    [group.arn, f"{group.arn}:log-stream:*"],
                ),
                # EC2 knows no resources for these. Source: service authorization reference.
                allow("Look", ["ec2:DescribeTags", "ec2:DescribeVolumes"], ["*"]),
            ),
        )
        rights = Manifests(
            self,
            "rights",
            name="cloudwatch-agent-rights",
            namespace=NAMESPACE.name,
            manifests=newer_rights(),
            after=after,
        )
        release = HelmRelease(
            self,
            "release",
            chart=CLOUDWATCH_METRICS,
            namespace=NAMESPACE.name,
            overrides={
                "clusterName": ctx.cluster_name,
                "serviceAccount": {"annotations": service_account_annotations(agent.outputs)},
            },
            after=[*after, group, *agent.ready, rights.resource],
        )
        self.ready = [release.resource, rights.resource]


def newer_rights() -> list[Manifest]:
    """Return what the pinned agent asks the API for, and the chart's role of 2024 does not grant.

    Source: aws-samples/amazon-cloudwatch-container-insights, cwagent-serviceaccount.yaml.
    """
    looks = ["get", "list", "watch"]
    rules = [
        {"apiGroups": [""], "resources": ["services"], "verbs": looks},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": looks},
    ]
    return cluster_rights(
        "cloudwatch-agent-services",
        namespace=NAMESPACE.name,
        service_account=SERVICE_ACCOUNT,
        rules=rules,
    )
