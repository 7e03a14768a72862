"""Which registry gave out an address, and which AWS regions are near to that part of the world.

AWS measures where a resolver is; the local AWS takes the registry of its address for that. Source:
IANA IPv4 Address Space Registry (an old block counts for who administers it), IANA IPv6 Global
Unicast Address Assignments (the blocks of /12). The order of regions is ours.
"""

from collections.abc import Mapping
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address


class Registry(StrEnum):
    """A regional internet registry."""

    RIPE = "RIPE NCC"
    """Europe, the Middle East."""
    ARIN = "ARIN"
    """North America."""
    APNIC = "APNIC"
    """Asia, the Pacific."""
    LACNIC = "LACNIC"
    """Latin America."""
    AFRINIC = "AFRINIC"
    """Africa."""


def _blocks(*places: int | tuple[int, int]) -> frozenset[int]:
    pairs = [place if isinstance(place, tuple) else (place, place) for place in places]
    return frozenset(block for first, last in pairs for block in range(first, last + 1))


# First octets. All others of unicast addresses are ARIN's.
_FIRST_OCTETS: Mapping[Registry, frozenset[int]] = {
    Registry.RIPE: _blocks(
        2, 5, 25, 31, 37, 46, 51, 53, 57, 62, (77, 95), 109, 141, 145, 151, 176, 178, 185, 188,
        (193, 195), 212, 213, 217,
    ),
    Registry.APNIC: _blocks(
        1, 14, 27, 36, 39, 42, 43, 49, (58, 61), 101, 103, 106, (110, 126), 133, 150, 153, 163,
        171, 175, 180, 182, 183, 202, 203, 210, 211, (218, 223),
    ),
    Registry.LACNIC: _blocks(177, 179, 181, 186, 187, 189, 190, 191, 200, 201),
    Registry.AFRINIC: _blocks(41, 102, 105, 154, 196, 197),
}  # fmt: skip
_IPV6: Mapping[IPv6Network, Registry] = {
    IPv6Network("2400::/12"): Registry.APNIC,
    IPv6Network("2410::/12"): Registry.APNIC,
    IPv6Network("2600::/12"): Registry.ARIN,
    IPv6Network("2630::/12"): Registry.ARIN,
    IPv6Network("2800::/12"): Registry.LACNIC,
    IPv6Network("2a00::/12"): Registry.RIPE,
    IPv6Network("2a10::/12"): Registry.RIPE,
    IPv6Network("2c00::/12"): Registry.AFRINIC,
}
# Beginnings of the names of AWS regions, the nearest first.
_NEAREST: Mapping[Registry, str] = {
    Registry.RIPE: "eu- il- me- us-east- ca- us-west- af- ap-south- ap- sa-",
    Registry.ARIN: "us-east- ca- us- mx- eu- sa- ap-northeast- ap- il- me- af-",
    Registry.APNIC: "ap-southeast- ap- me- il- us-west- us- eu- af- ca- sa-",
    Registry.LACNIC: "sa- mx- us-east- us- ca- eu- af- ap- il- me-",
    Registry.AFRINIC: "af- eu- il- me- ap-south- us-east- us- ca- sa- ap-",
}


def registry(address: Address) -> Registry:
    """Return the registry of an address; ARIN's, where Route 53's own resolver is, if of none."""
    if isinstance(address, IPv6Address):
        return next((who for net, who in _IPV6.items() if address in net), Registry.ARIN)
    first = address.packed[0]
    return next((who for who, found in _FIRST_OCTETS.items() if first in found), Registry.ARIN)


def distance(region: str, address: Address) -> tuple[int, str]:
    """Return a key that sorts AWS regions by how near they are to an address."""
    order = _NEAREST[registry(address)].split()
    place = next((n for n, start in enumerate(order) if region.startswith(start)), len(order))
    return place, region
