"""Rates that web ACLs allow a client before the entrances: the edge's, and each region's."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from ekp.configured.environment import Configured
from ekp.evaluate.blocks import block
from ekp.evaluate.waf.actions import status
from ekp.evaluate.waf.rates import limit_of

from ..bot_attack.guards import Guard, front


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    """The lowest rate of a web ACL that counts all requests of a client and refuses the rest."""

    by: str
    """The construct's path, with the rule."""
    requests: int
    seconds: int
    status: int
    header: str | None
    """What tells the client; None: the connection's address."""

    @property
    def per_second(self) -> Fraction:
        """The same a second."""
        return Fraction(self.requests, self.seconds)


@dataclass(frozen=True, slots=True)
class Outers:
    """The web ACLs' rates of an environment."""

    edge: Outer | None
    regions: Mapping[str, Outer | None]

    @property
    def all(self) -> tuple[Outer, ...]:
        """All that there are."""
        return tuple(each for each in (self.edge, *self.regions.values()) if each)

    def before(self, region: str) -> Outer | None:
        """Return the rate that a client of a region's entrances meets last; None: none."""
        return self.regions.get(region) or self.edge


def outers(configured: Configured) -> Outers:
    """Return the rates of the web ACLs that stand before the distribution and the regions."""
    found = front(configured)
    doors = {door.region: door.guard for door in found.doors}
    regions = {region: _lowest(doors.get(region)) for region in configured.regions}
    return Outers(_lowest(found.edge), regions)


def _lowest(guard: Guard | None) -> Outer | None:
    found = []
    for rule in guard.rules if guard else ():
        refusal = block(block(rule, "action") or {}, "block")
        limit = limit_of(rule)
        if guard is None or refusal is None or limit is None or limit.narrowed:
            continue
        found.append(
            Outer(
                by=guard.rule(limit.rule),
                requests=limit.requests,
                seconds=limit.window,
                status=status(refusal),
                header=limit.header,
            )
        )
    return min(found, key=lambda each: each.per_second, default=None)
