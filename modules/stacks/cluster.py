"""Layer cluster: the EKS cluster of one region, its nodes and its add-ons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from constructs import Construct
from pydantic import Field

from ..aws.addons import Addons, AddonsConfig
from ..aws.eks import Eks, EksConfig
from ..aws.node_group import NodeGroup, NodeGroupConfig
from ..core.config import Config
from ..core.context import Context
from ..core.eks_addons import AFTER_NODES, BEFORE_NODES
from ..core.layer import Layer, Sample
from .network import NetworkStack

NodeGroupName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,19}$")]

_ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"


class ClusterConfig(Config):
    """Settings of the layer."""

    eks: EksConfig
    node_groups: Mapping[NodeGroupName, NodeGroupConfig] = Field(min_length=1)
    """Node groups by a name that never changes: another name is another group."""
    addons: AddonsConfig = Field(default_factory=AddonsConfig)


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
        self, scope: Construct, ctx: Context, config: ClusterConfig, *, network: NetworkStack
    ) -> None:
        super().__init__(scope, ctx)
        subnets = network.read_by(self)
        version = config.eks.version
        cluster = Eks(
            self, "eks", ctx=ctx, config=config.eks, subnet_ids=subnets.isolated_subnet_ids
        ).outputs
        before = Addons(
            self,
            "addons-before-nodes",
            ctx=ctx,
            config=config.addons,
            addons=BEFORE_NODES,
            version=version,
            cluster=cluster,
        )
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
                after=before.resources,
            )
            for name, settings in config.node_groups.items()
        ]
        Addons(
            self,
            "addons-after-nodes",
            ctx=ctx,
            config=config.addons,
            addons=AFTER_NODES,
            version=version,
            cluster=cluster,
            after=[group.resource for group in nodes],
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
