"""Vault: the cluster's store of secrets, unsealed by KMS and initialised without a human."""

from collections.abc import Sequence
from typing import Literal

from cdktf import ITerraformDependable
from constructs import Construct
from pydantic import Field

from ..aws.access_logs import AccessLogsOutputs
from ..aws.bucket import BucketConfig
from ..aws.eks import EksOutputs
from ..aws.kms import Key, KeyConfig
from ..aws.secret import Secret, SecretConfig, may_put
from ..aws.workload_identity import Mechanism, ServiceAccount, WorkloadIdentity
from ..core.availability import Availability
from ..core.config import Config
from ..core.context import Context
from ..core.hosts import Domain
from ..core.iam import allow, document
from ..kubernetes.apply import Manifests
from ..kubernetes.helm import HelmRelease
from ..kubernetes.jobs import wait_for
from ..kubernetes.manifest import Manifest
from ..kubernetes.namespaces import Namespace, PodSecurity
from ..kubernetes.vault import INIT, init_job
from ..kubernetes.vault_config import CERTIFICATE, SERVER, certificate, server_config
from ..kubernetes.vault_config import NAMESPACE as NAME
from .cert_manager import INTERNAL_ISSUER
from .charts import VAULT
from .identity import service_account_annotations
from .vault_snapshots import VaultSnapshots
from .vault_values import overrides

NAMESPACE = Namespace(name=NAME, pod_security=PodSecurity.RESTRICTED)
IMAGE = f"hashicorp/vault:{VAULT.app_version}"
# With one a zone, a zone may go and the two others still agree.
SERVERS = 3


class VaultConfig(Config):
    """Settings of a cluster's Vault."""

    servers: Literal[1, 3] | None = None
    """None: three with high availability, else one. Before it goes from 3 to 1, also by the
    availability, ``vault operator raft remove-peer`` takes the other two out (docs/platform.md,
    "Shrinking Vault"): a server alone is no majority of three and answers nobody."""
    data_gib: int = Field(default=10, ge=1)
    """Size of each server's data volume; fixed at creation, to grow it see docs/platform.md."""
    audit_gib: int = Field(default=10, ge=1)
    """Size of each server's audit volume; older entries are dropped before it is full. Fixed at
    creation, to grow it see docs/platform.md."""
    snapshot_schedule: str = "17 * * * *"
    """When a snapshot is saved, as cron writes it, in UTC: what comes after it can be lost. An
    alert fires six hours after the last one."""
    snapshots: BucketConfig = BucketConfig(retention_days=30)
    """The bucket that keeps snapshots."""
    secret_recovery_days: int = 30
    """Days in which the deleted secret with the recovery keys can be restored; 0: gone at once."""


class Vault(Construct):
    """One Vault a cluster: certificate, servers, first initialisation, snapshots.

    The job of the release ``vault-init`` initialises Vault once and puts its recovery keys into
    the secret ``<prefix>-vault-recovery``, encrypted by a key of its own; its role can write the
    secret but not read it. The root token is revoked at the end. ``ready`` is reached when every
    server is unsealed and one leads. ``host`` is the name that people reach the user interface by;
    None: there is none. The key ``vault-unseal`` must outlive every volume and snapshot of Vault.

    Whoever may start a pod in the namespace is Vault's root: its servers' volumes and the service
    account that may use their key are there. So the role ``ekp-vault-configure``, which the service
    account of that name may take, gives nobody more than he has; a job that configures Vault at
    night needs no recovery key for it.
    """

    ready: list[ITerraformDependable]
    unseal_key_arn: str

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: VaultConfig,
        availability: Availability,
        cluster: EksOutputs,
        identity: Mechanism,
        access_logs: AccessLogsOutputs,
        host: Domain | None = None,
        after: Sequence[ITerraformDependable],
    ) -> None:
        super().__init__(scope, id_)
        replicas = config.servers or availability.replicas(SERVERS)
        key = Key(
            self,
            "unseal-key",
            ctx=ctx,
            name="vault-unseal",
            config=KeyConfig(description=f"Unseals Vault of {cluster.cluster_name}"),
        )
        self.unseal_key_arn = key.outputs.arn
        server = WorkloadIdentity(
            self,
            "identity",
            ctx=ctx,
            mechanism=identity,
            cluster=cluster,
            service_account=ServiceAccount(namespace=NAME, name=SERVER),
            name="vault",
            policy=document(
                # Source: Vault documentation, "AWS KMS seal", authentication.
                allow(
                    "Unseal", ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"], [key.outputs.arn]
                )
            ),
        )
        tls = Manifests(
            self,
            "certificate",
            name="vault-certificate",
            namespace=NAME,
            manifests=[
                certificate(replicas, host=host, issuer=INTERNAL_ISSUER),
                *_certificate_is_ready(),
            ],
            after=after,
        )
        release = HelmRelease(
            self,
            "release",
            chart=VAULT,
            namespace=NAME,
            overrides=overrides(
                image=IMAGE,
                replicas=replicas,
                config=server_config(
                    replicas,
                    region=ctx.region,
                    kms_key_arn=key.outputs.arn,
                    user_interface=host is not None,
                ),
                annotations=service_account_annotations(server.outputs),
                data_gib=config.data_gib,
                audit_gib=config.audit_gib,
                user_interface=host is not None,
            ),
            after=[*after, *server.ready, tls.resource],
        )
        initialised = self._initialised(
            ctx=ctx,
            config=config,
            cluster=cluster,
            identity=identity,
            replicas=replicas,
            release=release,
        )
        snapshots = VaultSnapshots(
            self,
            "snapshots",
            ctx=ctx,
            bucket=config.snapshots,
            schedule=config.snapshot_schedule,
            image=IMAGE,
            cluster=cluster,
            identity=identity,
            access_logs=access_logs,
            after=[initialised.resource],
        )
        self.ready = [release.resource, initialised.resource, *snapshots.ready]

    def _initialised(
        self,
        *,
        ctx: Context,
        config: VaultConfig,
        cluster: EksOutputs,
        identity: Mechanism,
        replicas: int,
        release: HelmRelease,
    ) -> Manifests:
        recovery = Secret(
            self,
            "recovery",
            ctx=ctx,
            name="vault-recovery",
            config=SecretConfig(
                description="Recovery keys of Vault, which make a new root token",
                recovery_days=config.secret_recovery_days,
            ),
        )
        writer = WorkloadIdentity(
            self,
            "init-identity",
            ctx=ctx,
            mechanism=identity,
            cluster=cluster,
            service_account=ServiceAccount(namespace=NAME, name=INIT),
            name=INIT,
            policy=document(*may_put(recovery.outputs)),
        )
        return Manifests(
            self,
            "init",
            name=INIT,
            namespace=NAME,
            manifests=init_job(
                image=IMAGE,
                replicas=replicas,
                secret_id=recovery.outputs.arn,
                region=ctx.region,
                annotations=service_account_annotations(writer.outputs),
            ),
            after=[release.resource, *writer.ready],
            timeout_seconds=900,
        )


def _certificate_is_ready() -> list[Manifest]:
    return wait_for(
        "vault-certificate-ready",
        namespace=NAME,
        rules=[
            {
                "apiGroups": ["cert-manager.io"],
                "resources": ["certificates"],
                "verbs": ["get", "list", "watch"],
            }
        ],
        arguments=["--for=condition=Ready", f"--namespace={NAME}", f"certificate/{CERTIFICATE}"],
        seconds=300,
    )
