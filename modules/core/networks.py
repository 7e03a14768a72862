"""Networks by whom they belong to: ours, or the internet's."""

from ipaddress import IPv4Network
from typing import Annotated

from pydantic import AfterValidator

# RFC 1918, and carrier-grade NAT (RFC 6598), which is often used for pods.
PRIVATE = tuple(
    IPv4Network(block)
    for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
# Two /1 halves would open a port to the world as 0.0.0.0/0 does.
WIDEST_PUBLIC_PREFIX = 8
WIDEST_SERVICES, NARROWEST_SERVICES = 12, 24


def _private(cidr: IPv4Network) -> IPv4Network:
    if not any(cidr.subnet_of(block) for block in PRIVATE):
        raise ValueError(
            f"{cidr} is not a private network; use a part of {', '.join(map(str, PRIVATE))}"
        )
    return cidr


def _public(cidr: IPv4Network) -> IPv4Network:
    if cidr.prefixlen < WIDEST_PUBLIC_PREFIX:
        raise ValueError(
            f"{cidr} is too much of the internet, the widest network allowed is a "
            f"/{WIDEST_PUBLIC_PREFIX}; list the networks of your people and runners"
        )
    if any(cidr.overlaps(block) for block in PRIVATE):
        raise ValueError(
            f"{cidr} is not a network of the internet, from which a public endpoint is reached; "
            "list public addresses (private ones reach a cluster by eks.api_access)"
        )
    return cidr


def _services(cidr: IPv4Network) -> IPv4Network:
    if not (WIDEST_SERVICES <= cidr.prefixlen <= NARROWEST_SERVICES) or cidr.overlaps(PRIVATE[-1]):
        raise ValueError(
            f"{cidr} cannot hold the services of an EKS cluster; use a /{WIDEST_SERVICES} to "
            f"/{NARROWEST_SERVICES} inside {', '.join(map(str, PRIVATE[:-1]))}"
        )
    return cidr


PrivateNetwork = Annotated[IPv4Network, AfterValidator(_private)]
"""A network of one's own, which routes inside AWS or over private lines."""
ServiceNetwork = Annotated[PrivateNetwork, AfterValidator(_services)]
"""Addresses of Kubernetes services. Source: EKS API, KubernetesNetworkConfigRequest."""
PublicNetwork = Annotated[IPv4Network, AfterValidator(_public)]
"""A network of the internet, narrow enough to be somebody's."""
