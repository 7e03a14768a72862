"""The autoscaler that sizes managed node groups by the pods that find no room."""

from collections.abc import Mapping, Sequence

from cdktf import ITerraformDependable
from constructs import Construct

from ..aws.eks import EksOutputs
from ..aws.workload_identity import Mechanism, ServiceAccount, WorkloadIdentity
from ..core.availability import Availability
from ..core.context import Context
from ..core.kubernetes_versions import KubernetesVersion
from ..kubernetes.helm import HelmRelease
from ..kubernetes.scheduling import spread
from .charts import CLUSTER_AUTOSCALER
from .identity import service_account_annotations
from .policies.cluster_autoscaler import cluster_autoscaler_policy

SERVICE_ACCOUNT = ServiceAccount(namespace="kube-system", name="cluster-autoscaler")
PODS = {"app.kubernetes.io/instance": CLUSTER_AUTOSCALER.name}

# It carries the scheduler of its own minor, so it is built for one minor of Kubernetes.
# Source: kubernetes/autoscaler, cluster-autoscaler/README.md, "Releases"; tags read 2026-11.
IMAGES: Mapping[KubernetesVersion, str] = {
    "1.31": "v1.31.5",
    "1.32": "v1.32.7",
    "1.33": "v1.33.6",
    "1.34": "v1.34.5",
    "1.35": "v1.35.2",
    "1.36": "v1.36.1",
}


class ClusterAutoscaler(Construct):
    """The cluster autoscaler over the groups that EKS tags as this cluster's."""

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        availability: Availability,
        cluster: EksOutputs,
        identity: Mechanism,
        version: KubernetesVersion,
        after: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(scope, id_)
        role = WorkloadIdentity(
            self,
            "identity",
            ctx=ctx,
            mechanism=identity,
            cluster=cluster,
            service_account=SERVICE_ACCOUNT,
            name="cluster-autoscaler",
            policy=cluster_autoscaler_policy(ctx),
        )
        release = HelmRelease(
            self,
            "release",
            chart=CLUSTER_AUTOSCALER,
            namespace=SERVICE_ACCOUNT.namespace,
            overrides={
                "autoDiscovery": {"clusterName": cluster.cluster_name},
                "awsRegion": ctx.region,
                "image": {"tag": IMAGES[version]},
                "replicaCount": availability.replicas(),
                "rbac": {
                    "serviceAccount": {
                        "name": SERVICE_ACCOUNT.name,
                        "annotations": service_account_annotations(role.outputs),
                    }
                },
                "topologySpreadConstraints": spread(PODS),
                # The chart has a budget unless it is told to have none.
                "podDisruptionBudget": {"maxUnavailable": 1} if availability.high else None,
            },
            after=[*role.ready, *after],
        )
        self.ready = [release.resource]
