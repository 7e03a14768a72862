"""Who is answered by which region, while some are out: requests followed to its targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ekp.configured.environment import Configured
from ekp.configured.hosts import hosts_of
from ekp.drill.report import Check, Table, holds
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.stage import Stage
from ekp.trace.binding import entrance
from ekp.trace.dns import domains
from ekp.trace.front import front
from ekp.trace.places import nearest
from ekp.trace.question import Client, Question

from .served import Served, listed

CONTINENTS: Mapping[str, str] = {"Europe": "DE", "North America": "US"}
"""A continent, and a country that stands for it."""
_NAMES = (Stage.DNS, Stage.ORIGIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Which region's targets a client's request comes to."""

    host: str
    continent: str
    out: frozenset[str]
    region: str | None
    """None: nobody answers."""
    entrance: str
    """The gateway or the shard there; empty: nobody answers."""
    hops: tuple[Hop, ...]

    @property
    def by(self) -> list[str]:
        """The records that decide."""
        return [hop.by for hop in self.hops if hop.stage in _NAMES]

    @property
    def why(self) -> str:
        """What is missing at its names, and where it ended if nobody answers."""
        told = [hop for hop in self.hops if hop.stage in _NAMES and hop.verdict is Verdict.MISSING]
        if self.region is None:
            told += [hop for hop in self.hops[-1:] if hop not in told]
        return "".join(f" {hop.by}: {hop.why}." for hop in told)


def hosts(configured: Configured) -> list[str]:
    """Return the hosts that services are asked for by users; without any, the domains."""
    found = {
        host
        for region in configured.regions
        for one in configured.world(region).objects
        for host in hosts_of(one)
    }
    return sorted(found) or domains(configured)


def ask(configured: Configured, host: str, continent: str, out: frozenset[str]) -> Answer:
    """Return which region answers somebody of a continent while regions are out.

    Raises:
        Unsupported: a record or a health check is of a kind that is not evaluated.
    """
    near, country = nearest(CONTINENTS[continent], configured.regions)
    client = Client(country=country, nearest=near)
    found = front(configured, Question(scheme="https", host=host, path="/", client=client, out=out))
    if found.entered is None:
        return Answer(
            host=host, continent=continent, out=out, region=None, entrance="", hops=found.hops
        )
    hop, into = entrance(configured, found.entered.region, found.entered.target_group)
    return Answer(
        host=host,
        continent=continent,
        out=out,
        region=found.entered.region if into else None,
        entrance=into.name if into else "",
        hops=(*found.hops, hop),
    )


def checks(served: Served, region: str, asked: Sequence[Answer]) -> Check:
    """Return whether everybody is answered by another region while one is out."""
    found = [one for one in asked if one.out == {region}]
    usual = {(one.host, one.continent): one.entrance for one in asked if not one.out}
    wrong = [
        one
        for one in found
        if one.region is None
        or one.region in one.out
        or one.entrance != usual[one.host, one.continent]
    ]
    told = [
        f"{one.continent} asks for {one.host} and is led to {one.region or 'nobody'}"
        f"{_elsewhere(one, usual[one.host, one.continent])}." + (one.why if wrong else "")
        for one in wrong or found
    ]
    by = dict.fromkeys(place for one in found for place in one.by)
    return holds(
        bool(found) and not wrong,
        f"With {region} out, clients of {listed([*CONTINENTS])} are answered by "
        f"{listed(served.others(region)) or 'another region'}.",
        " ".join(dict.fromkeys(told)),
        [*by],
        remedy=f"Every record of {region} needs a routing policy (`edge.policy`) and the health "
        f"check of `regions[{region}].ingress.health`, and so do the other regions'. A "
        "shard of `edge.shards` has a rule and a target group in every region's ingress.",
    )


def _elsewhere(found: Answer, usual: str) -> str:
    """Say where else a client comes in than while nothing is out; nothing if it is the same."""
    if found.region is None or found.entrance == usual:
        return ""
    return f", in by {found.entrance} and not by {usual or 'anything'}"


def all_out(served: Served, asked: Sequence[Answer]) -> Check:
    """Return what is answered while no region is well."""
    found = [one for one in asked if one.out == frozenset(served.regions)]
    led = [f"{one.continent}: {one.region}" for one in found if one.region]
    return holds(
        len(led) == len(found),
        "With every region out Route 53 still answers, as if all were well.",
        f"{'; '.join(dict.fromkeys(led)) or 'Nobody is led anywhere'}. So an alarm that is wrong "
        "in all regions takes nobody's way; where they are dead, users see what the front has "
        "for errors.",
        [*dict.fromkeys(place for one in found for place in one.by)],
        remedy="Every region that serves needs a record: `regions[R].ingress.share.serving`.",
    )


def every_answer(served: Served) -> list[Answer]:
    """Ask for every host from every continent, with nothing out, with each region, with all."""
    alone = [frozenset({region}) for region in served.regions]
    states = dict.fromkeys([frozenset[str](), *alone, frozenset(served.regions)])
    return [
        ask(served.configured, host, continent, out)
        for host in hosts(served.configured)
        for continent in CONTINENTS
        for out in states
    ]


def table(asked: Sequence[Answer]) -> Table:
    """Return who is answered by which region."""
    return Table(
        title="Who answers",
        columns=("Out", "Client", "Host", "Answered by"),
        rows=tuple(
            (listed(sorted(one.out)) or "nothing", one.continent, one.host, one.region or "nobody")
            for one in sorted(asked, key=lambda one: (len(one.out), sorted(one.out)))
        ),
    )
