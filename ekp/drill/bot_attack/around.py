"""Checks of the ways around CloudFront, of spoofed addresses, and of what refused clients hear."""

from collections.abc import Iterator

from ekp.drill.report import Check, failed, holds, skipped
from ekp.evaluate.blocks import block, blocks
from ekp.evaluate.waf import actions
from ekp.evaluate.waf.rates import limit_of

from .crowds import SPOOFING, Way
from .guards import Door, Guard
from .scene import Scene

TOO_MANY = 429
SPOOFED = "No client escapes its count by claiming another address."
AROUND = "Requests around CloudFront are refused before anything counts them"


def checks(scene: Scene) -> Iterator[Check]:
    """Yield the checks."""
    yield from (_associated(door) for door in scene.front.doors)
    if not scene.front.doors:
        yield failed(
            "Every region that serves has a web ACL before its load balancer.",
            "No region has a load balancer.",
            remedy="Add a region with `ingress` to the environment.",
        )
    yield from _around(scene)
    yield _spoofed(scene)
    yield _answers(scene.front.guards)


def _associated(door: Door) -> Check:
    return holds(
        door.guard is not None,
        f"A web ACL stands before the load balancer of {door.region}.",
        f"It is associated: {door.guard.by}."
        if door.guard
        else "No web ACL is associated with it: whoever reaches it is looked at by nobody.",
        [door.by],
        remedy="Put `aws_wafv2_web_acl_association` of the region's ingress layer back.",
    )


def _around(scene: Scene) -> Iterator[Check]:
    if scene.front.distribution is None:
        open_to = sorted({each for door in scene.front.doors for each in door.open_to})
        yield skipped(
            f"{AROUND}.",
            f"There is no CloudFront to go around: {', '.join(open_to) or 'nobody'} may connect.",
            remedy="Nothing, as long as `edge.front` is `direct`.",
        )
        return
    for door in scene.front.doors:
        yield _refused(scene, door)


def _refused(scene: Scene, door: Door) -> Check:
    """Return whether the region refuses both floods by a rule before the first that counts."""
    must = f"{AROUND} in {door.region}."
    also = (
        f"Connections are open to {', '.join(door.open_to) or 'nobody'}; the listener's rules "
        f"ask for {', '.join(door.asks_for) or 'no header'}."
    )
    if door.guard is None:
        return failed(
            must,
            f"No web ACL looks at them. {also}",
            door.by,
            remedy="Put `aws_wafv2_web_acl_association` of the region's ingress layer back.",
        )
    first = min((each.priority for each in door.guard.limits), default=None)
    told, good, rules = [], True, []
    for way in (Way.BALANCER, Way.FOREIGN_CDN):
        found = scene.at(f"flood {way}", door.guard)
        if found is None:
            continue
        stops = found.first
        good = good and stops is not None and (first is None or stops.priority < first)
        told.append(
            f"{way}: {found.total(found.blocked)} of {found.total(found.came)} refused"
            + (f" by {stops.name} with {stops.status}" if stops else ", for no rule asks")
        )
        rules += [door.guard.rule(stops.name)] if stops else []
    return holds(
        good,
        must,
        f"{'; '.join(told)}. {also}",
        [*dict.fromkeys(rules)] or [door.guard.by],
        remedy=(
            "Put rule `origin-header` back before all others: without it strangers name any "
            "client's address and use up its rate."
        ),
    )


def _spoofed(scene: Scene) -> Check:
    found, header = scene.front, scene.front.header
    wrong = []
    if found.distribution and header is None:
        wrong.append("the distribution does not write the client's address on all its ways")
    for guard in found.guards:
        own = guard is found.edge or not found.distribution
        for each in guard.limits:
            if own and each.key != "IP":
                wrong.append(f"{guard.place} counts by {each.header or each.key}")
            if not own and (each.key != "FORWARDED_IP" or each.header != header):
                wrong.append(f"{guard.place} counts by {each.header or each.key}, not by {header}")
    passages = scene.of(SPOOFING)
    plain = scene.of("flood")
    for spoofing, usual in zip(passages, plain, strict=True):
        if (more := len(spoofing.passed) - len(usual.passed)) > 0:
            wrong.append(f"{spoofing.guard.place} lets {more:,} more pass than of a plain flood")
    told = (
        f"the function writes {header} over whatever comes under that name, the edge counts "
        f"by the connection, regions by {header}"
        if found.distribution
        else "web ACLs count by the connection's address, whatever headers say"
    )
    left = f"{len(passages[-1].passed):,} of {passages[0].came:,}" if passages else "none"
    return holds(
        bool(passages) and not wrong,
        SPOOFED,
        f"{'; '.join(wrong) or told}; {left} requests of such a flood get through.",
        [guard.rule(each.rule) for guard in found.guards for each in guard.limits],
        remedy="Put back the function of the distribution and `forwarded_ip_config` of the rules.",
    )


def _answers(guards: tuple[Guard, ...]) -> Check:
    """Return whether refused clients are told apart: too many requests, and everything else."""
    wrong, seen = [], dict[int, int]()
    for guard in guards:
        for rule in guard.rules:
            for refusal in blocks(block(rule, "action") or {}, "block"):
                status = actions.status(refusal)
                seen[status] = seen.get(status, 0) + 1
                if status != (TOO_MANY if limit_of(rule) else actions.BLOCKED):
                    wrong.append(f"{guard.rule(str(rule['name']))} answers {status}")
    told = ", ".join(
        f"{count} rule{'s answer' if count > 1 else ' answers'} {status}"
        for status, count in sorted(seen.items())
    )
    return holds(
        bool(seen) and not wrong,
        f"Who asks too much hears {TOO_MANY}, and who may not come hears {actions.BLOCKED}.",
        f"{'; '.join(wrong) or told or 'no rule of ours blocks anybody'}.",
        [guard.by for guard in guards],
        remedy=f"Give rate rules the status {TOO_MANY}, and other rules {actions.BLOCKED}.",
    )
