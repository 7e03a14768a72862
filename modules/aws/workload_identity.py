"""An IAM role that one Kubernetes service account may assume, through IRSA or EKS Pod Identity."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.eks_pod_identity_association import EksPodIdentityAssociation
from constructs import Construct

from ..core.config import Config
from ..core.context import Context
from ..core.iam import trust_irsa, trust_pod_identity
from .eks import EksOutputs
from .role import Role


class Mechanism(StrEnum):
    """How a pod gets the role's credentials."""

    IRSA = "irsa"
    """The cluster's OIDC provider; the service account carries the role's ARN."""
    POD_IDENTITY = "pod-identity"
    """An association in EKS; needs the agent add-on, and not for Fargate or Windows pods."""


class ServiceAccount(Config):
    """The one service account a role is for."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class WorkloadIdentityOutputs:
    """What the workload's chart or add-on needs."""

    role_arn: str
    annotated_role_arn: str | None
    """Value of the annotation ``eks.amazonaws.com/role-arn``; None with Pod Identity."""


def trust(mechanism: Mechanism, cluster: EksOutputs, service_account: ServiceAccount) -> str:
    """Return who may assume a role: one service account of one cluster, by the mechanism."""
    if mechanism is Mechanism.IRSA:
        return trust_irsa(
            provider_arn=cluster.oidc_provider_arn,
            issuer_host=cluster.oidc_issuer_host,
            namespace=service_account.namespace,
            service_account=service_account.name,
        )
    return trust_pod_identity(
        cluster_arn=cluster.cluster_arn,
        namespace=service_account.namespace,
        service_account=service_account.name,
    )


class WorkloadIdentity(Construct):
    """The role ``<prefix>-<name>``; the same policy serves both mechanisms.

    ``managed_policies`` are names of AWS managed policies with their path, ``policy`` an inline
    document of :mod:`modules.core.iam`, ``boundary`` the ARN of a managed policy that bounds the
    role where the environment names none. A workload that uses the role must depend on ``ready``.
    """

    outputs: WorkloadIdentityOutputs
    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        mechanism: Mechanism,
        cluster: EksOutputs,
        service_account: ServiceAccount,
        name: str,
        managed_policies: Sequence[str] = (),
        policy: str | None = None,
        boundary: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        role = Role(
            self,
            "role",
            ctx=ctx,
            name=name,
            trust=trust(mechanism, cluster, service_account),
            managed_policies=managed_policies,
            policy=policy,
            boundary=boundary,
        )
        irsa = mechanism is Mechanism.IRSA
        self.ready = list(role.policies)
        if not irsa:
            self.ready.append(
                EksPodIdentityAssociation(
                    self,
                    "association",
                    cluster_name=cluster.cluster_name,
                    role_arn=role.arn,
                    namespace=service_account.namespace,
                    service_account=service_account.name,
                    tags={"Name": ctx.name(name)},
                )
            )
        self.outputs = WorkloadIdentityOutputs(
            role_arn=role.arn, annotated_role_arn=role.arn if irsa else None
        )
