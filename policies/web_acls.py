"""The rules of AWS WAF's web ACLs, as checks read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policies.checks import Entity, Everything
from policies.links import blocks
from policies.references import is_open, planned, targets

STOPPING = ("block", "captcha", "challenge")

Block = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """A rule with its statement; ``group`` is the rule group of ours that holds it, if any."""

    body: Block
    group: Entity | None = None

    def statement(self, kind: str) -> Block | None:
        """Return what the rule looks for if that is of some kind, not deeper in it."""
        return next(
            (
                found
                for statement in blocks(self.body.get("statement"))
                for found in blocks(statement.get(kind))
            ),
            None,
        )

    @property
    def stops(self) -> bool:
        """Whether what it matches does not get through just so."""
        return any(
            blocks(action.get(name))
            for action in blocks(self.body.get("action"))
            for name in STOPPING
        )

    @property
    def in_force(self) -> bool:
        """Whether a group acts as its rules say, instead of only counting."""
        overrides = blocks(self.body.get("override_action"))
        return any(blocks(override.get("none")) for override in overrides)


def rules(acl: Entity, everything: Everything) -> Sequence[Rule]:
    """Return a web ACL's rules, and those of rule groups of ours that are in force in it."""
    own = [Rule(body) for body in blocks(acl.body.get("rule"))]
    inner = [
        Rule(body, group)
        for rule in own
        if rule.in_force
        for group in _groups(rule, acl, everything)
        for body in blocks(group.body.get("rule"))
        if body.get("name") not in quietened(rule.statement("rule_group_reference_statement"))
    ]
    return [*own, *inner]


def quietened(statement: Block | None) -> set[str]:
    """Return the rules of a group, by name, that let through what they match."""
    found = statement or {}
    overridden = {
        str(override.get("name"))
        for override in blocks(found.get("rule_action_override"))
        for action in blocks(override.get("action_to_use"))
        if not any(blocks(action.get(name)) for name in STOPPING)
    }
    return overridden | {str(rule.get("name")) for rule in blocks(found.get("excluded_rule"))}


def asks_for_header(acl: Entity, everything: Everything) -> bool:
    """Tell whether a web ACL stops requests that lack a header with a secret in it."""
    return any(
        rule.stops
        and any(
            _is_header(inner, rule.group or acl, everything)
            for inner in blocks((rule.statement("not_statement") or {}).get("statement"))
        )
        for rule in rules(acl, everything)
    )


def _groups(rule: Rule, acl: Entity, everything: Everything) -> list[Entity]:
    reference = rule.statement("rule_group_reference_statement")
    if reference is None:
        return []
    if planned(acl) and "arn" not in reference:
        # The plan of a new group does not tell which one it is.
        return everything.of("aws_wafv2_rule_group")
    return targets(reference.get("arn"), everything, "aws_wafv2_rule_group")


def _is_header(statement: Block, one: Entity, everything: Everything) -> bool:
    either = blocks(statement.get("or_statement"))
    if either:
        inner = [part for entry in either for part in blocks(entry.get("statement"))]
        return all(_is_header(part, one, everything) for part in inner)
    for kind, text in (
        ("regex_match_statement", "regex_string"),
        ("byte_match_statement", "search_string"),
    ):
        for match in blocks(statement.get(kind)):
            fields = blocks(match.get("field_to_match"))
            named = any(blocks(field.get("single_header")) for field in fields)
            return named and not is_open(match.get(text), one, everything)
    return False
