"""An EKS control plane: private, encrypted, logged, open only to the principals that are named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Annotated

from cdktf import Fn
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.eks_cluster import (
    EksCluster,
    EksClusterAccessConfig,
    EksClusterEncryptionConfig,
    EksClusterEncryptionConfigProvider,
    EksClusterUpgradePolicy,
    EksClusterVpcConfig,
    EksClusterZonalShiftConfig,
)
from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct
from pydantic import AfterValidator, Field

from ..core.config import Config
from ..core.context import Context, Name
from ..core.iam import trust_service
from ..core.retention import RetentionDays
from .eks_access import Access, AccessEntry, OidcIdentityProvider
from .kms import Key, KeyConfig, logs_may_encrypt
from .role import Role

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
# Two /1 halves would open the API to the world as 0.0.0.0/0 does.
WIDEST_PUBLIC_PREFIX = 8

KubernetesVersion = Annotated[str, Field(pattern=r"^1\.\d{2}$")]
"""A Kubernetes minor, such as 1.35."""


def _not_the_world(cidr: IPv4Network) -> IPv4Network:
    if cidr.prefixlen < WIDEST_PUBLIC_PREFIX:
        raise ValueError(
            f"{cidr} is too much of the internet, the widest network allowed is a "
            f"/{WIDEST_PUBLIC_PREFIX}; list the networks of your people and runners"
        )
    return cidr


PublicNetwork = Annotated[IPv4Network, AfterValidator(_not_the_world)]


class EksConfig(Config):
    """Settings of the control plane."""

    version: KubernetesVersion
    """One minor at a time upwards, never back; the support calendar is checked before a synth."""
    access_entries: Mapping[Name, AccessEntry]
    """Principals by a stable name; whoever creates the cluster gets nothing by that alone."""
    identity_provider: OidcIdentityProvider | None = None
    api_access: Mapping[Name, IPv4Network] = Field(default_factory=dict)
    """Networks outside the VPC that may reach the private endpoint, by a stable name."""
    public_access_cidrs: tuple[PublicNetwork, ...] = ()
    """Networks that may reach the public endpoint; none: there is no public endpoint."""
    log_retention_days: RetentionDays = 365
    zonal_shift: bool = True
    """Lets AWS move traffic out of an impaired zone."""


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
        subnet_ids: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        name = ctx.cluster_name
        # EKS writes to this very name; made first, it is encrypted and expires.
        log_group_name = f"/aws/eks/{name}/cluster"
        key = Key(
            self,
            "key",
            ctx=ctx,
            name="eks",
            config=KeyConfig(description=f"Kubernetes secrets and control plane logs of {name}"),
            statements=[logs_may_encrypt(ctx, log_group_name)],
        )
        log_group = CloudwatchLogGroup(
            self,
            "log-group",
            name=log_group_name,
            retention_in_days=config.log_retention_days,
            kms_key_id=key.outputs.arn,
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
                endpoint_private_access=True,
                endpoint_public_access=bool(config.public_access_cidrs),
                public_access_cidrs=[str(c) for c in config.public_access_cidrs] or None,
            ),
            access_config=EksClusterAccessConfig(
                authentication_mode="API",
                # An entry nobody wrote down would outlive the person who ran the first deploy.
                bootstrap_cluster_creator_admin_permissions=False,
            ),
            # Otherwise EKS installs copies of the add-ons that no one manages.
            bootstrap_self_managed_addons=False,
            # AWS's default, EXTENDED, bills six times the price once standard support has ended.
            upgrade_policy=EksClusterUpgradePolicy(support_type="STANDARD"),
            encryption_config=EksClusterEncryptionConfig(
                resources=["secrets"],
                provider=EksClusterEncryptionConfigProvider(key_arn=key.outputs.arn),
            ),
            enabled_cluster_log_types=list(LOG_TYPES),
            zonal_shift_config=EksClusterZonalShiftConfig(enabled=config.zonal_shift),
            # Without its policy the role could not clean up network interfaces on deletion.
            depends_on=[log_group, *role.policies],
        )
        security_group_id = cluster.vpc_config.cluster_security_group_id
        for source, cidr in config.api_access.items():
            VpcSecurityGroupIngressRule(
                self,
                f"api-access-{source}",
                security_group_id=security_group_id,
                description=f"Kubernetes API for {source}",
                cidr_ipv4=str(cidr),
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
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
            security_group_id=security_group_id,
            oidc_provider_arn=provider.arn,
            oidc_issuer_host=Fn.replace(issuer, "https://", ""),
        )
