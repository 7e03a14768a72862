"""Figures of the attack: each kind of client at each web ACL, and AWS's own groups."""

from collections.abc import Iterator

from ekp.drill.report import Table
from ekp.evaluate.blocks import entries
from ekp.evaluate.waf.groups import counting, counts

from .guards import Guard
from .passing import Passage
from .scene import Scene

_AWS = "AWSManagedRules"
_NONE = "none"


def tables(scene: Scene) -> tuple[Table, ...]:
    """Return the tables."""
    return (
        Table(
            title="Who sends what",
            columns=("client", "way in", "sends", "requests"),
            rows=tuple(
                (each.name, each.way.value, each.told, f"{each.sent:,}") for each in scene.crowds
            ),
        ),
        Table(
            title="What becomes of it at each web ACL",
            columns=("client", "web ACL", "came", "passed", "blocked", "by", "AWS may stop"),
            rows=tuple(_row(each) for each in scene.passages),
        ),
        Table(
            title="AWS's managed groups: theirs to decide",
            columns=("web ACL", "group", "acts", "single rules that only count"),
            rows=tuple(row for guard in scene.front.guards for row in _groups(guard)),
        ),
    )


def _row(found: Passage) -> tuple[str, ...]:
    return (
        found.crowd.name,
        found.guard.place,
        found.total(found.came),
        found.total(len(found.passed)),
        found.total(found.blocked),
        ", ".join(found.stopped) or _NONE,
        _may_stop(found),
    )


def _may_stop(found: Passage) -> str:
    """Return AWS's groups that are made for such a crowd, or how many may be wrong about it."""
    named = [each.value for each in found.crowd.for_aws if each.value in found.may_stop]
    if named:
        return ", ".join(each.removeprefix(_AWS) for each in named)
    return f"{len(found.may_stop)} groups" if found.may_stop else _NONE


def _groups(guard: Guard) -> Iterator[tuple[str, ...]]:
    for rule in guard.rules:
        for body in entries((rule.get("statement") or {}).get("managed_rule_group_statement")):
            yield (
                guard.place,
                str(body["name"]).removeprefix(_AWS),
                "counts" if counts(rule, guard.by) else "blocks",
                ", ".join(counting(body)) or _NONE,
            )
