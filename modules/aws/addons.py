"""EKS add-ons at pinned versions, each with its own role where it calls AWS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.eks_addon import EksAddon
from constructs import Construct
from pydantic import Field

from ..core.config import Config
from ..core.context import Context
from ..core.eks_addons import VERSIONS, Addon
from .eks import EksOutputs, KubernetesVersion
from .workload_identity import Mechanism, ServiceAccount, WorkloadIdentity


@dataclass(frozen=True, slots=True)
class _Caller:
    """An add-on that calls AWS: its service account and the policy it needs."""

    service_account: ServiceAccount
    managed_policy: str


# Source: EKS user guide, "IAM roles for Amazon EKS add-ons".
CALLERS: Mapping[Addon, _Caller] = {
    Addon.VPC_CNI: _Caller(
        ServiceAccount(namespace="kube-system", name="aws-node"), "AmazonEKS_CNI_Policy"
    ),
    Addon.EBS_CSI_DRIVER: _Caller(
        ServiceAccount(namespace="kube-system", name="ebs-csi-controller-sa"),
        "service-role/AmazonEBSCSIDriverPolicy",
    ),
}


class AddonsConfig(Config):
    """Settings of the add-ons."""

    identity: Mechanism = Mechanism.IRSA
    versions: Mapping[Addon, str] = Field(default_factory=dict)
    """Versions in place of the catalogue's; the VPC CNI moves one minor at a time."""


class Addons(Construct):
    """Some add-ons of a cluster, made once everything in ``after`` is there.

    Which come before the nodes is said in the catalogue.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: AddonsConfig,
        addons: Sequence[Addon],
        version: KubernetesVersion,
        cluster: EksOutputs,
        after: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(scope, id_)
        self.resources: list[ITerraformDependable] = []
        for addon in addons:
            identity = self._identity(ctx, config.identity, addon, cluster)
            self.resources.append(
                EksAddon(
                    self,
                    addon.value,
                    cluster_name=cluster.cluster_name,
                    addon_name=addon,
                    addon_version=config.versions.get(addon, VERSIONS[version][addon]),
                    service_account_role_arn=identity.outputs.annotated_role_arn
                    if identity
                    else None,
                    # What is deployed is what is written here, not what someone patched by hand.
                    resolve_conflicts_on_create="OVERWRITE",
                    resolve_conflicts_on_update="OVERWRITE",
                    tags={"Name": ctx.name(addon)},
                    depends_on=[*(identity.ready if identity else ()), *after] or None,
                )
            )

    def _identity(
        self, ctx: Context, mechanism: Mechanism, addon: Addon, cluster: EksOutputs
    ) -> WorkloadIdentity | None:
        if (caller := CALLERS.get(addon)) is None:
            return None
        return WorkloadIdentity(
            self,
            f"{addon}-identity",
            ctx=ctx,
            mechanism=mechanism,
            cluster=cluster,
            service_account=caller.service_account,
            name=addon,
            managed_policies=[caller.managed_policy],
        )
