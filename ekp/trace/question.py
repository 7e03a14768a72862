"""What is asked of a trace: one request, who sends it, and where it enters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ekp.evaluate.request import Token


class Entry(StrEnum):
    """Where a request comes to the platform."""

    NAME = "name"
    """By the name in its URL, as users do."""
    BALANCER = "balancer"
    """Straight to a region's load balancer, from an address of the internet."""
    FOREIGN_CDN = "foreign-cdn"
    """To a region's load balancer through somebody else's CloudFront distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who sends the request."""

    address: str = "198.51.100.7"
    """IPv4 or IPv6. The default is of a network that is kept for documents (RFC 5737)."""
    country: str | None = None
    """ISO 3166-1 alpha-2 code; None: not known."""
    nearest: tuple[str, ...] = ()
    """AWS regions, the nearest first; () where nobody said from where it comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request."""

    scheme: str
    """``http`` or ``https``."""
    host: str
    path: str
    """With the query, if there is one."""
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    token: Token | None = None
    client: Client = Client()
    rate: float | None = None
    """Requests of the client a second, kept up for as long as any window; None: this one alone."""
    body_bytes: int = 0
    entry: Entry = Entry.NAME
    region: str | None = None
    """The region whose load balancer is met, where ``entry`` is not ``NAME``; None: the first."""
    out: frozenset[str] = frozenset()
    """Regions whose health alarm fires."""
