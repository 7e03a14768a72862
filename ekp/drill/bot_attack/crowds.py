"""Who sends in the drill, and how much: a log of requests that is the same every time.

Addresses are of the networks kept for documents (RFC 5737, RFC 3849): they are nobody's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from modules.core.waf_groups import ManagedGroup

from ekp.evaluate.waf.acl import Inspected

PERIOD = 180
"""Seconds for which everybody sends."""
FLOOD = 25
"""How many times what the gateway grants a client the flood sends."""
LOCATION, FOREIGN = "203.0.113.10", "203.0.113.20"
"""An edge location of CloudFront that calls a load balancer for us, and one for somebody else."""
_BOTS = (ManagedGroup.IP_REPUTATION, ManagedGroup.ANONYMOUS_IP, ManagedGroup.BOT_CONTROL)
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36"


SPOOFING = "flood that spoofs addresses"
SHUT = "client in a country that is shut out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Requests a second that one client is granted."""

    edge: float
    """By the web ACL that clients meet first."""
    region: float
    """By the narrowest web ACL."""
    gateway: float


class Way(StrEnum):
    """How a crowd comes in."""

    FRONT = "by name"
    """As users do: through CloudFront, where there is a distribution."""
    BALANCER = "straight to the load balancer"
    FOREIGN_CDN = "through a foreign CDN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Clients that send alike, each from its own address."""

    name: str
    clients: int
    rate: float
    """Requests a second of each."""
    requests: int
    """Of each, over the whole time."""
    address: str
    """Of the first."""
    way: Way = Way.FRONT
    good: bool = False
    method: str = "GET"
    path: str = "/"
    agent: str = _BROWSER
    country: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those with an address name another one in each request."""
    for_aws: tuple[ManagedGroup, ...] = ()
    """AWS's groups that are made for such a crowd."""

    def claims(self, header: str | None, request: Inspected) -> bool:
        """Return whether a header still has what the client made up, each time something else."""
        made_up = self.headers.get(header or "")
        return made_up is not None and request.header(header or "") == made_up

    @property
    def sent(self) -> int:
        """All requests."""
        return self.clients * self.requests

    @property
    def told(self) -> str:
        """What it sends, in figures."""
        if self.requests == 1:
            return f"{self.clients:,} requests, each of which claims another address"
        each = f"{self.rate:,.4g} requests a second"
        return f"{self.clients:,} addresses with {each} each" if self.clients > 1 else each

    def log(self) -> list[float]:
        """Return the seconds at which the first client sends; the others send alike."""
        return [number / self.rate for number in range(self.requests)]

    def inspected(self, host: str, adds: Mapping[str, str], address: str | None) -> Inspected:
        """Return its request where a web ACL stands.

        Args:
            host: Whom it asks for.
            adds: Headers that somebody before the web ACL wrote, over the client's own.
            address: Who opened the connection; None: the client itself.
        """
        written = {name.lower() for name in adds}
        own = {"user-agent": self.agent, **self.headers}
        return Inspected(
            method=self.method,
            host=host,
            path=self.path,
            headers={**{k: v for k, v in own.items() if k.lower() not in written}, **adds},
            address=address or self.address,
            country=self.country,
            rate=None,
        )


def crowds(pace: Pace, home: str | None, shut: str | None, login: str) -> tuple[Crowd, ...]:
    """Return who sends.

    Args:
        pace: What clients are granted where.
        home: A country that may call, for everybody.
        shut: One that may not; None: every country may call.
        login: The path at which passwords are guessed.
    """
    flood = FLOOD * pace.gateway
    sources = _BOTS[:-1]
    spoofed = {"true-client-ip": "2001:db8::1", "x-forwarded-for": "2001:db8::1"}
    found = [
        replace(steady("flood", flood, "198.51.100.7"), for_aws=sources),
        replace(steady(SPOOFING, flood, "198.51.100.8"), headers=spoofed, for_aws=sources),
        replace(steady("botnet", pace.edge / 2, "192.0.2.1"), clients=200, for_aws=_BOTS),
        replace(
            steady("login guesser", 2.0, "198.51.100.23"),
            method="POST",
            path=login,
            for_aws=_BOTS[-1:],
        ),
        replace(
            steady("scraper", pace.region / 4, "198.51.100.40"),
            agent="curl/8.16.0",
            for_aws=_BOTS[-1:],
        ),
        replace(steady("office of 100 people", 10.0, "198.51.100.80"), good=True),
        replace(
            steady("partner's server", min(pace.region, pace.gateway) / 2, "2001:db8:1::5"),
            good=True,
        ),
        *(
            # A new address each time: to who counts by what a header says, it is no flood.
            Crowd(
                name=f"flood {way}",
                clients=int(flood * PERIOD),
                rate=1 / PERIOD,
                requests=1,
                address="198.51.100.200",
                way=way,
                headers=spoofed,
            )
            for way in (Way.BALANCER, Way.FOREIGN_CDN)
        ),
    ]
    if shut:
        found.append(replace(steady(SHUT, 1.0, "198.51.100.160"), country=shut))
    return tuple(each if each.country else replace(each, country=home) for each in found)


def steady(name: str, rate: float, address: str) -> Crowd:
    """Return one client that sends at a steady rate all the time."""
    return Crowd(name=name, clients=1, rate=rate, requests=int(rate * PERIOD), address=address)
