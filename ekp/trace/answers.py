"""Which record of a name Route 53 answers with: routing policies over what is healthy.

Sources: Route 53 developer guide, "Choosing a routing policy", "How Amazon Route 53 chooses records
when health checking is configured" (records without a check are healthy; where none is healthy, all
count as healthy; records of weight 0 are asked last) and "Active-active and active-passive
failover".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ekp.traffic.records import Record, Routing, percent

from .health import Alias


@dataclass(frozen=True)
class Answer:
    """The record that is followed, and why."""

    alias: Alias
    why: str


@dataclass(frozen=True)
class Asked:
    """From where a name is asked, and which share of a weighted one is followed."""

    nearest: Sequence[str]
    region: str | None


def answer(group: Sequence[Alias], sick: Mapping[str, str], asked: Asked) -> Answer:
    """Return the record that Route 53 answers with.

    Args:
        group: The records of one name and type, at least one.
        sick: Construct -> why it is unhealthy, of those that are.
        asked: Who asks.
    """
    well = [one for one in group if one[1].construct not in sick]
    routing = group[0][1].routing
    if routing is Routing.SIMPLE:
        return Answer(group[0], "the only record of the name")
    candidates = well or list(group)
    notes = [f"{record.region} is out: {sick[record.construct]}" for record in _out(group, sick)]
    if not well:
        notes.append("none is healthy, so Route 53 answers as if all were")
    match routing:
        case Routing.LATENCY:
            found = _latency(candidates, asked)
        case Routing.WEIGHTED:
            found = _weighted(candidates, asked)
        case _:
            found = _failover(candidates)
    return Answer(found.alias, "; ".join([found.why, *notes]))


def _out(group: Sequence[Alias], sick: Mapping[str, str]) -> list[Record]:
    return [record for _, record in group if record.construct in sick]


def _by_region(group: Sequence[Alias]) -> list[Alias]:
    return sorted(group, key=lambda one: (one[1].region, one[1].construct))


def _latency(group: Sequence[Alias], asked: Asked) -> Answer:
    by_region = {str(one[1].latency_region): one for one in reversed(_by_region(group))}
    for number, region in enumerate(asked.nearest, start=1):
        if region in by_region:
            said = "the nearest" if number == 1 else f"number {number} by distance"
            return Answer(
                by_region[region],
                f"latency: {region} answers, {said} of {', '.join(asked.nearest)}",
            )
    first = min(by_region)
    if len(by_region) == 1:
        return Answer(by_region[first], f"latency: {first} is the only region to answer with")
    return Answer(
        by_region[first],
        f"latency: nobody said from where it is asked, so {first} is followed, the first by name "
        f"of {', '.join(sorted(by_region))}",
    )


def _weighted(group: Sequence[Alias], asked: Asked) -> Answer:
    heavy = [one for one in group if one[1].weight] or list(group)
    found = [record for _, record in heavy]
    told = ", ".join(
        f"{record.region} {percent(record, found):.3g} % (weight {record.weight})"
        for _, record in _by_region(heavy)
    )
    for one in _by_region(heavy):
        if one[1].region == asked.region:
            return Answer(one, f"weighted: {told}; {asked.region} is followed, as asked for")
    largest = min(heavy, key=lambda one: (-(one[1].weight or 0), one[1].region))
    return Answer(
        largest, f"weighted: {told}; {largest[1].region} is followed, the first of largest weight"
    )


def _failover(group: Sequence[Alias]) -> Answer:
    found = next((one for one in group if one[1].role == "PRIMARY"), group[0])
    role = str(found[1].role).lower()
    return Answer(found, f"failover: the {role}, {found[1].region}, answers")
