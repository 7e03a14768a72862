"""What a policy document allows somebody to do, as far as AWS itself checks it."""

import json
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any


def allows(document: str, who: Iterable[str], actions: Iterable[str], resource: str = "*") -> bool:
    """Tell whether one of some principals may do all of some actions.

    Conditions count as met. A resource that is `*` is not compared.
    """
    statements = _listed(json.loads(document).get("Statement"))
    return all(
        any(_allows(statement, set(who), action, resource) for statement in statements)
        for action in actions
    )


def _allows(statement: dict[str, Any], who: set[str], action: str, resource: str) -> bool:
    named = set(_principals(statement.get("Principal")))
    actions, resources = _listed(statement.get("Action")), _listed(statement.get("Resource"))
    return (
        statement.get("Effect") == "Allow"
        and not named.isdisjoint({*who, "*"})
        and any(fnmatchcase(action.lower(), item.lower()) for item in actions)
        and (resource == "*" or any(fnmatchcase(resource, item) for item in resources))
    )


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
