"""The block that the addresses of a cluster's services come from."""

from ipaddress import IPv4Network

from moto.eks.exceptions import InvalidParameterException

TEN = IPv4Network("10.0.0.0/8")
PRIVATE = (TEN, IPv4Network("172.16.0.0/12"), IPv4Network("192.168.0.0/16"))
LARGEST, SMALLEST = 12, 24


def service_block(wanted: str | None, vpc: list[IPv4Network]) -> str:
    """Give the wanted block, or else EKS's own choice; refuse one that EKS refuses."""
    if wanted is None:
        return "172.20.0.0/16" if any(block.subnet_of(TEN) for block in vpc) else "10.100.0.0/16"
    try:
        block = IPv4Network(wanted)
    except ValueError as error:
        raise _refusal(wanted, "is no IPv4 block") from error
    if not any(block.subnet_of(private) for private in PRIVATE):
        raise _refusal(wanted, f"is not within one of {', '.join(map(str, PRIVATE))}")
    if not LARGEST <= block.prefixlen <= SMALLEST:
        raise _refusal(wanted, f"is not between /{SMALLEST} and /{LARGEST}")
    for other in vpc:
        if block.overlaps(other):
            raise _refusal(wanted, f"overlaps the VPC's CIDR block {other}")
    return wanted


def _refusal(block: str, reason: str) -> InvalidParameterException:
    return InvalidParameterException(message=f"The specified serviceIpv4Cidr {block} {reason}")
