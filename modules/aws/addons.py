"""EKS add-ons at pinned versions, each with its own role where it calls AWS."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.eks_addon import EksAddon, EksAddonPodIdentityAssociation
from constructs import Construct
from pydantic import Field

from ..core.config import Config
from ..core.context import Context
from ..core.eks_addons import CONFIGURATION, VERSIONS, Addon
from ..core.kubernetes_versions import KubernetesVersion
from .eks import EksOutputs
from .role import Role
from .workload_identity import Mechanism, ServiceAccount, trust


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
    """How add-ons and charts of the cluster get their IAM roles."""
    versions: Mapping[Addon, str] = Field(default_factory=dict)
    """Versions in place of the catalogue's; the VPC CNI moves one minor at a time."""


class Addons(Construct):
    """The add-ons of a cluster, installed in phases; an add-on's address has no part in them."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: AddonsConfig,
        version: KubernetesVersion,
        cluster: EksOutputs,
    ) -> None:
        super().__init__(scope, id_)
        self._ctx = ctx
        self._config = config
        self._version = version
        self._cluster = cluster

    def install(
        self, addons: Sequence[Addon], *, after: Sequence[ITerraformDependable] = ()
    ) -> list[ITerraformDependable]:
        """Install add-ons once everything in ``after`` is there, and return them."""
        return [self._addon(addon, after) for addon in addons]

    def _addon(self, addon: Addon, after: Sequence[ITerraformDependable]) -> EksAddon:
        caller = CALLERS.get(addon)
        role = self._role(addon, caller) if caller else None
        irsa = self._config.identity is Mechanism.IRSA
        return EksAddon(
            self,
            addon.value,
            cluster_name=self._cluster.cluster_name,
            addon_name=addon,
            addon_version=self._config.versions.get(addon, VERSIONS[self._version][addon]),
            configuration_values=json.dumps(CONFIGURATION[addon])
            if addon in CONFIGURATION
            else None,
            service_account_role_arn=role.arn if role and irsa else None,
            # An association of the add-on's own: EKS then restarts its pods when it changes.
            pod_identity_association=[
                EksAddonPodIdentityAssociation(
                    role_arn=role.arn, service_account=caller.service_account.name
                )
            ]
            if role and caller and not irsa
            else None,
            # What is deployed is what is written here, not what someone patched by hand.
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            tags={"Name": self._ctx.name(addon)},
            depends_on=[*(role.policies if role else ()), *after] or None,
        )

    def _role(self, addon: Addon, caller: _Caller) -> Role:
        return Role(
            self,
            f"{addon}-role",
            ctx=self._ctx,
            name=addon,
            trust=trust(self._config.identity, self._cluster, caller.service_account),
            managed_policies=[caller.managed_policy],
        )
