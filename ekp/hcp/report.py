"""How a plan is shown: as a table, or as JSON; never with the value of a sensitive variable."""

from collections.abc import Iterable, Iterator
from typing import Any

from rich.markup import escape
from rich.table import Table

from ekp.runner.variables import PREFIX

from .steps import Change, Kind, Plan, Step

ABOUT_SETTINGS = {Kind.SET, Kind.WORKSPACE, Kind.VARIABLES}
# Of a workspace that is made, these tell it from the others; the rest is the same in all of them.
TELLING = ("execution-mode", "agent-pool", "terraform-version", "project")


def table(plan: Plan) -> Table:
    """Every step in its order, one row for each."""
    rows = Table("", "what", "name", "field: old -> new", box=None, pad_edge=False)
    for step in plan.steps:
        mark = "[green]+ create[/]" if _creates(step) else "[yellow]~ change[/]"
        rows.add_row(mark, step.kind.value, escape(step.name), escape("\n".join(lines(step))))
    return rows


def lines(step: Step) -> Iterator[str]:
    """What a step does, field by field."""
    if step.kind is Kind.WORKSPACE and step.creates:
        new = {each.field: each.new for each in step.changes}
        yield ", ".join(f"{name} {new[name]}" for name in TELLING if new[name])
        return
    for change in step.changes:
        yield _line(change) if step.kind in ABOUT_SETTINGS else _link(change)


def summary(plan: Plan) -> str:
    """The plan in a sentence."""
    created = sum(_creates(step) for step in plan.steps)
    if not plan.steps:
        return f"{_where(plan)}: nothing to do, {plan.left} are as they should be."
    return (
        f"{_where(plan)}: {created} to create, {len(plan.steps) - created} to change,"
        f" {plan.left} as they should be."
    )


def remarks(plan: Plan) -> Iterator[str]:
    """What a person should know, or do."""
    for name, needed in plan.missing.items():
        yield f"{PREFIX}{name} is not set, and HCP has no value yet (for {', '.join(needed)})."
    if plan.found.gone:
        yield (
            "No stack any more, left as they are (destroy what they manage, then delete them in"
            f" HCP): {', '.join(plan.found.gone)}."
        )
    yield from plan.notes


def document(plans: Iterable[Plan]) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "organizations": [
            {
                "hostname": plan.wanted.hostname,
                "organization": plan.wanted.organization,
                "steps": [_step(step) for step in plan.steps],
                "left": plan.left,
                "missing_variables": {name: list(of) for name, of in plan.missing.items()},
                "without_a_stack": list(plan.found.gone),
                "notes": list(plan.notes),
            }
            for plan in plans
        ]
    }


def _creates(step: Step) -> bool:
    added = all(each.old is None for each in step.changes)
    return step.creates or (added and step.kind not in {Kind.SET, Kind.WORKSPACE})


def _step(step: Step) -> dict[str, Any]:
    return {
        "action": "create" if _creates(step) else "change",
        "kind": step.kind.value,
        "name": step.name,
        "changes": [
            {"field": each.field, "old": each.old, "new": each.new} for each in step.changes
        ],
    }


def _line(change: Change) -> str:
    if change.old is None:
        return f"{change.field}: {_shown(change.new)}"
    return f"{change.field}: {_shown(change.old)} -> {_shown(change.new)}"


def _link(change: Change) -> str:
    return f"{'+' if change.old is None else '-'} {change.field}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if value not in {None, ""} else "none"


def _where(plan: Plan) -> str:
    return f"{plan.wanted.organization} of {plan.wanted.hostname}"
