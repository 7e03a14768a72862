"""Rule groups in a web ACL: AWS's, whose rules nobody sees, and our own.

Sources: AWS WAF developer guide, "Overriding rule group actions", "Rule group statement caveats".
"""

from collections.abc import Iterable

from ..blocks import Block, block, blocks, only
from ..request import Unsupported
from .actions import Outcome, outcome
from .addresses import HeaderMissingError
from .inspected import Effect
from .statements import Answer, Asked, answer, referred


def by_priority(rules: Iterable[Block]) -> list[Block]:
    """Return rules in the order in which AWS WAF looks at them."""
    return sorted(rules, key=lambda rule: int(rule["priority"]))


def ordinary(rule: Block, asked: Asked) -> Outcome:
    """Return what a rule with an action of its own does."""
    try:
        found = answer(block(rule, "statement") or {}, asked)
    except HeaderMissingError as missing:
        found = Answer(False, str(missing))
    return outcome(block(rule, "action") or {}, found, asked.request, asked.where)


def own(body: Block, rule: Block, asked: Asked) -> Outcome:
    """Return what a group of ours does: its rules in their order."""
    group = referred(body["arn"], asked)
    if block(body, "rule_action_override") is not None:
        raise Unsupported(asked.where, "rule_action_override", "it is not evaluated of own groups")
    softened = counts(rule, asked.where)
    found = Outcome(Effect.NO_MATCH, f"no rule of {group.get('name', 'the group')} matches")
    for each in by_priority(blocks(group, "rule")):
        where = f"{asked.where}, its rule {each['name']}"
        result = ordinary(each, Asked(where, asked.request, asked.lookup))
        told = Outcome(result.effect, f"{each['name']}: {result.why}", result.status)
        if result.effect in (Effect.ALLOWS, Effect.BLOCKS):
            found = told
            break
        if result.effect is Effect.MAY_BLOCK or found.effect is Effect.NO_MATCH:
            found = told
    if softened and found.effect is not Effect.NO_MATCH:
        return Outcome(Effect.COUNTS, f"the group counts as a whole: {found.why}")
    return found


def managed(body: Block, rule: Block, asked: Asked) -> Outcome:
    """Return what can be said of a group of AWS's: whether it looks at the request at all."""
    scope = block(body, "scope_down_statement")
    if scope is not None:
        try:
            narrowed = answer(scope, asked)
        except HeaderMissingError as missing:
            narrowed = Answer(False, str(missing))
        if narrowed.matches is False:
            return Outcome(Effect.NO_MATCH, f"it does not look at the request: {narrowed.why}")
    if counts(rule, asked.where):
        return Outcome(Effect.COUNTS, "it may inspect; the group counts as a whole")
    quiet = counting(body)
    told = f"; of these {', '.join(quiet)} count alone" if quiet else ""
    return Outcome(Effect.MAY_BLOCK, f"it may inspect, and AWS's rules decide{told}")


def counting(body: Block) -> list[str]:
    """Return the single rules of a managed group that only count."""
    return [
        str(each["name"])
        for each in blocks(body, "rule_action_override")
        if "count" in (block(each, "action_to_use") or {})
    ]


def counts(rule: Block, where: str) -> bool:
    """Return whether a group counts as a whole, whatever its rules do."""
    return only(block(rule, "override_action") or {}, where, "override_action")[0] == "count"
