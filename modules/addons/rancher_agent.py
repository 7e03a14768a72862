"""A workload cluster's side of registration: it brings Rancher's agent in by itself."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from constructs import Construct

from ..aws.eks import EksOutputs
from ..aws.workload_identity import Mechanism, ServiceAccount, WorkloadIdentity
from ..core.context import Context
from ..core.fleet import AGENT_ROLE, Hub, WorkloadCluster
from ..kubernetes.apply import Manifests
from ..kubernetes.rancher.agent import JOB, agent_job, agent_rights
from ..kubernetes.rancher.names import NAMESPACE
from .identity import service_account_annotations
from .rancher_secrets import may_read, registration_arn


class RancherAgent(Construct):
    """The agent's namespace and rights, and a job that fetches the registration and applies it.

    The job has a role of its own, ``<prefix>-rancher-agent``, that reads one secret of the hub's
    account. It waits for the hub in its own time: no order of deployments is needed, and the
    release does not wait for it.
    """

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        cluster: EksOutputs,
        identity: Mechanism,
        hub: Hub,
        registered: WorkloadCluster,
        after: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(scope, id_)
        rights = Manifests(
            self,
            "rights",
            name="rancher-agent-rights",
            namespace="kube-system",
            manifests=agent_rights(),
            after=after,
        )
        reader = WorkloadIdentity(
            self,
            "identity",
            ctx=ctx,
            mechanism=identity,
            cluster=cluster,
            service_account=ServiceAccount(namespace=NAMESPACE, name=JOB),
            name=AGENT_ROLE,
            policy=may_read(hub, registered.name),
        )
        job = Manifests(
            self,
            "job",
            name=JOB,
            namespace=NAMESPACE,
            manifests=agent_job(
                host=hub.rancher_host,
                region=ctx.region,
                secret_id=registration_arn(hub, registered.name),
                secret_region=hub.region,
                annotations=service_account_annotations(reader.outputs),
            ),
            after=[rights.resource, *reader.ready],
        )
        self.ready = [job.resource]
