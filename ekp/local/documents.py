"""What a policy document allows somebody to do, as far as AWS itself checks it."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from .conditions import Known, hold, like


def allows(
    document: str | bytes, who: Iterable[str], actions: Iterable[str], resource: str = "*"
) -> bool:
    """Tell whether one of some principals may do all of some actions.

    Conditions count as met. A resource that is `*` is not compared.
    """
    statements = _statements(document)
    return all(
        any(_allows(statement, set(who), action, resource) for statement in statements)
        for action in actions
    )


def effects_on_everyone(
    document: str | bytes, action: str, resource: str, known: Known
) -> set[str]:
    """Give the effects, `Allow` and `Deny`, of what a document says of an action by anybody.

    A statement counts when it names everyone and all its conditions are sure to hold.
    """
    return {
        str(statement.get("Effect"))
        for statement in _statements(document)
        if "*" in _principals(statement.get("Principal"))
        and _covers(statement, "Action", action)
        and _covers(statement, "Resource", resource)
        and hold(statement.get("Condition") or {}, known)
    }


def _allows(statement: dict[str, Any], who: set[str], action: str, resource: str) -> bool:
    named = set(_principals(statement.get("Principal")))
    return (
        statement.get("Effect") == "Allow"
        and not named.isdisjoint({*who, "*"})
        and _covers(statement, "Action", action)
        and (resource == "*" or _covers(statement, "Resource", resource))
    )


def _covers(statement: dict[str, Any], element: str, text: str) -> bool:
    # IAM compares actions without regard to capitals, and ARNs with it.
    fold = str.lower if element == "Action" else str
    if element in statement:
        return any(like(fold(item), fold(text)) for item in _listed(statement[element]))
    left_out = _listed(statement.get(f"Not{element}"))
    return bool(left_out) and not any(like(fold(item), fold(text)) for item in left_out)


def _statements(document: str | bytes) -> list[Any]:
    return _listed(json.loads(document).get("Statement"))


def _principals(principal: Any) -> Iterator[str]:
    if isinstance(principal, dict):
        for named in principal.values():
            yield from _listed(named)
    else:
        yield from _listed(principal)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
