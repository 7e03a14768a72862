"""Checks of good clients, of countries, and of bots that nobody but AWS can tell."""

from collections.abc import Iterator

from modules.core.waf_groups import ManagedGroup

from ekp.drill.report import Check, failed, holds, noted, passed, skipped
from ekp.evaluate.blocks import entries
from ekp.evaluate.waf.groups import counting, counts

from .crowds import PERIOD, SHUT
from .guards import Guard
from .passing import Passage
from .scene import Scene

QUIET = ("botnet", "scraper")
"""Crowds that stay below every limit."""
GUESSER = "login guesser"
GUESSING = "A rule of ours stops a client that guesses passwords slowly."
BOT_RULES = "Bots are looked for where clients come in, and the group of bot rules blocks."


def checks(scene: Scene) -> Iterator[Check]:
    """Yield the checks."""
    yield from _good(scene)
    yield _countries(scene)
    outer = scene.front.outer
    if not outer:
        yield failed(
            BOT_RULES,
            "No web ACL stands where clients come in.",
            remedy="Give the distribution its web ACL again: `web_acl_id` of the edge's layer.",
        )
    for guard in outer:
        yield _bots(guard, f"{scene.front.setting}.groups")
    yield _guessing(scene)
    yield _quiet(scene)


def _good(scene: Scene) -> Iterator[Check]:
    for crowd in scene.crowds:
        if not crowd.good:
            continue
        found = scene.of(crowd.name)
        lost = [each for each in found if each.blocked]
        told = "; ".join(
            f"{each.guard.place} stops {each.total(each.blocked)} of {each.total(each.came)} "
            f"by {', '.join(each.stopped)}"
            for each in lost
        )
        yield holds(
            bool(found) and not lost,
            f"Good clients lose nothing to rules of ours: {crowd.name}.",
            f"{crowd.told} from one address: {told or f'all {crowd.sent:,} requests pass'}.",
            [each.guard.rule(rule) for each in lost for rule in each.stopped]
            or [each.guard.by for each in found],
            remedy=(
                "Raise `edge.rates`, or take the rule back; in an emergency raise `rate_percent` "
                "of `web_acl.plan`, or say beforehand that such clients lose requests."
            ),
        )


def _countries(scene: Scene) -> Check:
    must = "Clients in a country that is shut out are refused."
    found = scene.of(SHUT)
    if not found:
        return skipped(
            must,
            "No web ACL shuts a country out.",
            remedy=f"Name countries in `{_blocked(scene)}` where some have no users.",
        )
    stops = [f"{each.guard.place} by {', '.join(each.stopped)}" for each in found if each.stopped]
    told = ", ".join(stops) or "nowhere"
    most = scene.most(SHUT)
    left = len(most.passed) if most else 0
    return holds(
        not left,
        must,
        f"{found[0].crowd.country}: {found[0].crowd.sent} requests, {left} pass; stopped: {told}.",
        [each.guard.rule(rule) for each in found for rule in each.stopped],
        remedy=f"Name the country in `{_blocked(scene)}`.",
    )


def _blocked(scene: Scene) -> str:
    return f"{scene.front.setting}.blocked_countries"


def _bots(guard: Guard, setting: str) -> Check:
    group = ManagedGroup.BOT_CONTROL.value
    for rule in guard.rules:
        for body in entries((rule.get("statement") or {}).get("managed_rule_group_statement")):
            if body["name"] != group:
                continue
            quiet = ", ".join(counting(body)) or "none"
            where = guard.rule(str(rule["name"]))
            if counts(rule, where):
                return failed(
                    BOT_RULES,
                    f"{group} of {guard.place} counts as a whole: it stops no bot.",
                    where,
                    remedy=f"Set `mode` of the group to `block` in `{setting}`.",
                )
            scope = "some requests alone" if body.get("scope_down_statement") else "all requests"
            told = f"{group} looks at {scope} of {guard.place}; single rules that only count"
            return passed(BOT_RULES, f"{told}: {quiet}.", where)
    return failed(
        BOT_RULES,
        f"The web ACL of {guard.place} has no {group}.",
        guard.by,
        remedy=f"Add the group to `{setting}`, or leave `groups` out to have all.",
    )


def _guessing(scene: Scene) -> Check:
    """Return whether guessing meets a limit: a path's own one, for all others are far above it."""
    found, most = scene.of(GUESSER), scene.most(GUESSER)
    if most is None:
        return failed(
            GUESSING,
            "No web ACL looks at them.",
            remedy="Put the web ACLs back: `web_acl_id`, `aws_wafv2_web_acl_association`.",
        )
    crowd, left = most.crowd, most.left
    passing = f"{len(most.passed):,} of {crowd.sent:,}"
    told = (
        f"{crowd.method} {crowd.path}, {crowd.told}: {passing} in {PERIOD} s get through, "
        f"{left:.3g} a second in the last minute"
    )
    stops = [each.guard.rule(rule) for each in found for rule in each.stopped]
    if stops and not left:
        return passed(GUESSING, f"{told}.", *stops)
    groups = ", ".join(_named(found)) or "none"
    return noted(
        GUESSING,
        f"{told}: no rate of ours stops it. Groups of AWS's that may stop some: {groups}.",
        *(each.guard.by for each in found),
        remedy=(
            f"Give the path of the login a rate of its own in `{scene.front.setting}.path_rates`: "
            "the least is 10 requests in 600 s. Whoever checks passwords has to lock out as well."
        ),
    )


def _quiet(scene: Scene) -> Check:
    """Say what nobody can promise: AWS's groups judge by lists and rules that it keeps."""
    found = [each for name in QUIET if (each := scene.of(name))]
    told = "; ".join(_unknown(each) for each in found) or "None comes in"
    granted = min((rate for rate in scene.granted.values() if rate), default=None)
    behind = f" Behind them gateways grant each address {granted:.4g} a second." if granted else ""
    return skipped(
        "Bots that stay below every limit are stopped.",
        f"It is AWS's to decide, and nothing here asks AWS. {told}.{behind}",
        remedy=(
            "In an incident set `emergency` of `edge.web_acl` and of `regions[R].ingress.web_acl`, "
            "which lowers every rate; read the web ACLs' logs."
        ),
    )


def _unknown(found: tuple[Passage, ...]) -> str:
    crowd, left = found[0].crowd, len(found[-1].passed)
    aws = ", ".join(_named(found)) or "no group"
    told = f"our own rules let {left * crowd.clients:,} of {crowd.sent:,} requests pass"
    return f"{crowd.name} ({crowd.told}): {told}, {aws} of AWS's may stop some of them"


def _named(found: tuple[Passage, ...]) -> list[str]:
    """Return AWS's groups that are made for a crowd, and look at it."""
    may = {group for each in found for group in each.may_stop}
    groups = [group.value for group in found[0].crowd.for_aws if group.value in may]
    return [group.removeprefix("AWSManagedRules") for group in groups]
