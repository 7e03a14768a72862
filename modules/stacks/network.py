"""Layer network: the VPC of one region and its private ways to AWS."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self

from constructs import Construct
from pydantic import Field, model_validator

from ..aws.flow_logs import FlowLogs, FlowLogsConfig
from ..aws.vpc import Nat, Vpc, VpcConfig
from ..aws.vpc_endpoints import NODES_NEED, VpcEndpoints, VpcEndpointsConfig
from ..core.config import Config
from ..core.context import Context
from ..core.layer import Layer, Sample
from ..core.subnets import MAX_ZONES


class NetworkConfig(Config):
    """Settings of the layer."""

    vpc: VpcConfig
    """Addresses, zones and NAT gateways."""
    endpoints: VpcEndpointsConfig = Field(default_factory=VpcEndpointsConfig)
    """Ways to AWS's own services that stay inside the VPC."""
    flow_logs: FlowLogsConfig = Field(default_factory=FlowLogsConfig)
    """The log of connections."""

    @model_validator(mode="after")
    def nodes_reach_what_they_need(self) -> Self:
        """Refuse a network in which no node could ever join a cluster."""
        missing = [s.value for s in NODES_NEED if s not in self.endpoints.interfaces]
        if self.vpc.nat is Nat.NONE and missing:
            raise ValueError(
                f"vpc.nat is none and endpoints.interfaces lacks {', '.join(missing)}: nodes could "
                "not join the cluster; add these endpoints or choose another vpc.nat"
            )
        return self


@dataclass(frozen=True, slots=True)
class NetworkContract:
    """What later layers read; subnets in the order of the zones, at least two, at most four."""

    vpc_id: Annotated[str, Sample("vpc-0a1b2c3d4e5f60718")]
    vpc_cidr: Annotated[str, Sample("10.0.0.0/16")]
    public_subnet_ids: Annotated[
        Sequence[str], Sample(tuple(f"subnet-0a1b2c3d4e5f6071{zone}" for zone in range(MAX_ZONES)))
    ]
    private_subnet_ids: Annotated[
        Sequence[str], Sample(tuple(f"subnet-0a1b2c3d4e5f6072{zone}" for zone in range(MAX_ZONES)))
    ]
    isolated_subnet_ids: Annotated[
        Sequence[str], Sample(tuple(f"subnet-0a1b2c3d4e5f6073{zone}" for zone in range(MAX_ZONES)))
    ]
    private_route_table_ids: Annotated[
        Sequence[str], Sample(("rtb-0a1b2c3d4e5f60741", "rtb-0a1b2c3d4e5f60742"))
    ]
    """Tables of the private and the isolated tier, for routes to networks of the organisation."""
    nat_addresses: Annotated[Sequence[str], Sample(("198.51.100.1",))]
    """Public addresses of the private tier, for allow lists elsewhere."""


class NetworkStack(Layer[NetworkContract]):
    """VPC, endpoints and flow logs of one region."""

    layer = "network"
    contract = NetworkContract

    def __init__(self, scope: Construct, ctx: Context, config: NetworkConfig) -> None:
        super().__init__(scope, ctx)
        vpc = Vpc(self, "vpc", ctx=ctx, config=config.vpc).outputs
        VpcEndpoints(
            self,
            "endpoints",
            ctx=ctx,
            config=config.endpoints,
            vpc_id=vpc.vpc_id,
            vpc_cidr=config.vpc.cidr,
            subnet_ids=vpc.private_subnet_ids,
            route_table_ids=vpc.private_route_table_ids,
        )
        self.promises(
            {
                "nat": config.vpc.nat.value,
                "endpoints": [service.value for service in config.endpoints.interfaces],
            }
        )
        FlowLogs(self, "flow-logs", ctx=ctx, config=config.flow_logs, vpc_id=vpc.vpc_id)
        self.publish(
            NetworkContract(
                vpc_id=vpc.vpc_id,
                vpc_cidr=str(config.vpc.cidr),
                public_subnet_ids=vpc.public_subnet_ids,
                private_subnet_ids=vpc.private_subnet_ids,
                isolated_subnet_ids=vpc.isolated_subnet_ids,
                private_route_table_ids=vpc.private_route_table_ids,
                nat_addresses=vpc.nat_addresses,
            )
        )
