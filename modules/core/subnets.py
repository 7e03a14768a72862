"""How a VPC's address block is dealt out to zones and tiers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

MAX_ZONES = 4
# A VPC may hold /16 to /28 (VPC quotas); below /23 a public subnet gets smaller than the /27 that a
# load balancer asks for (Elastic Load Balancing user guide, "Subnets for your load balancer").
LARGEST_PREFIX = 16
SMALLEST_PREFIX = 23
# EKS wants 6 free addresses in each subnet of the control plane, recommends 16.
ISOLATED_PREFIX = 28


@dataclass(frozen=True, slots=True)
class ZoneBlocks:
    """The subnets of one availability zone."""

    public: IPv4Network
    private: IPv4Network
    isolated: IPv4Network


def deal(cidr: IPv4Network, zones: Sequence[str]) -> Mapping[str, ZoneBlocks]:
    """Return the blocks of each zone; a zone appended later moves none of the others.

    The VPC is cut in four, one quarter a zone, whatever the number of zones. A quarter gives its
    first half to the private tier (nodes and pods), a quarter of itself to the public tier (load
    balancers, NAT) and one /28 to the isolated tier (the control plane's interfaces); the rest
    stays free.

    Raises:
        ValueError: the block is too small or too large, or there are more than four zones.
    """
    if not LARGEST_PREFIX <= cidr.prefixlen <= SMALLEST_PREFIX:
        raise ValueError(
            f"{cidr} is a /{cidr.prefixlen}, a VPC of four zones and three tiers takes "
            f"/{LARGEST_PREFIX} to /{SMALLEST_PREFIX}; use a block of such a size"
        )
    if len(zones) > MAX_ZONES:
        raise ValueError(
            f"{len(zones)} zones are asked for, {cidr} is dealt out to at most {MAX_ZONES}; "
            "remove zones"
        )
    return {
        zone: _zone_blocks(quarter)
        for zone, quarter in zip(zones, cidr.subnets(prefixlen_diff=2), strict=False)
    }


def _zone_blocks(quarter: IPv4Network) -> ZoneBlocks:
    private, rest = quarter.subnets(prefixlen_diff=1)
    public, spare = rest.subnets(prefixlen_diff=1)
    return ZoneBlocks(
        public=public,
        private=private,
        isolated=next(spare.subnets(new_prefix=ISOLATED_PREFIX)),
    )
