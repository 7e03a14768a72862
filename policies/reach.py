"""How much of all addresses, or of all ports, something names.

Half of them counts as all: who opens 0.0.0.0/1 and 128.0.0.0/1, or all addresses but one, names
nobody.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Any

PORTS = 65535


def most_addresses(nets: Iterable[Any]) -> bool:
    """Tell whether networks hold half of all addresses, of IPv4 or of IPv6, or more.

    Args:
        nets: Networks as text; what is none, such as Terraform's expressions, holds nothing.
    """
    found = list(_networks(nets))
    v4 = [one for one in found if isinstance(one, IPv4Network)]
    v6 = [one for one in found if isinstance(one, IPv6Network)]
    return (
        sum(one.num_addresses for one in collapse_addresses(v4)) >= 2**31
        or sum(one.num_addresses for one in collapse_addresses(v6)) >= 2**127
    )


def most_ports(ports: Iterable[Any]) -> bool:
    """Tell whether ports are half of all, or more; 0 is all of them.

    Args:
        ports: Numbers, ranges as Calico writes them (``1:65535``), and names, which are one each.
    """
    named: set[int] = set()
    for port in ports:
        first, _, last = str(port).partition(":")
        if not first.isdigit() or not (last or first).isdigit():
            continue
        if int(last or first) == 0:
            return True
        named.update(range(int(first), int(last or first) + 1))
    return len(named) > PORTS // 2


def _networks(nets: Iterable[Any]) -> Iterator[IPv4Network | IPv6Network]:
    for net in nets:
        try:
            yield ip_network(str(net), strict=False)
        except ValueError:
            continue
