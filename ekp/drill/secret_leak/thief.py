"""What somebody who has the header's value can do from a distribution of his own."""

from collections.abc import Iterator
from dataclasses import dataclass

from ekp.configured.environment import Configured
from ekp.drill.report import Check, Table, holds, passed, skipped
from ekp.evaluate.blocks import entries
from ekp.evaluate.stage import Stage
from ekp.gate.reports.wording import number
from ekp.rotate.moves import Value
from ekp.trace.follow import follow
from ekp.trace.question import Entry, Question
from ekp.trace.traced import Trace

from .answer import applied
from .header import Header
from .rotation import BEFORE, TEXTS, values_of
from .urls import Url, urls

_RATE = 1000.0
"""Requests a second, more than any client is granted."""
_CLAIMED = "203.0.113.9"
"""The address that the thief claims to act for (RFC 5737)."""
_COUNTED = (Stage.REGIONAL_WAF, Stage.RATE_LIMIT)


@dataclass(frozen=True, slots=True)
class Tried:
    """One URL, asked for by the front door and with the leaked value, both without a token."""

    region: str
    url: str
    user: Trace
    thief: Trace


class Thief:
    """Somebody with the value and a distribution of his own."""

    def __init__(self, configured: Configured, header: Header) -> None:
        parties = (*header.senders, *(one for way in header.ways for one in way.parties))
        self._configured = applied(configured, {one.key: values_of(BEFORE) for one in parties})
        self._header = header
        self.tried = tuple(self._try())

    def checks(self) -> Iterator[Check]:
        """Yield what must hold until the value is replaced.

        Raises:
            NotFollowedError: a part of what decides is not understood.
        """
        yield self._addresses()
        yield self._rights()
        yield self._counted()

    def table(self) -> Table:
        """Return what each URL answers."""
        return Table(
            title="Without a token: by the front door, and with the leaked value",
            columns=("region", "URL", "by the front door", "with the leaked value"),
            rows=tuple(
                (one.region, one.url, _told(one.user), _told(one.thief)) for one in self.tried
            ),
        )

    def _addresses(self) -> Check:
        found = [
            self._follow(way.region, Url(host, "/", "GET"), Entry.BALANCER)
            for way in self._header.ways
            for host in way.hosts[:1]
        ]
        bad = [one for one in found if one.allowed or one.hops[-1].stage is not Stage.BALANCER]
        return holds(
            bool(found) and not bad,
            "The leaked value is of no use but from CloudFront's own addresses.",
            f"Reached from an address of the internet: {', '.join(str(one.region) for one in bad)}."
            if bad
            else f"{number(len(found), 'load balancer')}: what comes from other addresses gets no "
            "connection.",
            sorted({one.hops[-1].by for one in found}),
            remedy="Let CloudFront's list alone into the load balancer's security group: "
            "`modules/aws/alb_security.py`.",
        )

    def _rights(self) -> Check:
        must = (
            "With the leaked value nobody without a token gets further than users without one: "
            "who may do what is asked behind the load balancer."
        )
        if not self.tried:
            return skipped(must, "No service has a host for users.", remedy="Nothing to do.")
        bad = [one for one in self.tried if one.thief.allowed and not one.user.allowed]
        refused = [one for one in self.tried if not one.thief.allowed]
        return holds(
            not bad,
            must,
            "; ".join(f"{one.region} {one.url}: {one.thief.verdict}" for one in bad)
            or f"{number(len(self.tried), 'request')}: {len(refused)} refused, as users without a "
            f"token are; {len(self.tried) - len(refused)} to what is open to everybody.",
            sorted({one.thief.hops[-1].by for one in bad or self.tried}),
            remedy="`access` of the service in the tenant's file says who may call a path.",
        )

    def _counted(self) -> Check:
        found = [
            self._follow(way.region, Url(host, "/", "GET"), Entry.FOREIGN_CDN, rate=_RATE)
            for way in self._header.ways
            for host in way.hosts[:1]
        ]
        must = "Requests with the leaked value are counted in the region."
        if found and not any(one.allowed or one.hops[-1].stage in _COUNTED for one in found):
            return passed(
                must,
                f"None comes in: {found[0].verdict}.",
                *sorted({one.hops[-1].by for one in found}),
            )
        bad = [one for one in found if one.hops[-1].stage not in _COUNTED]
        return holds(
            bool(found) and not bad,
            must,
            "; ".join(f"{one.region}: {one.verdict}" for one in bad)
            or f"{_RATE:.0f} a second that name one client are stopped in "
            f"{', '.join(str(one.region) for one in found)}, with {found[0].hops[-1].status}. "
            f"Clients are told apart by {', '.join(self._names()) or 'their addresses'}, which is "
            "the thief's to write: he may name others, or ever new ones.",
            sorted({one.hops[-1].by for one in bad or found}),
            remedy="`edge.rates` has the region's rate of a client.",
        )

    def _names(self) -> list[str]:
        """Return the headers by which web ACLs tell clients apart."""
        return sorted(
            {
                str(forwarded["header_name"])
                for way in self._header.ways
                if way.acl
                for rule in entries(way.acl.body.get("rule"))
                for one in entries((rule.get("statement") or {}).get("rate_based_statement"))
                for forwarded in entries(one.get("forwarded_ip_config"))
            }
        )

    def _try(self) -> Iterator[Tried]:
        for way in self._header.ways:
            others = frozenset(self._configured.regions) - {way.region}
            for url in urls(self._configured, way.region):
                user = Question(
                    scheme="https", host=url.host, path=url.path, method=url.method, out=others
                )
                yield Tried(
                    way.region,
                    url.told,
                    follow(self._configured, user),
                    self._follow(way.region, url, Entry.FOREIGN_CDN),
                )

    def _follow(self, region: str, url: Url, entry: Entry, rate: float | None = None) -> Trace:
        headers = dict.fromkeys(self._names(), _CLAIMED)
        headers[self._header.name] = TEXTS[Value.OLD]
        question = Question(
            scheme="https",
            host=url.host,
            path=url.path,
            method=url.method,
            headers=headers,
            rate=rate,
            entry=entry,
            region=region,
        )
        return follow(self._configured, question)


def _told(found: Trace) -> str:
    if found.allowed:
        return f"reaches {found.target}" if found.target else found.verdict
    last = found.hops[-1]
    return f"{found.status or 'no answer'}, {last.stage.value}"
