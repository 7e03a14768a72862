"""Checks that limits narrow inwards: rates, and what may come at once."""

from collections.abc import Iterator
from itertools import pairwise

from ekp.gate.reports.wording import number

from ..report import Check, holds
from .at_entrances import RATES
from .view import View
from .words import figure, listed


def rates_narrow(view: View) -> Check:
    """Check that no inner limit allows a client more a second than the one before it."""
    wrong, told = [], []
    for chain in _chains(view):
        for (outer, wide), (inner, narrow) in pairwise(chain):
            if narrow > wide:
                said = f"{inner} {figure(narrow)} a second is above {outer} {figure(wide)}"
                wrong.append(said)
        told.append(" >= ".join(f"{name} {figure(rate)}" for name, rate in chain))
    return holds(
        not wrong,
        "What a client has a second narrows inwards: edge >= region >= entrance >= service",
        listed([*wrong, *([] if wrong else told), *_with_most_pods(view)]),
        [*view.acls, *view.limits],
        remedy=f"Set {RATES} and the service's `client_rate` so that each is at most the one "
        "before it, then deploy. While `emergency` of a web ACL is on, its rate is below the inner "
        "ones on purpose.",
    )


def bursts_are_within(view: View) -> Check:
    """Check that a burst is within what the next limit outwards counts in its whole window."""
    wrong, told = [], []
    for way, places in view.ways.items():
        before: tuple[str, int] | None = None
        if outer := view.outer.before(places[0]):
            before = (f"the web ACL's {outer.requests:,} in {outer.seconds} s", outer.requests)
        for guard in sorted(way.guards, key=lambda one: not one.whole):
            most = guard.at_once(way.door)
            said = (
                f"{way.name}, {guard.name}: {most:,} at once over {number(way.door.fewest, 'pod')}"
            )
            if before and most > before[1]:
                wrong.append(f"{said} is above {before[0]}")
            told.append(f"{said} ({guard.bucket.max_tokens:,} each)")
            if guard.whole:
                before = (f"the {guard.name}'s {most:,}", most)
    return holds(
        not wrong,
        "What a client may have at once is within what the next limit outwards counts in a window",
        listed(wrong or told),
        [*view.acls, *view.limits],
        remedy="Bring the bucket's `max_tokens` (a shard's `burst`) back to a quarter of the "
        f"window: deploy layer tenants with {RATES} as they are.",
    )


def _chains(view: View) -> Iterator[list[tuple[str, float]]]:
    for way, places in view.ways.items():
        for region in places:
            chain: list[tuple[str, float]] = []
            if view.outer.edge:
                chain.append(("edge", float(view.outer.edge.per_second)))
            if outer := view.outer.regions.get(region):
                chain.append((region, float(outer.per_second)))
            for whole in (True, False):
                for guard in way.guards:
                    if guard.whole is whole:
                        name = guard.name if whole else f"{guard.name} {way.service}"
                        chain.append((name, float(guard.rate(way.door))))
            yield chain


def _with_most_pods(view: View) -> list[str]:
    """Return what a client has while the most pods of an entrance run, where that is more."""
    found = []
    for way, places in view.ways.items():
        outer = view.outer.before(places[0])
        for guard in way.guards:
            rate, at_once = guard.widest_rate(way.door), guard.widest_at_once(way.door)
            if guard.whole and at_once > guard.at_once(way.door):
                bound = ""
                if outer and outer.per_second < rate:
                    bound = f", of which the web ACL lets {figure(outer.per_second)} a second come"
                found.append(
                    f"with all {way.door.most} pods the {guard.name} alone would allow "
                    f"{figure(rate)} a second and {at_once:,} at once{bound}"
                )
            if way.versions > 1 and not guard.whole:
                found.append(
                    f"while two versions of {way.service} serve, a client has its rate at each"
                )
    return found
