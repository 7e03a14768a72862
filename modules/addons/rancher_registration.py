"""The hub's side of registration: Rancher learns of every cluster and of its tenants."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from constructs import Construct

from ..aws.eks import EksOutputs
from ..aws.workload_identity import Mechanism, ServiceAccount, WorkloadIdentity
from ..core.context import Context
from ..core.entra import EntraApplication
from ..core.hosts import Domain
from ..kubernetes.apply import Manifests
from ..kubernetes.rancher.names import NAMESPACE, REGISTRAR
from ..kubernetes.rancher.registered import Registered
from ..kubernetes.rancher.registrar import registrar
from .identity import service_account_annotations
from .rancher_secrets import RegistrationSecrets


class RancherRegistration(Construct):
    """A job on the hub, and the secrets that it writes.

    Every few minutes it brings Rancher's clusters, projects, bindings and sign-in to what settings
    say, and stores what each cluster needs to join where that cluster's own job finds it. Neither
    side reads the other's state. ``after`` is Rancher, whose kinds its objects are of.
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
        host: Domain,
        application: EntraApplication | None,
        clusters: Sequence[Registered],
        after: Sequence[ITerraformDependable],
    ) -> None:
        super().__init__(scope, id_)
        secrets = (
            RegistrationSecrets(
                self, "secrets", ctx=ctx, clusters=[one.cluster for one in clusters]
            )
            if clusters
            else None
        )
        writer = WorkloadIdentity(
            self,
            "identity",
            ctx=ctx,
            mechanism=identity,
            cluster=cluster,
            service_account=ServiceAccount(namespace=NAMESPACE, name=REGISTRAR),
            name=REGISTRAR,
            policy=secrets.may_put() if secrets else None,
        )
        job = Manifests(
            self,
            "job",
            name=REGISTRAR,
            namespace=NAMESPACE,
            manifests=registrar(
                host=host,
                region=ctx.region,
                application=application,
                clusters=clusters,
                secret_ids=secrets.arns if secrets else {},
                annotations=service_account_annotations(writer.outputs),
            ),
            after=[*after, *writer.ready, *(secrets.ready if secrets else ())],
        )
        self.ready = [job.resource]
