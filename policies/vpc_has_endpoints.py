"""EKP_NET_2: what the settings promise to reach without leaving the VPC is reached so."""

from policies.checks import Entity, Everything, stack_check
from policies.networks import NODES_NEED, nat, reaches, reaches_s3


@stack_check(
    "EKP_NET_2",
    "Ensure a VPC has the S3 gateway and the interface endpoints that its settings promise",
    "aws_vpc",
)
def vpc_has_endpoints(vpc: Entity, everything: Everything) -> bool:
    """Fail without the S3 gateway, without a promised endpoint, or with one that is not used.

    Where the stack does not say what was promised, a VPC without a NAT gateway must have the
    endpoints that nodes need.
    """
    unsaid = NODES_NEED if nat(everything) == "none" else ()
    wanted = everything.promises.get("endpoints", unsaid)
    return reaches_s3(vpc, everything) and all(reaches(vpc, everything, str(s)) for s in wanted)
