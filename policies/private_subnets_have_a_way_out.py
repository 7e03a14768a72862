"""EKP_NET_1: nodes reach what they need: by a NAT gateway as promised, or by endpoints alone.

One NAT gateway a zone survives the loss of a zone, if every zone uses its own.
"""

from policies.checks import Entity, Everything, Verdict, stack_check
from policies.links import linked
from policies.networks import NODES_NEED, is_private, nat, reaches, reaches_s3, ways_out

ZONE = ("availability_zone_id", "availability_zone")


@stack_check(
    "EKP_NET_1",
    "Ensure a private subnet leads to a NAT gateway, or to the endpoints that nodes need",
    "aws_subnet",
)
def private_subnets_have_a_way_out(subnet: Entity, everything: Everything) -> Verdict:
    """Fail a private subnet whose way out is missing, leads nowhere or is in another zone."""
    if not is_private(subnet):
        return None
    promise = nat(everything)
    if promise == "none":
        return any(
            reaches_s3(vpc, everything) and all(reaches(vpc, everything, one) for one in NODES_NEED)
            for vpc in linked(subnet, everything, "aws_vpc")
        )
    places = [
        place
        for gateway in ways_out(subnet, everything, "nat_gateway_id", "aws_nat_gateway")
        if gateway.body.get("connectivity_type") in (None, "public")
        for place in linked(gateway, everything, "aws_subnet")
        if ways_out(place, everything, "gateway_id", "aws_internet_gateway")
    ]
    if promise == "single":
        return bool(places)
    return any(_zone(place) == _zone(subnet) for place in places)


def _zone(subnet: Entity) -> list[object]:
    return [subnet.body.get(name) for name in ZONE]
