"""An EKS control plane: private, encrypted, logged, open only to the principals that are named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Annotated, Self

from cdktf import Fn, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.eks_cluster import (
    EksCluster,
    EksClusterAccessConfig,
    EksClusterEncryptionConfig,
    EksClusterEncryptionConfigProvider,
    EksClusterKubernetesNetworkConfig,
    EksClusterUpgradePolicy,
    EksClusterVpcConfig,
    EksClusterZonalShiftConfig,
)
from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct
from pydantic import Field, model_validator

from ..core.config import Config, named_once
from ..core.context import Context, Name
from ..core.iam import trust_service
from ..core.kubernetes_versions import KubernetesVersion, SupportType
from ..core.networks import PrivateNetwork, PublicNetwork, ServiceNetwork
from ..core.retention import RetentionDays
from ..core.subnets import MAX_ZONES
from .eks_access import Access, AccessEntry, OidcIdentityProvider
from .kms import Key, KeyConfig
from .log_group import encrypted_log_group
from .role import Role

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
SERVICES = IPv4Network("172.20.0.0/16")


class EksConfig(Config):
    """Settings of the control plane."""

    version: KubernetesVersion
    """One minor at a time upwards, never back; the support calendar is checked before a synth."""
    support: SupportType = SupportType.STANDARD
    """AWS's own default is EXTENDED, whose bill nobody approves."""
    access_entries: Mapping[Name, AccessEntry]
    """Principals by a stable name; whoever creates the cluster gets nothing by that alone."""
    identity_provider: OidcIdentityProvider | None = None
    """Sign-in of people by tokens of an OIDC provider; None: by IAM alone."""
    api_access: Mapping[Name, PrivateNetwork] = Field(default_factory=dict)
    """Private networks, by a stable name, that may reach the endpoint and have a route to it."""
    public_access_cidrs: Annotated[tuple[PublicNetwork, ...], Field(max_length=40)] = ()
    """Networks that may reach the public endpoint; none: there is no public endpoint."""
    control_plane_zones: int = Field(default=2, ge=2, le=MAX_ZONES)
    """The first so many zones of the VPC hold the control plane's interfaces, for ever: EKS takes
    subnets of other zones at creation alone (EKS user guide, network requirements)."""
    service_cidr: ServiceNetwork = SERVICES
    """Addresses of Kubernetes services, fixed at creation; it overlaps no network in reach."""
    log_retention_days: RetentionDays = 365
    """Days that CloudWatch keeps the control plane's logs."""
    zonal_shift: bool = True
    """Lets people move traffic out of an impaired zone; AWS does so where autoshift is on."""

    @model_validator(mode="after")
    def each_is_named_once(self) -> Self:
        """Refuse what EKS or EC2 would refuse as a duplicate, in the middle of an apply."""
        principals = [entry.principal_arn for entry in self.access_entries.values()]
        named_once("access_entries", principals)
        named_once("api_access", [str(cidr) for cidr in self.api_access.values()])
        named_once("public_access_cidrs", [str(cidr) for cidr in self.public_access_cidrs])
        return self


@dataclass(frozen=True, slots=True)
class EksOutputs:
    """What nodes, workloads and Kubernetes providers need of the cluster."""

    cluster_name: str
    cluster_arn: str
    endpoint: str
    certificate_authority: str
    """Base64 of the certificate that signs the API's own."""
    security_group_id: str
    """The group that control plane and nodes share."""
    oidc_provider_arn: str
    oidc_issuer_host: str
    """The issuer's URL without ``https://``, as IAM conditions name it."""


class Eks(Construct):
    """The control plane, its key, its log group, its OIDC provider and who may use it."""

    outputs: EksOutputs

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: EksConfig,
        vpc_id: str,
        subnet_ids: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        name = ctx.cluster_name
        # EKS writes to this very name; made first, it is encrypted and expires.
        log_group_name = f"/aws/eks/{name}/cluster"
        # EKS takes another key never, and a cluster whose key is deleted is lost: this construct
        # keeps its id for ever, and nobody but the cluster uses the key.
        secrets_key = Key(
            self,
            "secrets-key",
            ctx=ctx,
            name="eks-secrets",
            config=KeyConfig(description=f"Kubernetes secrets of {name}"),
        )
        log_group = encrypted_log_group(
            self,
            ctx=ctx,
            name=log_group_name,
            retention_days=config.log_retention_days,
            key_name="eks-logs",
            description=f"Control plane logs of {name}",
            key_id="logs-key",
        )
        role = Role(
            self,
            "role",
            ctx=ctx,
            name="eks",
            trust=trust_service("eks.amazonaws.com"),
            managed_policies=["AmazonEKSClusterPolicy"],
        )
        cluster = EksCluster(
            self,
            "Resource",
            name=name,
            version=config.version,
            role_arn=role.arn,
            vpc_config=EksClusterVpcConfig(
                subnet_ids=list(subnet_ids),
                security_group_ids=[self._api_access(ctx, config, vpc_id)],
                endpoint_private_access=True,
                endpoint_public_access=bool(config.public_access_cidrs),
                public_access_cidrs=[str(c) for c in config.public_access_cidrs] or None,
            ),
            kubernetes_network_config=EksClusterKubernetesNetworkConfig(
                service_ipv4_cidr=str(config.service_cidr)
            ),
            access_config=EksClusterAccessConfig(
                authentication_mode="API",
                # An entry nobody wrote down would outlive the person who ran the first deploy.
                bootstrap_cluster_creator_admin_permissions=False,
            ),
            # Otherwise EKS installs copies of the add-ons that no one manages.
            bootstrap_self_managed_addons=False,
            upgrade_policy=EksClusterUpgradePolicy(support_type=config.support),
            encryption_config=EksClusterEncryptionConfig(
                resources=["secrets"],
                provider=EksClusterEncryptionConfigProvider(key_arn=secrets_key.outputs.arn),
            ),
            enabled_cluster_log_types=list(LOG_TYPES),
            zonal_shift_config=EksClusterZonalShiftConfig(enabled=config.zonal_shift),
            lifecycle=TerraformResourceLifecycle(
                # EKS does not give them back, so an imported cluster would be replaced.
                ignore_changes=[
                    "bootstrap_self_managed_addons",
                    "access_config[0].bootstrap_cluster_creator_admin_permissions",
                ]
            ),
            # Without its policy the role could not clean up network interfaces on deletion.
            depends_on=[log_group, *role.policies],
        )
        issuer = cluster.identity.get(0).oidc.get(0).issuer
        provider = IamOpenidConnectProvider(
            self,
            "oidc-provider",
            url=issuer,
            client_id_list=["sts.amazonaws.com"],
            tags={"Name": ctx.name("oidc")},
        )
        Access(
            self,
            "access",
            ctx=ctx,
            cluster_name=cluster.name,
            entries=config.access_entries,
            identity_provider=config.identity_provider,
        )
        self.outputs = EksOutputs(
            cluster_name=cluster.name,
            cluster_arn=cluster.arn,
            endpoint=cluster.endpoint,
            certificate_authority=cluster.certificate_authority.get(0).data,
            security_group_id=cluster.vpc_config.cluster_security_group_id,
            oidc_provider_arn=provider.arn,
            oidc_issuer_host=Fn.replace(issuer, "https://", ""),
        )

    def _api_access(self, ctx: Context, config: EksConfig, vpc_id: str) -> str:
        """Return a group of the control plane's alone: the cluster's own is the nodes' as well."""
        group = SecurityGroup(
            self,
            "control-plane",
            # A group in use cannot go before its successor has taken its place.
            name_prefix=f"{ctx.name('control-plane')}-",
            description="Kubernetes API from networks outside the VPC",
            vpc_id=vpc_id,
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            tags={"Name": ctx.name("control-plane")},
        )
        for source, cidr in config.api_access.items():
            VpcSecurityGroupIngressRule(
                self,
                f"api-access-{source}",
                security_group_id=group.id,
                description=f"Kubernetes API for {source}",
                cidr_ipv4=str(cidr),
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                tags={"Name": ctx.name("api-access", source)},
            )
        return group.id
