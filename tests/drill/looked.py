"""What tests of drills look for in reports and stacks."""

from collections.abc import Iterable
from typing import Any

from ekp.drill.report import Check, Drill, Outcome


def failed(checks: Iterable[Check]) -> list[Check]:
    return [one for one in checks if one.outcome is Outcome.FAILED]


def rows(found: Drill, title: str) -> list[tuple[str, ...]]:
    (table,) = (one for one in found.tables if one.title.startswith(title))
    return list(table.rows)


def the(body: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    """Return the one resource of a type whose name in Terraform has a text in it."""
    (found,) = (one for key, one in body["resource"][kind].items() if name in key)
    return found  # type: ignore[no-any-return] # Terraform's JSON has no types
