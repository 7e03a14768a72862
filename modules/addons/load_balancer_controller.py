"""The controller that registers pods in Terraform's target groups."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from constructs import Construct

from ..aws.eks import EksOutputs
from ..aws.workload_identity import Mechanism, ServiceAccount, WorkloadIdentity
from ..core.availability import Availability
from ..core.context import Context
from ..kubernetes.helm import HelmRelease
from ..kubernetes.scheduling import spread
from .charts import LOAD_BALANCER_CONTROLLER
from .identity import service_account_annotations
from .policies.load_balancer_controller import load_balancer_controller_policy

SERVICE_ACCOUNT = ServiceAccount(namespace="kube-system", name="aws-load-balancer-controller")
PODS = {"app.kubernetes.io/name": LOAD_BALANCER_CONTROLLER.name}


class LoadBalancerController(Construct):
    """The AWS Load Balancer Controller, for TargetGroupBindings alone.

    It stands before all that is exposed, and goes after it: a binding that outlives its controller
    keeps its finalizer and its namespace for ever.
    """

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
        vpc_id: str,
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
            name="load-balancer-controller",
            policy=load_balancer_controller_policy(ctx),
        )
        release = HelmRelease(
            self,
            "release",
            chart=LOAD_BALANCER_CONTROLLER,
            namespace=SERVICE_ACCOUNT.namespace,
            overrides={
                "clusterName": cluster.cluster_name,
                # Nodes answer one hop, so pods cannot ask them where they are.
                "region": ctx.region,
                "vpcId": vpc_id,
                "replicaCount": availability.replicas(),
                "serviceAccount": {
                    "name": SERVICE_ACCOUNT.name,
                    "annotations": service_account_annotations(role.outputs),
                },
                "topologySpreadConstraints": spread(PODS),
                **({"podDisruptionBudget": {"maxUnavailable": 1}} if availability.high else {}),
            },
            after=[*role.ready, *after],
        )
        self.ready = [release.resource]
