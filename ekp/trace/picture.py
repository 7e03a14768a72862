"""A trace as a picture: who a request meets, in boxes of where it meets them."""

import itertools
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ekp.diagram.picture import Box, Edge, Flow, Kind, Node, Picture, Row
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.stage import Stage

from .shown import word
from .traced import Trace

_CLIENT, _ANSWER = "client", "answer"
_WIDTH = 54
_EDGE = (Stage.CDN, Stage.GLOBAL_WAF, Stage.ORIGIN)
_BALANCER = (Stage.ORIGIN, Stage.BALANCER, Stage.REGIONAL_WAF)
_SERVICE = (Stage.ROUTE, Stage.DESTINATION, Stage.SERVICE)
_ROWS = {
    Verdict.PASSES: None,
    Verdict.MAY_REFUSE: Kind.SHIELD,
    Verdict.ANSWERS: Kind.WAY_IN,
    Verdict.REFUSES: Kind.REFUSAL,
    Verdict.MISSING: Kind.REFUSAL,
}
_MARKS = {
    Verdict.PASSES: "✓",
    Verdict.MAY_REFUSE: "?",
    Verdict.ANSWERS: "↩",
    Verdict.REFUSES: "✗",
    Verdict.MISSING: "✗",
}


@dataclass(frozen=True, slots=True)
class _Part:
    """What stands in one node."""

    title: str
    kind: Kind
    hops: tuple[Hop, ...]


def draw(trace: Trace) -> Picture:
    """Return the picture of a trace."""
    asked = trace.question
    title = f"{asked.method} {asked.scheme}://{asked.host}{asked.path} in {trace.environment}"
    everywhere, regional, cluster = _parts(trace.hops)
    nodes = {part.title: _node(part) for part in (*everywhere, *regional, *cluster)}
    order = [_CLIENT, *nodes, _ANSWER]
    return Picture(
        environment=trace.environment,
        title=title,
        nodes=(_client(trace), _answer(trace)),
        boxes=tuple(_boxes(trace, nodes, everywhere, regional, cluster)),
        edges=tuple(
            Edge(tail=tail, head=head, flow=Flow.REQUEST)
            for tail, head in itertools.pairwise(order)
        ),
    )


def _boxes(
    trace: Trace,
    nodes: dict[str, Node],
    everywhere: Sequence[_Part],
    regional: Sequence[_Part],
    cluster: Sequence[_Part],
) -> Iterator[Box]:
    def of(parts: Sequence[_Part]) -> tuple[Node, ...]:
        return tuple(nodes[part.title] for part in parts)

    if everywhere:
        yield Box("everywhere", "AWS", "not in a region", nodes=of(everywhere), level=True)
    if regional or cluster:
        inner = Box("cluster", "cluster", nodes=of(cluster), level=True)
        yield Box(
            "region",
            str(trace.region),
            nodes=of(regional),
            boxes=(inner,) if cluster else (),
        )


def _parts(hops: Sequence[Hop]) -> tuple[list[_Part], list[_Part], list[_Part]]:
    """Return the nodes that stand in no region, in a region, and in its cluster."""
    before = [hop for hop in hops if hop.region is None]
    there = [hop for hop in hops if hop.region is not None]
    outside = next(
        (place for place, hop in enumerate(there) if hop.stage not in _BALANCER), len(there)
    )
    balancer, inside = there[:outside], there[outside:]
    routed = next(
        (place for place, hop in enumerate(inside, start=1) if hop.stage is Stage.ROUTE),
        len(inside),
    )
    entrance, then = inside[:routed], inside[routed:]
    pods = next((place for place, hop in enumerate(then) if hop.stage not in _SERVICE), len(then))
    everywhere = [
        _Part("Route 53", Kind.WAY_IN, tuple(hop for hop in before if hop.stage not in _EDGE)),
        _Part("CloudFront", Kind.WAY_IN, tuple(hop for hop in before if hop.stage in _EDGE)),
    ]
    regional = [_Part("load balancer", Kind.NETWORK, tuple(balancer))]
    cluster = [
        _Part(_entrance(entrance), Kind.CLUSTER, tuple(entrance)),
        _Part("route to the service", Kind.PLATFORM, tuple(then[:pods])),
        _Part("pods of the service", Kind.TENANT, tuple(then[pods:])),
    ]
    return _filled(everywhere), _filled(regional), _filled(cluster)


def _entrance(hops: Sequence[Hop]) -> str:
    return hops[0].name.removeprefix("pods of ") if hops else "entrance"


def _filled(parts: Sequence[_Part]) -> list[_Part]:
    return [part for part in parts if part.hops]


def _node(part: _Part) -> Node:
    return Node(
        name=part.title,
        kind=part.kind,
        title=part.title,
        rows=tuple(map(_row, _together(part.hops))),
    )


def _together(hops: Sequence[Hop]) -> Iterator[tuple[Hop, ...]]:
    """Yield hops that follow each other at one place with one verdict as one."""
    for _, same in itertools.groupby(hops, key=lambda hop: (hop.stage, hop.name, hop.verdict)):
        yield tuple(same)


def _row(hops: Sequence[Hop]) -> Row:
    """Return a row: why it goes on; where it does not, who decided that and what would help."""
    hop = hops[-1]
    told = [one.why for one in hops]
    if hop.verdict is not Verdict.PASSES:
        told += [f"by {hop.by}", *([f"→ {hop.remedy}"] if hop.remedy else [])]
    lines = tuple(
        line for text in told for line in textwrap.wrap(text, _WIDTH, break_on_hyphens=False)
    )
    title = f"{_MARKS[hop.verdict]} {hop.stage.value}: {word(hop)}"
    return Row(title=title, lines=(hop.name, *lines), kind=_ROWS[hop.verdict])


def _client(trace: Trace) -> Node:
    asked = trace.question
    where = f" in {asked.client.country}" if asked.client.country else ""
    token = "with a token" if asked.token else "without a token"
    rate = [f"{asked.rate:g} requests a second"] if asked.rate else []
    lines = (f"{asked.client.address}{where}", token, *rate)
    return Node(_CLIENT, Kind.PEOPLE, f"{asked.method} {asked.host}{asked.path}", lines)


def _answer(trace: Trace) -> Node:
    kind = Kind.PLATFORM if trace.allowed else Kind.REFUSAL
    said = "allowed" if trace.target else trace.outcome.value
    title = f"{said} {trace.status or ''}".strip().upper()
    lines = textwrap.wrap(f"The request {trace.verdict}.", _WIDTH)
    return Node(_ANSWER, kind, title, tuple(lines))
