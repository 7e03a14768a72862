"""How a run's result is shown, and which exit code it leaves with."""

from collections.abc import Iterable, Mapping
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from ekp.runner.results import RunResult, StackResult, Status

from .console import out, print_json

FAILED = 1


def show(
    result: RunResult,
    *,
    as_json: bool,
    changes: bool = False,
    tables: Iterable[Table] = (),
    more: Mapping[str, Any] | None = None,
    note: str = "",
    failed: int = FAILED,
) -> None:
    """Print a run's result and leave.

    Args:
        result: what the run gave back.
        as_json: print JSON, and nothing else.
        changes: show each stack's changes before the stacks.
        tables: shown after the stacks.
        more: what the JSON holds beside the result.
        note: a last line.
        failed: the exit code where the result is not as asked.

    Raises:
        typer.Exit: always, with the exit code.
    """
    if as_json:
        print_json({**result.to_json(), **(more or {})})
    else:
        if changes:
            for stack in result.stacks:
                if stack.changes:
                    out.print(changes_table(stack, title=stack.stack))
        out.print(result.summary())
        for table in tables:
            out.print(table)
        if note:
            out.print(note, highlight=False, soft_wrap=True)
    # Only what changes things is not done while a stack waits for its upstream.
    stuck = result.command == "deploy" and any(s.status is Status.WAITING for s in result.stacks)
    raise typer.Exit(0 if result.ok and not stuck else failed)


def changes_table(stack: StackResult, *, title: str) -> Table:
    """Return the changes of a stack, each by the construct that it is about."""
    table = Table("action", "construct", "resource", title=escape(title))
    for column in table.columns:
        column.overflow = "fold"
    for change in stack.changes:
        table.add_row(
            " then ".join(change.actions),
            escape(change.construct_path.removeprefix(f"{stack.stack}/")),
            escape(change.address.partition(".")[0]),
        )
    return table
