"""How `ekp drill` shows what drills came to."""

from collections.abc import Iterable

from rich.markup import escape
from rich.table import Table

from ekp.drill import report as reported
from ekp.drill.drills import BREAKS
from ekp.drill.figures import numeric
from ekp.drill.report import Check, Drill, Outcome
from ekp.drill.together import Report
from ekp.drill.wording import counts, verdict, without_local, word
from ekp.gate.reports.wording import printable

from .console import out

_STYLES = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.NOTED: "magenta",
    Outcome.SKIPPED: "yellow",
}


def listed() -> Table:
    """Return the drills that there are."""
    table = Table("drill", "what is broken")
    for name, broken in BREAKS.items():
        table.add_row(name, escape(broken))
    return table


def show(report: Report, *, figures: bool, local: bool) -> None:
    """Print what drills came to.

    Args:
        report: It.
        figures: Whether the tables are shown too.
        local: Whether a part on the local AWS was asked for.
    """
    if len(report.drills) > 1:
        out.print(_summary(report))
    for drill in report.drills:
        _show(drill, figures=figures)
    if local and (line := without_local(report)):
        _say(line)
    _say(f"{word(report.outcome)}: {verdict(report)}")


def _show(drill: Drill, *, figures: bool) -> None:
    out.print()
    title = f"[bold]{_plain(drill.title)}[/] ({drill.name}, {drill.environment})"
    out.print(title, highlight=False, soft_wrap=True)
    _say(drill.broken)
    out.print(_checks(drill.checks))
    for check in drill.checks:
        if check.outcome is Outcome.PASSED:
            continue
        _say(f"{word(check.outcome)}: {check.must}")
        for by in check.by:
            _say(f"  decided by {by}")
        if check.remedy:
            _say(f"  {check.remedy}")
    for table in drill.tables if figures else ():
        out.print(_figures(table))


def _summary(report: Report) -> Table:
    table = Table(
        "drill", "what fails", "outcome", "checks", title=f"drills of {report.environment}"
    )
    table.title_justify = "left"
    for drill in report.drills:
        table.add_row(drill.name, _plain(drill.title), _word(drill.outcome), counts(drill.checks))
    return table


def _checks(checks: Iterable[Check]) -> Table:
    table = Table("must", "observed", "outcome", show_lines=True)
    for column in table.columns:
        column.overflow = "fold"
    table.columns[2].no_wrap = True
    for check in checks:
        table.add_row(_plain(check.must), _plain(check.observed), _word(check.outcome))
    return table


def _figures(found: reported.Table) -> Table:
    table = Table(title=_plain(found.title), title_justify="left")
    for name, right in zip(found.columns, numeric(found), strict=True):
        table.add_column(_plain(name), justify="right" if right else "left", overflow="fold")
    for row in found.rows:
        table.add_row(*map(_plain, row))
    return table


def _word(outcome: Outcome) -> str:
    return f"[{_STYLES[outcome]}]{word(outcome)}[/]"


def _plain(text: str) -> str:
    return escape(printable(text))


def _say(line: str) -> None:
    # Spaces at the front mean something here; what a terminal obeys does not.
    indent = " " * (len(line) - len(line.lstrip(" ")))
    out.print(indent + printable(line), highlight=False, markup=False, soft_wrap=True)
