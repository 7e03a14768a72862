"""Checks of floods: that each web ACL stops them, and how much comes through."""

from collections.abc import Iterator

from ekp.drill.report import Check, failed, holds
from ekp.evaluate.waf.rates import DELAY

from .crowds import PERIOD
from .guards import Guard
from .passing import Passage
from .scene import PAST_THE_EDGE, Scene

_LATE = f"AWS WAF acts usually 30 to {DELAY:.0f} s after a rate is too high, at times minutes"
AT_THE_EDGE = "A flood of one client is stopped where it comes in, within a window and AWS's delay."
WHAT_IS_LEFT = "What is left of the flood is less than the gateway grants one client."


def checks(scene: Scene) -> Iterator[Check]:
    """Yield the checks."""
    outer = scene.front.outer
    if not outer:
        where = scene.front.distribution
        yield failed(
            AT_THE_EDGE,
            "No web ACL stands where clients come in: the flood passes whole.",
            *((where.path,) if where else ()),
            remedy="Give the distribution its web ACL again: `web_acl_id` of the edge's layer.",
        )
    for guard in outer:
        setting = "edge.rates.edge" if guard is scene.front.edge else "edge.rates.region"
        yield _stopped(scene, guard, "flood", AT_THE_EDGE, setting)
    yield from _left(scene)
    if scene.front.distribution:
        for guard in scene.front.inner:
            yield _behind(scene, guard)


def _stopped(scene: Scene, guard: Guard, crowd: str, must: str, setting: str) -> Check:
    found = scene.at(crowd, guard)
    if found is None or found.limit is None or found.starts is None:
        remedy = (
            f"Lower `{setting}`, and let its rule count all requests, before any that allows some."
        )
        return failed(must, _never(found, guard), guard.by, remedy=remedy)
    return holds(
        found.starts <= found.limit.window + DELAY and not found.left,
        must,
        _told(found),
        [guard.rule(found.limit.rule)],
        remedy=f"Lower `{setting}`, or shorten its window.",
    )


def _never(found: Passage | None, guard: Guard) -> str:
    if found is None:
        return f"The flood does not come to {guard.place}."
    if found.first:
        return f"Rule {found.first.name} of {guard.place} stops it, and no rate rule has to."
    if found.spared:
        return f"Rule {found.spared.name} of {guard.place} allows it, so that no later one counts."
    limits = [
        f"{each.rule} ({each}{', of some requests alone' if each.narrowed else ''})"
        for each in guard.limits
    ]
    there = f"{', '.join(limits)} does not stop it" if limits else "there is no rate rule"
    return (
        f"All {found.total(len(found.passed))} requests of the flood, {found.crowd.told}, pass "
        f"{guard.place}: {there}."
    )


def _told(found: Passage) -> str:
    return (
        f"{found.crowd.told} are above {found.limit} of rule {found.limit and found.limit.rule} "
        f"from second {found.over:.0f} on and refused from second {found.starts:.0f} on ({_LATE}); "
        f"{found.total(len(found.passed))} of {found.total(found.came)} in {PERIOD} s get through, "
        f"{found.left:.3g} a second in the last minute."
    )


def _left(scene: Scene) -> Iterator[Check]:
    for door in scene.front.doors:
        granted = scene.granted.get(door.region)
        last = scene.at("flood", door.guard) or scene.at("flood", scene.front.edge)
        must = f"{WHAT_IS_LEFT[:-1]} in {door.region}."
        if granted is None:
            yield failed(
                must,
                "The gateway limits no client: no EnvoyFilter with a local rate limit is there.",
                remedy="Set `edge.rates.gateway`, which every gateway limits clients by.",
            )
            continue
        left = last.left if last else scene.crowds[0].rate
        yield holds(
            left < granted,
            must,
            f"{left:.4g} requests a second are left of {scene.crowds[0].rate:,.4g} in the last "
            f"minute; the gateway grants {granted:.4g}, and is alone until AWS WAF acts.",
            [last.guard.by] if last else [door.by],
            remedy="Lower `edge.rates.edge` and `edge.rates.region`.",
        )


def _behind(scene: Scene, guard: Guard) -> Check:
    """Return whether a region stops the flood by itself, and no later than the edge would."""
    must = f"The web ACL of {guard.place} stops the flood by itself where the edge does not."
    stopped = _stopped(scene, guard, PAST_THE_EDGE, must, "edge.rates.region")
    edge = scene.front.edge.limit if scene.front.edge else None
    if edge and guard.limit and guard.limit.per_second > edge.per_second:
        return failed(
            must,
            f"Its limit, {guard.limit}, is above the edge's, {edge}: it would never act first.",
            guard.rule(guard.limit.rule),
            remedy="Lower `edge.rates.region` to `edge.rates.edge` or below.",
        )
    return stopped
