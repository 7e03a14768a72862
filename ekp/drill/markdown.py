"""What drills came to as Markdown, which GitHub and the documentation's site show."""

import re
from collections.abc import Iterable, Iterator

from ekp.gate.reports.wording import printable

from .figures import numeric
from .report import Check, Drill, Outcome, Table
from .together import Report
from .wording import READ, counts, parts, verdict, word

_SHOWN = 4
"""How many of those that decide stand in a cell; the rest are counted."""
_MEANS = re.compile(r"([\\*_\[\]|~#])")


def render(report: Report, head: str = "") -> str:
    """Return the page.

    Args:
        report: What the drills came to.
        head: A sentence or two below the title, in Markdown.
    """
    lines = [f"# Drills of {report.environment}", ""]
    lines += [head, ""] if head else []
    lines += [f"**{word(report.outcome).capitalize()}.** {_text(verdict(report))}.", "", READ, ""]
    lines += _table(
        ("drill", "what fails", "outcome", "checks"),
        (
            (
                f"`{drill.name}`",
                f"[{_text(drill.title)}](#{_anchor(drill.title)})",
                _loud(drill.outcome),
                counts(drill.checks),
            )
            for drill in report.drills
        ),
    )
    return "\n".join([*lines, *(section(drill) for drill in report.drills)]).rstrip("\n") + "\n"


def section(drill: Drill) -> str:
    """Return what one drill came to, without what stands around it."""
    return "\n".join(_section(drill))


def _section(drill: Drill) -> Iterator[str]:
    yield from (f"## {_text(drill.title)}", "")
    yield from (f"{_text(drill.broken)} `ekp drill {drill.name} {drill.environment}`", "")
    yield from _table(
        ("", "must", "observed", "decided by"),
        (
            (_loud(one.outcome), _text(one.must), _text(one.observed), _deciders(one.by))
            for one in drill.checks
        ),
    )
    mends = [one for one in drill.checks if one.remedy and one.outcome is not Outcome.PASSED]
    for one in mends:
        yield f"- {_text(_why(one))}: {_text(one.remedy)}"
    if mends:
        yield ""
    for table in drill.tables:
        yield from (f"### {_text(table.title)}", "")
        yield from _figures(table)


def _why(check: Check) -> str:
    return f"{word(check.outcome)}, {check.must.rstrip('.')}"


def _figures(table: Table) -> Iterator[str]:
    rows = ([_text(cell) for cell in row] for row in table.rows)
    yield from _table([_text(one) for one in table.columns], rows, numeric(table))


def _table(
    columns: Iterable[str], rows: Iterable[Iterable[str]], right: Iterable[bool] = ()
) -> Iterator[str]:
    names = list(columns)
    sides = list(right) or [False] * len(names)
    yield _row(names)
    yield _row("---:" if side else "---" for side in sides)
    yield from map(_row, rows)
    yield ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _loud(outcome: Outcome) -> str:
    return f"**{word(outcome)}**" if outcome is Outcome.FAILED else word(outcome)


def _deciders(by: Iterable[str]) -> str:
    names = list(dict.fromkeys(by))
    shown = [f"`{_code(name)}`" for name in names[:_SHOWN]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _text(text: str) -> str:
    """Return text that means nothing to Markdown; what stands between backticks is code."""
    return "".join(
        f"`{_code(part)}`" if code else _escaped(part) for part, code in parts(_line(text))
    )


def _line(text: str) -> str:
    # A backtick without its other half would take the rest of the page along.
    line = printable(text)
    return line if line.count("`") % 2 == 0 else line.replace("`", "'")


def _escaped(text: str) -> str:
    return _MEANS.sub(r"\\\1", text).replace("&", "&amp;").replace("<", "&lt;")


def _code(text: str) -> str:
    return printable(text).replace("`", "'").replace("|", "\\|")


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title).lower().replace(" ", "-")
