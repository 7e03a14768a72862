"""The attack as a whole: every crowd at every web ACL that it meets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modules.core.rates import Rates

from ekp.configured.environment import Configured
from ekp.evaluate.blocks import block
from ekp.evaluate.waf.acl import Inspected

from .crowds import FOREIGN, LOCATION, Crowd, Pace, Way, crowds, steady
from .gateway import client_rate
from .guards import Front, Guard, front
from .passing import Passage, send

PAST_THE_EDGE = "flood that the edge does not count"
# Where no rule of a web ACL names a country.
_COUNTRIES = ("IE", "US", "JP", "ZA")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What was sent where, and what became of it."""

    environment: str
    front: Front
    granted: Mapping[str, float | None]
    """Requests a second that the gateway of a region grants a client; None: it does not limit."""
    crowds: tuple[Crowd, ...]
    passages: tuple[Passage, ...]

    def at(self, crowd: str, guard: Guard | None) -> Passage | None:
        """Return what became of a crowd at a web ACL; None: it does not come there."""
        for each in self.passages:
            if guard and (each.crowd.name, each.guard.by) == (crowd, guard.by):
                return each
        return None

    def of(self, crowd: str) -> tuple[Passage, ...]:
        """Return what became of a crowd at every web ACL."""
        return tuple(each for each in self.passages if each.crowd.name == crowd)

    def most(self, crowd: str) -> Passage | None:
        """Return what became of a crowd at the last web ACL on the way that lets the most pass.

        None: no web ACL is there.
        """
        found = self.of(crowd)
        bare = any(door.guard is None for door in self.front.doors)
        last = [each for each in found if bare or each.guard is not self.front.edge] or found
        return max(last, key=lambda each: len(each.passed), default=None)


def play(configured: Configured) -> Scene:
    """Send every crowd's requests.

    Raises:
        Unsupported: a part of a web ACL is not understood.
    """
    found = front(configured)
    granted = {door.region: client_rate(configured, door.region) for door in found.doors}
    home, shut = _countries(found)
    everybody = tuple(
        each
        for each in crowds(_pace(found, granted), home, shut, _login(found))
        if found.distribution or each.way is Way.FRONT
    )
    flood = next(each for each in everybody if each.name == "flood")
    passages = [passage for crowd in everybody for passage in _sent(found, crowd)]
    if found.distribution:
        past = replace(flood, name=PAST_THE_EDGE)
        everybody = (*everybody, past)
        passages += [send(past, each, _at(found, each, past), past.log()) for each in found.inner]
    return Scene(
        environment=configured.environment,
        front=found,
        granted=granted,
        crowds=everybody,
        passages=tuple(passages),
    )


def _pace(found: Front, granted: Mapping[str, float | None]) -> Pace:
    """Return what clients are granted; what the settings grant by default where nothing limits."""
    usual = Rates()
    outer = [each.limit.per_second for each in found.outer if each.limit]
    every = [each.limit.per_second for each in found.guards if each.limit]
    gateways = [rate for rate in granted.values() if rate]
    return Pace(
        edge=min(outer, default=usual.edge.per_second),
        region=min(every, default=usual.region.per_second),
        gateway=min(gateways, default=usual.gateway.per_second),
    )


def _sent(found: Front, crowd: Crowd) -> Iterator[Passage]:
    times: Sequence[float] = crowd.log()
    if crowd.way is Way.FRONT and found.edge:
        first = send(crowd, found.edge, _at(found, found.edge, crowd), times)
        yield first
        times = first.passed
    for guard in found.inner:
        yield send(crowd, guard, _at(found, guard, crowd), times)


def _at(found: Front, guard: Guard, crowd: Crowd) -> Inspected:
    """Return a crowd's request as it comes to a web ACL."""
    aliases = (found.distribution.body.get("aliases") or ()) if found.distribution else ()
    host = next(iter(aliases), found.doors[0].by if found.doors else "")
    if crowd.way is Way.FOREIGN_CDN:
        return crowd.inspected(host, {}, FOREIGN)
    behind = found.distribution and guard is not found.edge and crowd.way is Way.FRONT
    if not behind:
        return crowd.inspected(host, {}, None)
    told = {found.header: crowd.address} if found.header else {}
    return crowd.inspected(host, {**found.adds, **told}, LOCATION)


def _countries(found: Front) -> tuple[str, str | None]:
    """Return a country that may call, and one that may not where any is shut out."""
    named = sorted({code for guard in found.guards for code in _codes(guard.found.body)})
    passes = {code: _may_call(found, code) for code in (*_COUNTRIES, *named)}
    home = next((code for code, good in passes.items() if good), _COUNTRIES[0])
    return home, next((code for code, good in passes.items() if not good), None) if named else None


def _may_call(found: Front, country: str) -> bool:
    anybody = replace(steady("anybody", 1.0, "198.51.100.1"), country=country)
    return all(each.judge(_at(found, each, anybody)).passes for each in found.guards)


def _login(found: Front) -> str:
    """Return a path that has a limit of its own, as one that is guessed at should."""
    for guard in found.outer:
        for rule in guard.rules:
            rate = block(block(rule, "statement") or {}, "rate_based_statement") or {}
            scope = block(rate, "scope_down_statement") or {}
            if path := block(scope, "byte_match_statement"):
                return str(path["search_string"])
    return "/login"


def _codes(body: Any) -> Iterator[str]:
    """Yield the countries that a body names anywhere."""
    if isinstance(body, Mapping):
        yield from body.get("country_codes") or ()
        body = list(body.values())
    if isinstance(body, list):
        for each in body:
            yield from _codes(each)
