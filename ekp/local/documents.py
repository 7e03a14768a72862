"""What a policy document allows an AWS service to do, as far as AWS itself checks it."""

import json
from fnmatch import fnmatchcase
from typing import Any


def allows(document: str, service: str, actions: tuple[str, ...], resource: str = "*") -> bool:
    """Tell whether a service may do every one of some actions; conditions count as met."""
    statements = _listed(json.loads(document).get("Statement"))
    return all(
        any(_allows(statement, service, action, resource) for statement in statements)
        for action in actions
    )


def _allows(statement: dict[str, Any], service: str, action: str, resource: str) -> bool:
    principal = statement.get("Principal")
    services = principal.get("Service") if isinstance(principal, dict) else principal
    patterns = _listed(statement.get("Resource"))
    return (
        statement.get("Effect") == "Allow"
        and bool({service, "*"}.intersection(_listed(services)))
        and any(
            fnmatchcase(action.lower(), item.lower()) for item in _listed(statement.get("Action"))
        )
        # A statement may name the streams of a group, and be asked about the group.
        and (resource == "*" or any(fnmatchcase(f"{resource}:*", item) for item in patterns))
    )


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
