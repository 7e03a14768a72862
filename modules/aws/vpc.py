"""A VPC with public, private and isolated subnets in two to four availability zones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network
from typing import Self

from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from cdktf_cdktf_provider_aws.eip import Eip
from cdktf_cdktf_provider_aws.internet_gateway import InternetGateway
from cdktf_cdktf_provider_aws.nat_gateway import NatGateway
from cdktf_cdktf_provider_aws.route import Route
from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc as AwsVpc
from constructs import Construct
from pydantic import Field, model_validator

from ..core.config import Config, named_once
from ..core.context import Context
from ..core.networks import PrivateNetwork
from ..core.regions import ZoneId
from ..core.subnets import MAX_ZONES, deal


class Nat(StrEnum):
    """How the private tier reaches the internet."""

    NONE = "none"
    SINGLE = "single"
    PER_ZONE = "per-zone"


class VpcConfig(Config):
    """Settings of the VPC."""

    cidr: PrivateNetwork
    """A /16 to /23 that no other region of any environment uses."""
    zones: tuple[ZoneId, ...] = Field(min_length=2, max_length=MAX_ZONES)
    """Zone ids (``euw1-az1``) in the order they were added: append, never reorder.

    An id means the same place in every account; a name (``eu-west-1a``) does not. A zone added
    later moves no subnet, but node groups, whose subnets are fixed, are made anew in more zones
    before the old ones go.
    """
    nat: Nat = Nat.PER_ZONE
    """One NAT gateway a zone survives the loss of a zone; a single one is cheaper."""

    @model_validator(mode="after")
    def subnets_fit(self) -> Self:
        """Refuse blocks that cannot be dealt out and zones named twice."""
        named_once("zones", self.zones)
        deal(self.cidr, self.zones)
        return self


@dataclass(frozen=True, slots=True)
class VpcOutputs:
    """What other modules need of the VPC; subnets in the order of the zones."""

    vpc_id: str
    public_subnet_ids: Sequence[str]
    private_subnet_ids: Sequence[str]
    isolated_subnet_ids: Sequence[str]
    private_route_table_ids: Sequence[str]
    """Route tables of the private and the isolated tier."""
    nat_addresses: Sequence[str]
    """Public addresses that traffic of the private tier comes from."""


class Vpc(Construct):
    """The network of one region: nothing in it is reachable but through what others add."""

    outputs: VpcOutputs

    def __init__(self, scope: Construct, id_: str, *, ctx: Context, config: VpcConfig) -> None:
        super().__init__(scope, id_)
        self._ctx = ctx
        vpc = AwsVpc(
            self,
            "Resource",
            cidr_block=str(config.cidr),
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={"Name": ctx.name("vpc")},
        )
        # Without rules the group admits nothing, even to what is started without one of its own.
        DefaultSecurityGroup(
            self, "default-security-group", vpc_id=vpc.id, tags={"Name": ctx.name("closed")}
        )
        blocks = deal(config.cidr, config.zones)
        public = self._subnets(
            "public",
            vpc.id,
            {zone: b.public for zone, b in blocks.items()},
            {"kubernetes.io/role/elb": "1"},
        )
        private = self._subnets(
            "private",
            vpc.id,
            {zone: b.private for zone, b in blocks.items()},
            {"kubernetes.io/role/internal-elb": "1", "karpenter.sh/discovery": ctx.cluster_name},
        )
        isolated = self._subnets(
            "isolated", vpc.id, {zone: b.isolated for zone, b in blocks.items()}, {}
        )

        gateway = InternetGateway(self, "gateway", vpc_id=vpc.id, tags={"Name": ctx.name("igw")})
        public_table = self._table("public", vpc.id, public)
        Route(
            self,
            "public-default",
            route_table_id=public_table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
        )
        isolated_table = self._table("isolated", vpc.id, isolated)
        # One table a zone whatever the NAT mode, so that a change of mode replaces routes alone.
        private_tables = {
            zone: self._table(f"private-{zone}", vpc.id, {zone: subnet})
            for zone, subnet in private.items()
        }
        nats = self._nat_gateways(config, public, gateway)
        for zone, table in private_tables.items():
            if nat := nats.get(zone) or next(iter(nats.values()), None):
                Route(
                    self,
                    f"private-{zone}-default",
                    route_table_id=table.id,
                    destination_cidr_block="0.0.0.0/0",
                    nat_gateway_id=nat.id,
                )
        self.outputs = VpcOutputs(
            vpc_id=vpc.id,
            public_subnet_ids=[s.id for s in public.values()],
            private_subnet_ids=[s.id for s in private.values()],
            isolated_subnet_ids=[s.id for s in isolated.values()],
            private_route_table_ids=[t.id for t in (*private_tables.values(), isolated_table)],
            nat_addresses=[n.public_ip for n in nats.values()],
        )

    def _subnets(
        self, tier: str, vpc_id: str, blocks: Mapping[str, IPv4Network], tags: Mapping[str, str]
    ) -> dict[str, Subnet]:
        return {
            zone: Subnet(
                self,
                f"{tier}-{zone}",
                vpc_id=vpc_id,
                availability_zone_id=zone,
                cidr_block=str(block),
                # AWS's default too; said, because a public address by accident is an open door.
                map_public_ip_on_launch=False,
                tags={"Name": self._ctx.name(tier, zone), **tags},
            )
            for zone, block in blocks.items()
        }

    def _table(self, name: str, vpc_id: str, subnets: Mapping[str, Subnet]) -> RouteTable:
        table = RouteTable(
            self, f"{name}-table", vpc_id=vpc_id, tags={"Name": self._ctx.name(name)}
        )
        for zone, subnet in subnets.items():
            RouteTableAssociation(
                self,
                f"{name}-table-{zone}",
                route_table_id=table.id,
                subnet_id=subnet.id,
            )
        return table

    def _nat_gateways(
        self, config: VpcConfig, public: Mapping[str, Subnet], gateway: InternetGateway
    ) -> dict[str, NatGateway]:
        zones = {Nat.NONE: (), Nat.SINGLE: config.zones[:1], Nat.PER_ZONE: config.zones}
        nats: dict[str, NatGateway] = {}
        for zone in zones[config.nat]:
            tags = {"Name": self._ctx.name("nat", zone)}
            address = Eip(self, f"nat-{zone}-address", domain="vpc", tags=tags)
            nats[zone] = NatGateway(
                self,
                f"nat-{zone}",
                subnet_id=public[zone].id,
                allocation_id=address.allocation_id,
                # A NAT gateway is of no use, and its deletion hangs, without the internet gateway.
                depends_on=[gateway],
                tags=tags,
            )
        return nats
