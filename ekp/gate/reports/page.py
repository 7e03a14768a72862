"""The report as one HTML page that asks for nothing else, for a security review."""

from collections.abc import Iterable
from dataclasses import dataclass

from ekp.page.templates import templates

from ..findings import Exemption, Finding, Report, Severity
from .wording import SOON, days_left, number, plan_of, printable, unplanned, verdict, why


@dataclass(frozen=True, slots=True)
class _Row:
    """A finding in the table; ``status`` is what it is filtered by."""

    finding: Finding
    status: str


@dataclass(frozen=True, slots=True)
class _Cell:
    layer: str
    severity: Severity
    open: int
    explained: int


def render(report: Report) -> str:
    """Return the page.

    Whatever the report says is escaped, and a policy within the page lets a browser run and show
    nothing but the page's own script and style.
    """
    rows = tuple(_rows(report))
    return _TEMPLATES.get_template("page.html").render(
        report=report,
        rows=rows,
        matrix=_matrix(report),
        choices={
            "status": [*dict.fromkeys(row.status for row in rows)],
            "severity": [one for one in Severity if any(r.finding.severity is one for r in rows)],
            "layer": sorted({row.finding.subject.layer for row in rows}),
            "environment": sorted({row.finding.subject.environment for row in rows} - {""}),
        },
        uses=sorted(report.uses, key=lambda use: (use.exemption.expires, use.exemption.line)),
        severities=[*Severity],
    )


def _rows(report: Report) -> Iterable[_Row]:
    yield from (_Row(one, "open") for one in report.open)
    yield from (_Row(one, "explained") for one in report.exempted)
    yield from (_Row(one, "chart") for one in report.charts)


def _matrix(report: Report) -> dict[str, list[_Cell]]:
    layers = dict.fromkeys(one.layer for one in report.scanned)
    layers |= dict.fromkeys(one.subject.layer for one in report.findings)
    return {layer: [_cell(report, layer, severity) for severity in Severity] for layer in layers}


def _cell(report: Report, layer: str, severity: Severity) -> _Cell:
    def count(findings: Iterable[Finding]) -> int:
        return sum(one.subject.layer == layer and one.severity is severity for one in findings)

    return _Cell(layer, severity, count(report.open), count(report.exempted))


def _when(report: Report, one: Exemption) -> str:
    """Return ``expired``, ``soon`` or ``later``."""
    left = (one.expires - report.day).days
    return "expired" if left < 0 else "soon" if left <= SOON.days else "later"


_TEMPLATES = templates(
    __package__,
    printable,
    days_left=days_left,
    number=number,
    plan_of=plan_of,
    unplanned=unplanned,
    verdict=verdict,
    when=_when,
    why=why,
)
