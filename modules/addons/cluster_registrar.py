"""The job that tells the hub's Argo CD where workload clusters are, and its role."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from constructs import Construct

from ..aws.eks import EksOutputs
from ..aws.hub_access import may_assume
from ..aws.workload_identity import Mechanism, ServiceAccount, WorkloadIdentity
from ..core.context import Context
from ..core.fleet import REGISTRAR, Target
from ..kubernetes.apply import Manifests
from ..kubernetes.argo_cd import NAMESPACE
from ..kubernetes.registrar import registrar
from .identity import service_account_annotations


class ClusterRegistrar(Construct):
    """Every five minutes it looks for the clusters of the settings, and for their namespaces.

    Neither side reads the other's state, so clusters and the hub come and go in any order, and a
    cluster that is made anew is found at its new address.
    """

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        targets: Sequence[Target],
        cluster: EksOutputs,
        identity: Mechanism,
        after: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(scope, id_)
        role = WorkloadIdentity(
            self,
            "identity",
            ctx=ctx,
            mechanism=identity,
            cluster=cluster,
            service_account=ServiceAccount(namespace=NAMESPACE, name=REGISTRAR),
            name=REGISTRAR,
            policy=may_assume([target.cluster for target in targets]),
        )
        job = Manifests(
            self,
            "job",
            name=REGISTRAR,
            namespace=NAMESPACE,
            manifests=registrar(
                targets,
                region=ctx.region,
                annotations=service_account_annotations(role.outputs),
            ),
            after=[*role.ready, *after],
        )
        self.ready = [job.resource]
