"""Rules of an AuthorizationPolicy: from any of these, to any of those, when all of this holds."""

from collections.abc import Callable, Mapping
from typing import Any

from ..request import Object, Unsupported
from .conditions import Attributes, matches_attribute
from .matching import check_keys, strings

# Each field with the attribute it stands for; its opposite is written not<Field>.
_SOURCE = {
    "principals": "source.principal",
    "requestPrincipals": "request.auth.principal",
    "namespaces": "source.namespace",
    "serviceAccounts": "source.serviceAccount",
    "trustDomains": "source.trustDomain",
    "ipBlocks": "source.ip",
    "remoteIpBlocks": "remote.ip",
}
# Names without a dot are no attributes that conditions could name.
_OPERATION = {"hosts": "host", "methods": "method", "paths": "path", "ports": "destination.port"}

Matches = Callable[[str, str, list[str]], bool]
"""Whether an attribute has any of the values; takes the place in the object and the attribute."""


def matches_rule(
    policy: Object, where: str, rule: Mapping[str, Any], attributes: Attributes
) -> bool:
    """Return whether a request is one that a rule describes; an empty rule describes all.

    All of the rule is read, whatever it says: what is not understood never hides behind a part
    that does not match.
    """

    def matches(place: str, attribute: str, values: list[str]) -> bool:
        # All are compared before any counts: a mistake in one never hides behind another.
        found = [matches_attribute(policy, place, attribute, each, attributes) for each in values]
        return any(found)

    sources = _entries(policy, where, rule, "from", "source")
    operations = _entries(policy, where, rule, "to", "operation")
    found = [
        _any_of(policy, sources, _SOURCE, matches),
        _any_of(policy, operations, _OPERATION, matches),
        *_conditions(policy, f"{where}.when", rule.get("when"), matches),
    ]
    return all(found)


def _entries(
    policy: Object, where: str, rule: Mapping[str, Any], key: str, inner: str
) -> list[tuple[str, object]]:
    """Return the sources or operations of a rule, each with its place in the object."""
    if rule.get(key) is None:
        return []
    entries = []
    for index, entry in enumerate(_listed(policy, f"{where}.{key}", rule[key])):
        place = f"{where}.{key}[{index}]"
        check_keys(policy, place, entry, {inner})
        entries.append((f"{place}.{inner}", entry.get(inner)))
    return entries


def _any_of(
    policy: Object,
    entries: list[tuple[str, object]],
    fields: Mapping[str, str],
    matches: Matches,
) -> bool:
    found = [_all_of(policy, place, entry, fields, matches) for place, entry in entries]
    return any(found) or not found


def _all_of(
    policy: Object, where: str, entry: object, fields: Mapping[str, str], matches: Matches
) -> bool:
    if not isinstance(entry, Mapping) or not entry:
        raise Unsupported(policy, where, "is empty; Istio refuses that")
    positives = {**{field: field for field in fields}, **{_opposite(each): each for each in fields}}
    check_keys(policy, where, entry, positives)
    if {"serviceAccounts", "notServiceAccounts"} & set(entry) and {
        "principals",
        "notPrincipals",
        "namespaces",
        "notNamespaces",
    } & set(entry):
        raise Unsupported(policy, where, "has serviceAccounts with namespaces or principals")
    found = []
    for field, entries in entry.items():
        place = f"{where}.{field}"
        values = strings(policy, place, entries)
        attribute = fields[positives[field]]
        found.append(matches(place, attribute, values) != (field not in fields))
    return all(found)


def _opposite(field: str) -> str:
    return f"not{field[0].upper()}{field[1:]}"


def _conditions(policy: Object, where: str, entries: object, matches: Matches) -> list[bool]:
    if entries is None:
        return []
    found = []
    for index, entry in enumerate(_listed(policy, where, entries)):
        place = f"{where}[{index}]"
        check_keys(policy, place, entry, {"key", "values", "notValues"})
        key = entry.get("key")
        if not isinstance(key, str) or "." not in key:
            raise Unsupported(policy, f"{place}.key", f"the attribute {key!r} is not understood")
        if not {"values", "notValues"} & set(entry):
            raise Unsupported(policy, place, "needs values or notValues")
        for field in ("values", "notValues"):
            if field in entry:
                values = strings(policy, f"{place}.{field}", entry[field])
                found.append(matches(f"{place}.{field}", key, values) != (field == "notValues"))
    return found


def _listed(policy: Object, where: str, entries: object) -> list[Any]:
    if not isinstance(entries, list | tuple) or not entries:
        raise Unsupported(
            policy, where, f"is {entries!r}; write a list with an entry or leave it out"
        )
    return list(entries)
