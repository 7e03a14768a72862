"""The addresses of a region, as network policies and proxies name them."""

from collections.abc import Sequence
from ipaddress import IPv4Network

from ..aws.vpc import VpcConfig
from ..core.flows import RegionNetworks
from ..core.subnets import deal
from .edge import Front


def region_networks(
    vpc: VpcConfig, front: Front, peered: Sequence[IPv4Network] = ()
) -> RegionNetworks:
    """Return a region's addresses; its load balancer stands where the ingress layer places it."""
    blocks = deal(vpc.cidr, vpc.zones).values()
    within = front is Front.VPC_ORIGIN
    return RegionNetworks(
        vpc=vpc.cidr,
        balancers=tuple(zone.private if within else zone.public for zone in blocks),
        control_plane=tuple(zone.isolated for zone in blocks),
        peered=tuple(peered),
    )
