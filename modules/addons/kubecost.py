"""Kubecost's agent, which tells the hub what the workloads of a cluster use."""

from collections.abc import Sequence
from typing import Any

from cdktf import ITerraformDependable
from constructs import Construct
from pydantic import Field

from ..aws.bucket import BucketOutputs, may_keep_objects
from ..aws.eks import EksOutputs
from ..aws.workload_identity import Mechanism, ServiceAccount, WorkloadIdentity
from ..core.config import Config
from ..core.context import Context
from ..core.iam import document
from ..kubernetes.helm import HelmRelease
from ..kubernetes.namespaces import Namespace, PodSecurity
from .charts import KUBECOST
from .identity import service_account_annotations
from .kubecost_store import KubecostStoreLocation, elsewhere, federated_storage

NAMESPACE = Namespace(name="kubecost", pod_security=PodSecurity.RESTRICTED)
AGENT = ServiceAccount(namespace=NAMESPACE.name, name="kubecost-agent")


class KubecostAgentConfig(Config):
    """Settings of the agent."""

    memory_gib: int = Field(default=2, ge=1, le=64)
    """Limit; the chart's authors see 2 GiB at ten nodes with 500 pods, and more than 50 GiB at
    hundreds of nodes."""


class KubecostAgent(Construct):
    """The agent alone, for every cluster but the hub's; it writes to the hub's bucket.

    The bucket's policy names its role, ``<prefix>-kubecost-agent``.
    """

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: KubecostAgentConfig,
        cluster: EksOutputs,
        identity: Mechanism,
        store: KubecostStoreLocation,
        after: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(scope, id_)
        bucket = elsewhere(ctx, store)
        role = agent_identity(self, ctx=ctx, cluster=cluster, identity=identity, store=bucket)
        release = HelmRelease(
            self,
            "release",
            chart=KUBECOST,
            namespace=NAMESPACE.name,
            overrides={
                "global": {
                    "clusterId": ctx.cluster_name,
                    "federatedStorage": federated_storage(bucket, store.region),
                },
                "finopsagent": agent(config, role),
                "aggregator": {"enabled": False},
                "cloudCost": {"enabled": False},
                "forecasting": {"enabled": False},
                "frontend": {"enabled": False},
            },
            after=[*role.ready, *after],
        )
        self.ready = [release.resource]


def agent_identity(
    scope: Construct,
    *,
    ctx: Context,
    cluster: EksOutputs,
    identity: Mechanism,
    store: BucketOutputs,
) -> WorkloadIdentity:
    """Make the agent's role, which may use the store and nothing else."""
    return WorkloadIdentity(
        scope,
        "agent-identity",
        ctx=ctx,
        mechanism=identity,
        cluster=cluster,
        service_account=AGENT,
        name=AGENT.name,
        policy=document(*may_keep_objects(store)),
    )


def agent(config: KubecostAgentConfig, role: WorkloadIdentity) -> dict[str, Any]:
    """Return the chart's ``finopsagent``."""
    return {
        "serviceAccount": {
            "name": AGENT.name,
            "annotations": service_account_annotations(role.outputs),
        },
        "resources": {"limits": {"memory": f"{config.memory_gib}Gi"}},
    }
