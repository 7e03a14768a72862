"""The autoscaler that starts instances of the type that fits, beside the node groups."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.eks_access_entry import EksAccessEntry
from cdktf_cdktf_provider_aws.iam_instance_profile import IamInstanceProfile
from constructs import Construct

from ..aws.eks import EksOutputs
from ..aws.interruption_queue import may_consume
from ..aws.queue import QueueOutputs
from ..aws.role import Role
from ..aws.workload_identity import Mechanism, ServiceAccount, WorkloadIdentity
from ..core.availability import Availability
from ..core.context import Context
from ..core.iam import trust_service
from ..kubernetes.apply import Manifests
from ..kubernetes.helm import HelmRelease
from ..kubernetes.scheduling import spread
from .charts import KARPENTER, KARPENTER_CRD
from .identity import service_account_annotations
from .karpenter_nodes import KarpenterConfig, node_class, node_pool, nodes_are_ready
from .policies.karpenter import karpenter_policy

SERVICE_ACCOUNT = ServiceAccount(namespace="kube-system", name="karpenter")
PODS = {"app.kubernetes.io/name": KARPENTER.name}
NODES = "node-karpenter"


class Karpenter(Construct):
    """Karpenter, what its nodes may do, and the one pool it takes them from.

    Its own pods run on the node groups, so one of these has to stay. The definitions stay when
    their release goes: with them every node would have to go, and nobody would be there to end it.
    """

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: KarpenterConfig,
        availability: Availability,
        cluster: EksOutputs,
        identity: Mechanism,
        queue: QueueOutputs,
        after: Sequence[ITerraformDependable] = (),
    ) -> None:
        """Install Karpenter.

        Args:
            scope: the construct it belongs to.
            id_: its id there.
            ctx: names, region and account.
            config: settings of the nodes.
            availability: how many copies of the controller run.
            cluster: the cluster that the nodes join.
            identity: how the controller gets its role.
            queue: where AWS says which instances it takes away; its rules are in ``after``.
            after: what stands before it.
        """
        super().__init__(scope, id_)
        nodes = Role(
            self,
            "node-role",
            ctx=ctx,
            name=NODES,
            trust=trust_service("ec2.amazonaws.com"),
            # As for managed nodes: the CNI's policy is on the CNI's own role.
            managed_policies=["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"],
        )
        profile = IamInstanceProfile(
            self,
            "instance-profile",
            name=ctx.name(NODES, limit=128),
            role=ctx.name(NODES),
            tags={"Name": ctx.name(NODES)},
            depends_on=nodes.policies,
        )
        entry = EksAccessEntry(
            self,
            "access-entry",
            cluster_name=cluster.cluster_name,
            principal_arn=nodes.arn,
            type="EC2_LINUX",
            tags={"Name": ctx.name(NODES)},
        )
        role = WorkloadIdentity(
            self,
            "identity",
            ctx=ctx,
            mechanism=identity,
            cluster=cluster,
            service_account=SERVICE_ACCOUNT,
            name="karpenter",
            policy=karpenter_policy(ctx, node_role_arn=nodes.arn, queue=may_consume(queue)),
        )
        crds = HelmRelease(
            self,
            "crds",
            chart=KARPENTER_CRD,
            namespace=SERVICE_ACCOUNT.namespace,
            after=after,
        )
        release = HelmRelease(
            self,
            "release",
            chart=KARPENTER,
            namespace=SERVICE_ACCOUNT.namespace,
            skip_crds=True,
            overrides={
                "replicas": availability.replicas(),
                "settings": {
                    "clusterName": cluster.cluster_name,
                    "clusterEndpoint": cluster.endpoint,
                    "interruptionQueue": queue.name,
                },
                "serviceAccount": {
                    "name": SERVICE_ACCOUNT.name,
                    "annotations": service_account_annotations(role.outputs),
                },
                # Nodes answer one hop, so pods cannot ask them where they are.
                "controller": {"env": [{"name": "AWS_REGION", "value": ctx.region}]},
                "topologySpreadConstraints": spread(PODS),
            },
            after=[crds.resource, *role.ready, *after],
        )
        pool = Manifests(
            self,
            "nodes",
            name="karpenter-nodes",
            namespace=SERVICE_ACCOUNT.namespace,
            manifests=[
                node_class(
                    ctx,
                    config,
                    instance_profile=profile.name,
                    security_group_id=cluster.security_group_id,
                ),
                node_pool(config),
                *nodes_are_ready(SERVICE_ACCOUNT.namespace),
            ],
            # A node that cannot join or pull is started, and started again.
            after=[release.resource, entry, *nodes.policies],
        )
        self.ready = [release.resource, pool.resource]
