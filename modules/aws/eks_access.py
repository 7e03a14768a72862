"""Who may reach a cluster's Kubernetes API: access entries and people's sign-in by OIDC."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Self

from cdktf_cdktf_provider_aws.eks_access_entry import EksAccessEntry
from cdktf_cdktf_provider_aws.eks_access_policy_association import (
    EksAccessPolicyAssociation,
    EksAccessPolicyAssociationAccessScope,
)
from cdktf_cdktf_provider_aws.eks_identity_provider_config import (
    EksIdentityProviderConfig,
    EksIdentityProviderConfigOidc,
)
from constructs import Construct
from pydantic import AfterValidator, Field, model_validator

from ..core.config import Config
from ..core.context import Context, Name, Text

KUBERNETES = "system:"
"""What names of Kubernetes' own groups begin with, such as ``system:masters``."""


class AccessPolicy(StrEnum):
    """EKS access policies for people and pipelines, by AWS's names.

    Source: EKS user guide, "Review access policy permissions".
    """

    CLUSTER_ADMIN = "AmazonEKSClusterAdminPolicy"
    ADMIN = "AmazonEKSAdminPolicy"
    ADMIN_VIEW = "AmazonEKSAdminViewPolicy"
    EDIT = "AmazonEKSEditPolicy"
    VIEW = "AmazonEKSViewPolicy"


# They hold cluster-scoped permissions, which a namespace scope would quietly drop.
CLUSTER_SCOPED = (AccessPolicy.CLUSTER_ADMIN, AccessPolicy.ADMIN_VIEW)


def _role_or_user(arn: str) -> str:
    if not re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]+", arn):
        raise ValueError(
            f"{arn!r} is neither a role nor a user of IAM; name the role itself, "
            "arn:aws:iam::ACCOUNT:role/NAME, not a session of it"
        )
    if ":role/aws-service-role/" in arn:
        raise ValueError(f"{arn!r} is a service-linked role, which EKS refuses; name another role")
    return arn


Principal = Annotated[str, AfterValidator(_role_or_user)]
Namespace = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]


class AccessEntry(Config):
    """What one IAM principal may do."""

    principal_arn: Principal
    """An IAM role or user of any account; never a session, never a service-linked role."""
    policy: AccessPolicy
    """What it may do, as a policy of EKS."""
    namespaces: tuple[Namespace, ...] = ()
    """Namespaces the policy holds in; none: the whole cluster."""

    @model_validator(mode="after")
    def scope_suits_the_policy(self) -> Self:
        """Refuse a namespace scope for policies that are about the cluster."""
        if self.namespaces and self.policy in CLUSTER_SCOPED:
            raise ValueError(
                f"{self.policy} holds for the whole cluster, namespaces is set to "
                f"{', '.join(self.namespaces)}; use {AccessPolicy.ADMIN} or remove namespaces"
            )
        return self

    @property
    def administers_cluster(self) -> bool:
        """Whether the entry makes its principal an administrator of the whole cluster."""
        return self.policy is AccessPolicy.CLUSTER_ADMIN


def _own_namespace(prefix: str) -> str:
    if prefix == KUBERNETES:
        raise ValueError(
            "'system:' is Kubernetes' own prefix: a token could claim system:masters; use another"
        )
    return prefix


Prefix = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*:$"), AfterValidator(_own_namespace)]


class OidcIdentityProvider(Config):
    """Sign-in of people through an OIDC provider such as Entra ID (Azure AD)."""

    name: Name = "entra-id"
    """How EKS calls the provider."""
    issuer_url: Annotated[str, Field(pattern=r"^https://[^\s?#]+$")]
    """For Entra ID: ``https://login.microsoftonline.com/<tenant id>/v2.0``."""
    client_id: Text
    """Application (client) id that tokens are made for."""
    groups_claim: str = "groups"
    """Claim with the groups; Entra ID sends object ids, and none beyond 200 groups."""
    username_claim: str = "oid"
    """Claim that names the person for ever; ``email`` may change hands."""
    prefix: Prefix = "entra:"
    """Stands before names and groups, so that no token can claim ``system:masters``."""


class Access(Construct):
    """Access entries, keyed by stable names, and the OIDC provider of a cluster."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        cluster_name: str,
        entries: Mapping[str, AccessEntry],
        identity_provider: OidcIdentityProvider | None,
    ) -> None:
        super().__init__(scope, id_)
        for name, entry in entries.items():
            resource = EksAccessEntry(
                self,
                f"entry-{name}",
                cluster_name=cluster_name,
                principal_arn=entry.principal_arn,
                type="STANDARD",
                tags={"Name": ctx.name("access", name)},
            )
            EksAccessPolicyAssociation(
                self,
                f"policy-{name}",
                cluster_name=cluster_name,
                # From settings: the entry's own attribute is unknown in a plan that replaces it.
                principal_arn=entry.principal_arn,
                # Access policies have no region and no account.
                policy_arn=f"arn:{ctx.partition}:eks::aws:cluster-access-policy/{entry.policy}",
                access_scope=EksAccessPolicyAssociationAccessScope(
                    type="namespace" if entry.namespaces else "cluster",
                    namespaces=list(entry.namespaces) or None,
                ),
                depends_on=[resource],
            )
        if identity_provider is not None:
            EksIdentityProviderConfig(
                self,
                "identity-provider",
                cluster_name=cluster_name,
                oidc=EksIdentityProviderConfigOidc(
                    identity_provider_config_name=identity_provider.name,
                    issuer_url=identity_provider.issuer_url,
                    client_id=identity_provider.client_id,
                    groups_claim=identity_provider.groups_claim,
                    groups_prefix=identity_provider.prefix,
                    username_claim=identity_provider.username_claim,
                    username_prefix=identity_provider.prefix,
                ),
            )


class GroupEntry(Construct):
    """An access entry without an access policy: its role is in groups that RBAC speaks of.

    Until a binding in the cluster names a group, the role may do nothing there.
    Source: EKS user guide, "Create an access entry using Kubernetes groups".

    Raises:
        ValueError: a group is one of Kubernetes' own, which EKS refuses.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        name: str,
        cluster_name: str,
        principal_arn: str,
        groups: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        if own := [group for group in groups if group.startswith(KUBERNETES)]:
            raise ValueError(
                f"{', '.join(own)}: EKS lets no entry into groups of {KUBERNETES!r}; use another"
            )
        EksAccessEntry(
            self,
            "Resource",
            cluster_name=cluster_name,
            principal_arn=principal_arn,
            type="STANDARD",
            kubernetes_groups=[*groups],
            tags={"Name": ctx.name("access", name)},
        )
