"""What a web ACL does with a request: its rules in the order of their priorities.

Sources, AWS WAF developer guide: "Setting rule priority", "How AWS WAF handles rule and rule group
actions", "Setting the protection pack (web ACL) default action". Parts of a web ACL that are not
understood raise ``Unsupported``; nothing is guessed.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ..blocks import Block, block, blocks, only
from ..request import Unsupported
from . import groups
from .actions import Outcome, status
from .inspected import Effect, Inspected, Judgement, RuleResult
from .statements import Asked

__all__ = ["Effect", "Inspected", "Judgement", "RuleResult", "judge"]

DEFAULT = "default action"


def judge(
    acl: Mapping[str, Any],
    lookup: Callable[[str], Mapping[str, Any] | None],
    request: Inspected,
) -> Judgement:
    """Return what a web ACL does with a request.

    Args:
        acl: The body of an ``aws_wafv2_web_acl`` in Terraform's JSON.
        lookup: Returns the body of the ``aws_wafv2_rule_group`` or ``aws_wafv2_ip_set`` that an
            expression of an ARN names; None: there is none.
        request: The request, as it comes to the web ACL.

    Raises:
        Unsupported: a part of the web ACL is not understood, or is not configured.
    """
    name = f"web ACL {acl.get('name', '?')}"
    if acl.get("rule_json"):
        raise Unsupported(name, "rule_json", "it is not evaluated")
    results: list[RuleResult] = []
    for rule in groups.by_priority(blocks(acl, "rule")):
        asked = Asked(f"{name}, rule {rule['name']}", request, lookup)
        found = _result(str(rule["name"]), int(rule["priority"]), _outcome(rule, asked))
        results.append(found)
        if found.ends:
            return Judgement(results=tuple(results), ending=found)
    kind, body = only(block(acl, "default_action") or {}, name, "default_action")
    if kind == "allow":
        return Judgement(results=tuple(results), ending=None)
    last = Outcome(Effect.BLOCKS, "no rule allows it", status(body))
    after = results[-1].priority + 1 if results else 0
    ending = _result(DEFAULT, after, last)
    return Judgement(results=(*results, ending), ending=ending)


def _outcome(rule: Block, asked: Asked) -> Outcome:
    kind, body = only(block(rule, "statement") or {}, asked.where, "statement")
    if kind == "managed_rule_group_statement":
        return groups.managed(body, rule, asked)
    if kind == "rule_group_reference_statement":
        return groups.own(body, rule, asked)
    return groups.ordinary(rule, asked)


def _result(name: str, priority: int, found: Outcome) -> RuleResult:
    return RuleResult(
        name=name, priority=priority, effect=found.effect, why=found.why, status=found.status
    )
