"""The addresses that aliases of the local AWS answer with, in place of AWS's own.

Nothing listens at them: a load balancer of the local AWS is a record of its settings. Each name of
a load balancer or a distribution has eight addresses of the loopback network for itself, made from
the name alone, so that whoever knows the name knows them.
"""

import hashlib
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

_LOOPBACK = IPv4Network("127.0.0.0/8")
# For documents; RFC 3849.
_DOCUMENTATION = IPv6Network("2001:db8::/32")
_BITS_V4, _BITS_V6 = 3, 16
_DUALSTACK = "dualstack."


def network(name: str) -> IPv4Network:
    """Return the eight addresses of a load balancer or a distribution, by its DNS name."""
    blocks = _LOOPBACK.num_addresses >> _BITS_V4
    start = int(_LOOPBACK.network_address) + ((_number(name) % blocks) << _BITS_V4)
    return IPv4Network((start, _LOOPBACK.max_prefixlen - _BITS_V4))


def network_v6(name: str) -> IPv6Network:
    """Return the IPv6 addresses of a load balancer or a distribution, by its DNS name."""
    blocks = _DOCUMENTATION.num_addresses >> _BITS_V6
    start = int(_DOCUMENTATION.network_address) + ((_number(name) % blocks) << _BITS_V6)
    return IPv6Network((start, _DOCUMENTATION.max_prefixlen - _BITS_V6))


def addresses(name: str, kind: str, count: int) -> list[IPv4Address | IPv6Address]:
    """Return so many addresses of a name; ``kind`` is ``A`` or ``AAAA``."""
    of = network_v6(name) if kind == "AAAA" else network(name)
    return [of[number + 1] for number in range(min(count, (1 << _BITS_V4) - 2))]


def plain(name: str) -> str:
    """Return the DNS name of a load balancer as it is called, without what aliases put before."""
    return name.lower().rstrip(".").removeprefix(_DUALSTACK)


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(plain(name).encode()).digest())
