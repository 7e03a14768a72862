"""Layer cluster: the EKS cluster of one region, its nodes and its add-ons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Self

from cdktf import Fn, Token
from constructs import Construct
from pydantic import Field, model_validator

from ..aws.addons import Addons, AddonsConfig
from ..aws.break_glass import role_arn as break_glass_role_arn
from ..aws.eks import Eks, EksConfig
from ..aws.hub_access import HubAccess
from ..aws.node_group import NodeGroup, NodeGroupConfig
from ..core.config import Config
from ..core.context import Context
from ..core.eks_addons import AFTER_NODES, BEFORE_NODES
from ..core.fleet import Hub
from ..core.layer import Layer, Sample
from .network import NetworkStack

NodeGroupName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,19}$")]

_ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"


class ClusterConfig(Config):
    """Settings of the layer."""

    eks: EksConfig
    """The control plane: version, who may reach and use it."""
    node_groups: Mapping[NodeGroupName, NodeGroupConfig] = Field(min_length=1)
    """Node groups by a name that never changes: another name is another group."""
    addons: AddonsConfig = Field(default_factory=AddonsConfig)
    """EKS's own add-ons: their versions, and how they get their roles."""

    @model_validator(mode="after")
    def something_takes_every_pod(self) -> Self:
        """Refuse node groups none of which holds CoreDNS: the deploy would wait for it in vain."""
        if not any(g.min_size and g.takes_every_pod for g in self.node_groups.values()):
            raise ValueError(
                f"each of node_groups {', '.join(self.node_groups)} is empty or tainted: CoreDNS "
                "and the EBS CSI driver find no node; give one group min_size 1 or more and no "
                "NO_SCHEDULE or NO_EXECUTE taint"
            )
        return self


@dataclass(frozen=True, slots=True)
class ClusterContract:
    """What later layers read, and what Kubernetes and Helm providers connect with."""

    cluster_name: Annotated[str, Sample("ekp-sample-euw1-eks")]
    cluster_arn: Annotated[str, Sample("arn:aws:eks:eu-west-1:111122223333:cluster/sample")]
    endpoint: Annotated[str, Sample("https://EXAMPLE.gr7.eu-west-1.eks.amazonaws.com")]
    certificate_authority: Annotated[str, Sample("Y2VydGlmaWNhdGU=")]
    """Base64 of the certificate that signs the API's own."""
    security_group_id: Annotated[str, Sample("sg-0a1b2c3d4e5f60718")]
    oidc_provider_arn: Annotated[str, Sample(f"arn:aws:iam::111122223333:oidc-provider/{_ISSUER}")]
    oidc_issuer_host: Annotated[str, Sample(_ISSUER)]


class ClusterStack(Layer[ClusterContract]):
    """Control plane in the isolated subnets, nodes in the private ones."""

    layer = "cluster"
    contract = ClusterContract

    def __init__(
        self,
        scope: Construct,
        ctx: Context,
        config: ClusterConfig,
        *,
        network: NetworkStack,
        hub: Hub | None = None,
    ) -> None:
        """Write the cluster down.

        Args:
            scope: the app.
            ctx: where the layer lives.
            config: its settings.
            network: whose contract names the subnets.
            hub: whose Argo CD brings services here; None: no hub does.
        """
        super().__init__(scope, ctx)
        subnets = network.read_by(self)
        version = config.eks.version
        cluster = Eks(
            self,
            "eks",
            ctx=ctx,
            config=config.eks,
            vpc_id=subnets.vpc_id,
            subnet_ids=Token.as_list(
                Fn.slice(subnets.isolated_subnet_ids, 0, config.eks.control_plane_zones)
            ),
        ).outputs
        addons = Addons(
            self, "addons", ctx=ctx, config=config.addons, version=version, cluster=cluster
        )
        before = addons.install(BEFORE_NODES)
        nodes = [
            NodeGroup(
                self,
                f"nodes-{name}",
                ctx=ctx,
                name=name,
                config=settings,
                cluster_name=cluster.cluster_name,
                version=version,
                subnet_ids=subnets.private_subnet_ids,
                after=before,
            )
            for name, settings in config.node_groups.items()
        ]
        addons.install(AFTER_NODES, after=[group.resource for group in nodes])
        if hub is not None:
            HubAccess(self, "hub-access", ctx=ctx, cluster=cluster, hub=hub)
        self.promises(
            {
                "administrators": [
                    ctx.deploy_role_arn,
                    break_glass_role_arn(ctx.model_copy(update={"is_global": True})),
                ],
                "trusted_accounts": [hub.account_id] if hub else [],
            }
        )
        self.publish(
            ClusterContract(
                cluster_name=cluster.cluster_name,
                cluster_arn=cluster.cluster_arn,
                endpoint=cluster.endpoint,
                certificate_authority=cluster.certificate_authority,
                security_group_id=cluster.security_group_id,
                oidc_provider_arn=cluster.oidc_provider_arn,
                oidc_issuer_host=cluster.oidc_issuer_host,
            )
        )
