"""Whether a region's subnets have an address for every node and pod."""

from collections import Counter
from ipaddress import IPv4Network

from ekp.configured.environment import Configured
from ekp.configured.reading import Resource, every
from ekp.drill.pod_failure.nodes import Group, subnet_list
from ekp.drill.pod_failure.region import Region
from ekp.drill.report import Check, holds

# AWS keeps five of each subnet. Source: Amazon VPC user guide, "Subnet CIDR blocks".
_AWS_OWN = 5


def addresses(configured: Configured, region: Region) -> Check:
    """Return whether every group can have all of its nodes, each with all addresses it takes.

    The VPC CNI takes a node's interfaces as they are needed, with all of their addresses; at most
    every interface that the type has. Source: Amazon EKS best practices guide, "Amazon VPC CNI".
    """
    wanted: Counter[str] = Counter()
    room: dict[str, int] = {}
    makers: dict[str, str] = {}
    for group in region.groups:
        found = _subnets(configured, region.name, group)
        for place, one in enumerate(found):
            cidr = str(one.body["cidr_block"])
            room[cidr] = IPv4Network(cidr).num_addresses - _AWS_OWN
            makers[cidr] = one.path
            nodes = group.max_size // len(found) + (place < group.max_size % len(found))
            wanted[cidr] += nodes * group.instance.addresses
    full = [cidr for cidr in room if wanted[cidr] > room[cidr]]
    told = [f"{cidr}: {wanted[cidr]} of {room[cidr]}" for cidr in full or room]
    nats = len(every(configured.of_region(region.name), "aws_nat_gateway"))
    return holds(
        bool(room) and not full,
        f"Subnets of {region.name} have an address for every pod of every node that may start.",
        f"Addresses with every group at max_size, all interfaces in use: {'; '.join(told)}. Ways "
        f"out: {nats} NAT gateways, which AWS makes larger by itself.",
        [makers[cidr] for cidr in full or room],
        remedy=f"Give `regions[{region.name}].network.vpc` larger private subnets, or the groups a "
        "smaller max_size.",
    )


def _subnets(configured: Configured, region: str, group: Group) -> list[Resource]:
    stack = configured.layer("cluster", region)
    if stack is None:
        return []
    for one in every([stack], "aws_eks_node_group"):
        if one.path == group.by:
            return list(subnet_list(configured.reader, stack, one.body["subnet_ids"]))
    return []
