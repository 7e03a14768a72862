"""What drills came to as one HTML page that asks for nothing else."""

from markupsafe import Markup, escape

from ekp.gate.reports.wording import number, printable
from ekp.page.templates import templates

from .figures import numeric, share, shares
from .report import Check, Drill, Outcome
from .together import Report
from .wording import READ, counts, parts, verdict, word

_FEW = 3
"""So many names of what decides are shown at once; more are opened."""

_ROWS = 12
"""Tables of so many rows are open; longer ones are opened."""


def render(report: Report) -> str:
    """Return the page.

    Whatever the drills say is escaped, and a policy within the page lets a browser run and show
    nothing but the page's own script and style.
    """
    checks = report.checks
    return _TEMPLATES.get_template("page.html").render(
        report=report,
        figures={one: sum(check.outcome is one for check in checks) for one in Outcome},
        failed=_that(report, Outcome.FAILED),
        noted=_that(report, Outcome.NOTED),
        skipped=_that(report, Outcome.SKIPPED),
        choices={
            "outcome": [word(one) for one in Outcome if any(c.outcome is one for c in checks)],
            "drill": [drill.name for drill in report.drills],
        },
        outcomes=[*Outcome],
        few=_FEW,
        rows=_ROWS,
        read=READ,
    )


def _that(report: Report, outcome: Outcome) -> list[tuple[Drill, Check]]:
    """Return the checks that came out so, with their drills."""
    return [
        (drill, check)
        for drill in report.drills
        for check in drill.checks
        if check.outcome is outcome
    ]


def _words(text: str) -> Markup:
    """Return a text in which names between backticks are set as such."""
    name = Markup('<code class="name">{}</code>')
    return Markup("").join(
        name.format(_kept(part)) if code else escape(_kept(part)) for part, code in parts(text)
    )


def _kept(part: str) -> str:
    """Return a piece of a text with the spaces at its ends, which ``printable`` takes away."""
    left = " " if part[:1].isspace() else ""
    right = " " if part[-1:].isspace() and part.strip() else ""
    return f"{left}{printable(part)}{right}"


_TEMPLATES = templates(
    __package__,
    printable,
    counts=counts,
    number=number,
    numeric=numeric,
    share=share,
    shares=shares,
    verdict=verdict,
    word=word,
    words=_words,
)
