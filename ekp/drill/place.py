"""Where a drill runs: on what is synthesized alone, or on the local AWS as well."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a drill may use beside the synthesized configuration."""

    aws: Mapping[str, str] | None = None
    """Variables that lead clients of AWS to the local AWS; None: without ``--local``.

    They never lead to a real account: whoever fills them asks :func:`on_loopback`.
    """
    prometheus: str | None = None
    """Path of the ``prometheus`` program; None: it is not installed."""


def on_loopback(endpoint: str) -> bool:
    """Tell whether an endpoint's URL names an address of this machine alone."""
    try:
        return ip_address(urlsplit(endpoint).hostname or "").is_loopback
    except ValueError:
        return False
