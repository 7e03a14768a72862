"""Whose address a rule looks at: the connection's, or the one that a header tells.

Source: AWS WAF API reference, ``ForwardedIPConfig`` and ``IPSetForwardedIPConfig``.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from ..blocks import Block
from ..request import Unsupported
from .inspected import Inspected

Address = IPv4Address | IPv6Address
# Of more, AWS WAF looks at the last ten.
_AT_MOST = 10


class HeaderMissingError(ValueError):
    """The header with the address is not there: AWS WAF leaves the whole rule out."""


def callers(forwarded: Block | None, request: Inspected, where: str) -> Sequence[Address] | bool:
    """Return the addresses that a statement looks at.

    A bool stands for a header without a readable address: whether the statement matches then.

    Args:
        forwarded: The statement's ``forwarded_ip_config`` or that of an IP set; None: none.
        request: The request.
        where: The rule, for messages.

    Raises:
        HeaderMissingError: the request does not have the header at all.
        Unsupported: the position or the connection's own address is not understood.
    """
    if forwarded is None:
        return [_own(request, where)]
    name = str(forwarded["header_name"])
    value = request.header(name)
    if value is None:
        raise HeaderMissingError(f"there is no header {name}, so that AWS WAF leaves the rule out")
    fallback = forwarded["fallback_behavior"] == "MATCH"
    parts = [readable(part) for part in value.split(",")]
    position = forwarded.get("position", "FIRST")
    if position in ("FIRST", "LAST"):
        found = parts[0 if position == "FIRST" else -1]
        return fallback if found is None else [found]
    addresses = [part for part in parts if part is not None]
    if position != "ANY" or len(addresses) < len(parts) or len(parts) > _AT_MOST:
        raise Unsupported(where, "position", f"{position} of {len(parts)} is not evaluated")
    return addresses


def readable(text: str) -> Address | None:
    """Return an address, or None where a text is none."""
    written = text.strip()
    try:
        # Python takes a zone behind an IPv6 address, which is none in a header.
        return None if "%" in written else ip_address(written)
    except ValueError:
        return None


def _own(request: Inspected, where: str) -> Address:
    found = readable(request.address)
    if found is None:
        raise Unsupported(where, "address", f"{request.address!r} is no IPv4 or IPv6 address")
    return found
