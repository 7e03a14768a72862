"""A VPC as a stack makes it: its private subnets, where they lead, and what was promised of it."""

from collections.abc import Iterator

from policies.checks import Entity, Everything, is_true
from policies.links import blocks, linked, linking

EVERYWHERE = "0.0.0.0/0"
PRIVATE_TAG = "kubernetes.io/role/internal-elb"
# What a node calls before it is Ready. Source: EKS user guide, "Deploy private clusters with
# limited internet access".
NODES_NEED = ("ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "sts")


def is_private(subnet: Entity) -> bool:
    """Tell whether nodes live in a subnet; an isolated one leads nowhere by intent."""
    # Text, because tags may be an expression.
    return PRIVATE_TAG in str(subnet.body.get("tags"))


def nat(everything: Everything) -> str:
    """Return the promised way out; unsaid, the least that the NAT gateways there speak of."""
    if said := everything.promises.get("nat"):
        return str(said)
    gateways = len(everything.of("aws_nat_gateway"))
    return "per-zone" if gateways > 1 else "single" if gateways else "none"


def ways_out(subnet: Entity, everything: Everything, setting: str, kind: str) -> list[Entity]:
    """Return the gateways of a kind that the default routes of a subnet lead to.

    ``setting`` is what names such a gateway in a route: ``nat_gateway_id`` or ``gateway_id``.
    """
    return [
        gateway
        for table in _tables(subnet, everything)
        for route in (table, *linking(table, everything, "aws_route"))
        if _leads(route, setting)
        for gateway in linked(route, everything, kind)
    ]


def reaches(vpc: Entity, everything: Everything, service: str) -> bool:
    """Tell whether a VPC calls a service by its own name through an interface endpoint.

    Without private DNS the endpoint is there, and nobody calls it.
    """
    return any(
        one.body.get("vpc_endpoint_type") == "Interface"
        and is_true(one.body.get("private_dns_enabled"))
        and linked(one, everything, "aws_subnet")
        for one in _endpoints(vpc, everything, service)
    )


def reaches_s3(vpc: Entity, everything: Everything) -> bool:
    """Tell whether all private subnets of a VPC reach S3 through a gateway endpoint.

    It costs nothing, and the layers of images come from S3.
    """
    gateways = [
        one
        for one in _endpoints(vpc, everything, "s3")
        if one.body.get("vpc_endpoint_type") in (None, "Gateway")
    ]
    joined = [
        table
        for gateway in gateways
        for one in (
            gateway,
            *linking(gateway, everything, "aws_vpc_endpoint_route_table_association"),
        )
        for table in linked(one, everything, "aws_route_table")
    ]
    tables = [
        _tables(subnet, everything)
        for subnet in linking(vpc, everything, "aws_subnet")
        if is_private(subnet)
    ]
    return bool(gateways) and all(own and all(one in joined for one in own) for own in tables)


def _endpoints(vpc: Entity, everything: Everything, service: str) -> Iterator[Entity]:
    for one in linking(vpc, everything, "aws_vpc_endpoint"):
        # com.amazonaws.eu-west-1.ecr.api; the region may be an expression.
        if str(one.body.get("service_name")).endswith(f".{service}"):
            yield one


def _tables(subnet: Entity, everything: Everything) -> list[Entity]:
    associations = linking(subnet, everything, "aws_route_table_association")
    return [table for one in associations for table in linked(one, everything, "aws_route_table")]


def _leads(route: Entity, setting: str) -> bool:
    """Tell whether a route, or one within a route table, is the default one by such a gateway."""
    written = blocks(route.body.get("route")) if route.kind == "aws_route_table" else [route.body]
    return any(
        one.get(setting)
        and EVERYWHERE in (one.get("destination_cidr_block"), one.get("cidr_block"))
        for one in written
    )
