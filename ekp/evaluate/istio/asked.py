"""What rules of AuthorizationPolicies ask for, in words, beyond the place that they are for.

It decides nothing: it tells somebody who is refused what the rules for this host and path would
have taken.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..request import Object, named
from .conditions import Attributes
from .rules import matches_rule

_PLACE = {name for field in ("hosts", "paths", "ports") for name in (field, f"not{field.title()}")}
_CLAIMS = "request.auth.claims["
_WORDS = {
    "requestPrincipals": "a token of {}",
    "serviceAccounts": "a caller that is {}",
    "principals": "a caller that is {}",
    "namespaces": "a caller in namespace {}",
    "methods": "method {}",
}
_SHOWN = 2

Part = tuple[Mapping[str, Any], str]
"""A rule with one part of another one alone, and that part in words."""


def of_rule(policy: Object, index: int) -> str:
    """Return the place that a rule is for, with what it asks for beyond that."""
    rule = policy["spec"]["rules"][index]
    ways = [_joined(words for _, words in (*way, *_conditions(rule))) for way in _ways(rule)]
    told = " or ".join(dict.fromkeys(ways))
    return f"this host and path with {told}" if told else "this host and path from anybody"


def lacking(policies: Iterable[Object], attributes: Attributes) -> str:
    """Return what a request lacks of the rules for its host and path; none of them takes it."""
    found: list[tuple[int, str]] = []
    for policy in policies:
        for index, rule in enumerate((policy.get("spec") or {}).get("rules") or ()):
            for way in _ways(rule, of=(policy, attributes)):
                lost = [
                    words
                    for part, words in (*way, *_conditions(rule))
                    if not matches_rule(policy, "spec.rules", part, attributes)
                ]
                told = f"{named(policy)} rules[{index}] would take it with {_joined(lost)}"
                found.append((len(lost), told))
    if not found:
        return "no rule is for this host and path"
    nearest = [told for _, told in sorted(found, key=lambda each: each[0])]
    return f"no rule takes it: {'; '.join(list(dict.fromkeys(nearest))[:_SHOWN])}"


def _ways(
    rule: Mapping[str, Any], of: tuple[Object, Attributes] | None = None
) -> Iterator[Sequence[Part]]:
    """Yield what each pair of a source and an operation asks for, of those for a request's place.

    Args:
        rule: The rule.
        of: The policy, and the request by whose place operations are chosen; None: all are.
    """
    sources: Sequence[Mapping[str, Any]] = rule.get("from") or ({},)
    operations: Sequence[Mapping[str, Any]] = rule.get("to") or ({},)
    for source in sources:
        for operation in operations:
            asked = operation.get("operation") or {}
            place = {name: values for name, values in asked.items() if name in _PLACE}
            where = {"to": [{"operation": place}]}
            if place and of and not matches_rule(of[0], "spec.rules", where, of[1]):
                continue
            yield (
                *_fields("from", "source", source.get("source") or {}),
                *_fields("to", "operation", {k: v for k, v in asked.items() if k not in _PLACE}),
            )


def _fields(key: str, inner: str, fields: Mapping[str, Any]) -> Iterator[Part]:
    for name, values in fields.items():
        listed = " or ".join("anybody" if x == "*" else x.removesuffix("/*") for x in values)
        yield {key: [{inner: {name: values}}]}, _WORDS.get(name, f"{name} {{}}").format(listed)


def _conditions(rule: Mapping[str, Any]) -> Iterator[Part]:
    for entry in rule.get("when") or ():
        key = str(entry.get("key"))
        name = key
        if key.startswith(_CLAIMS):
            name = f"claim {key.removeprefix(_CLAIMS).removesuffix(']').replace('][', '.')}"
        for field, word in (("values", ""), ("notValues", "no ")):
            if field in entry:
                listed = " or ".join(map(str, entry[field]))
                yield {"when": [{"key": key, field: entry[field]}]}, f"{word}{name} = {listed}"


def _joined(words: Iterable[str]) -> str:
    return " and ".join(dict.fromkeys(words))
