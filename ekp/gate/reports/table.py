"""The report for a terminal."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..findings import Finding, Report, Severity, Use
from .wording import days_left, expiring, number, plan_of, printable, unplanned, verdict, why

_STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
}


def render(report: Report) -> Group:
    """Return what to print: open findings first, the verdict last.

    Nothing of it is read as markup, and escape sequences are taken out.
    """
    return Group(*_parts(report))


def _parts(report: Report) -> Iterator[RenderableType]:
    if report.open:
        yield _findings(report.open)
    if report.exempted:
        yield _line(f"{number(len(report.exempted), 'finding')} explained by exceptions.")
    if report.charts:
        charts = number(len(report.charts), "finding")
        yield _line(f"{charts} in third-party charts: reported, never gated.")
    if soon := expiring(report):
        yield _expiring(report, soon)
    if report.problems:
        yield _line("Exceptions with problems:", "bold")
        yield from (_line(f"  {one}", "red") for one in report.problems)
    yield _scanned(report)
    yield _verdict(report)


def _findings(findings: Iterable[Finding]) -> Table:
    table = Table(title="open findings")
    table.add_column("severity", no_wrap=True)
    table.add_column("check", overflow="fold", ratio=2)
    table.add_column("where", overflow="fold", ratio=3)
    table.add_column("seen in", overflow="fold")
    last = None
    for one in findings:
        if last not in (None, one.severity):
            table.add_section()
        last = one.severity
        table.add_row(
            Text(one.severity, _STYLES[one.severity]),
            _stacked(one.check, one.title),
            # An object's path ends with the object.
            _stacked(one.subject.path, "" if ":" in one.subject.path else one.subject.resource),
            Text("\n".join(one.seen)),
        )
    return table


def _expiring(report: Report, soon: Iterable[Use]) -> Table:
    table = Table(title="exceptions that expire within 30 days")
    table.add_column("expires", no_wrap=True)
    table.add_column("exception", overflow="fold", ratio=3)
    table.add_column("owner", overflow="fold", ratio=1)
    table.add_column("explains", justify="right")
    for use in soon:
        one = use.exemption
        table.add_row(
            Text(f"{one.expires}\nin {number(days_left(report, use), 'day')}"),
            _stacked(f"{one.check} at {one.path}", one.reason),
            Text(printable(one.owner)),
            Text(str(use.findings)),
        )
    return table


def _scanned(report: Report) -> Table:
    table = Table(title="scanned")
    table.add_column("stack", overflow="fold")
    table.add_column("resources", justify="right")
    table.add_column("objects", justify="right")
    table.add_column("plan")
    for one in report.scanned:
        table.add_row(
            Text(printable(one.name)),
            Text(str(one.resources or "")),
            Text(str(one.objects or "")),
            Text(plan_of(one), "yellow" if one.planned is False else ""),
        )
    return table


def _verdict(report: Report) -> Text:
    line = Text("The gate is ")
    line.append(verdict(report), "bold red" if report.closed else "bold green")
    line.append(f": {why(report)}. ")
    line.append(f"{number(report.passed, 'check')} passed in {report.seconds:.1f} s")
    missing = unplanned(report)
    line.append(f"; {number(missing, 'stack')} not planned." if missing else ".")
    return line


def _line(text: str, style: str = "") -> Text:
    indent = text[: len(text) - len(text.lstrip())]
    return Text(indent + printable(text), style)


def _stacked(first: str, second: str) -> Text:
    text = Text(printable(first))
    if second:
        text.append(f"\n{printable(second)}", "dim")
    return text
