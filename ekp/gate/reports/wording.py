"""Words that all reports share."""

from datetime import timedelta

from ..findings import Finding, Report, Scanned, Severity, Use

SOON = timedelta(days=30)
"""How long before its end an exception is worth a look."""

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def verdict(report: Report) -> str:
    """Return ``open`` or ``closed``."""
    return "closed" if report.closed else "open"


def why(report: Report) -> str:
    """Return in one line why the gate is open or closed."""
    if report.closed:
        return "; ".join(_reasons(report))
    if report.exempted:
        return f"{number(len(report.exempted), 'finding')}, each with an exception"
    return "no check failed"


def number(count: int, thing: str, things: str = "") -> str:
    """Return a count of things in words, such as ``2 findings``."""
    return f"{count} {thing if count == 1 else things or f'{thing}s'}"


def by_severity(findings: tuple[Finding, ...]) -> dict[Severity, int]:
    """Return how many findings there are of each severity, the worst first."""
    return {one: sum(found.severity is one for found in findings) for one in Severity}


def expiring(report: Report) -> tuple[Use, ...]:
    """Return the exceptions that hold today and end within 30 days, the first to end first."""
    soon = (one for one in report.uses if 0 <= days_left(report, one) <= SOON.days)
    return tuple(sorted(soon, key=lambda one: one.exemption.expires))


def days_left(report: Report, use: Use) -> int:
    """Return for how many days an exception still holds; below 0 once it has expired."""
    return (use.exemption.expires - report.day).days


def plan_of(scanned: Scanned) -> str:
    """Return whether a plan was looked at."""
    return {True: "planned", False: "not planned", None: "has no plan"}[scanned.planned]


def unplanned(report: Report) -> int:
    """Return how many stacks could have been planned and were not."""
    return sum(one.planned is False for one in report.scanned)


def printable(text: str) -> str:
    """Return text without what a terminal obeys, XML forbids or a reader cannot see.

    A chart's manifests are written by others: an escape sequence in a name would otherwise reach
    the terminal, and an invisible one would make two names look alike.
    """
    line = " ".join(text.split())
    return "".join(one if one.isprintable() else _REPLACEMENT for one in line)


def _reasons(report: Report) -> list[str]:
    reasons = []
    if report.open:
        counts = ", ".join(f"{n} {name}" for name, n in by_severity(report.open).items() if n)
        reasons.append(f"{number(len(report.open), 'finding')} without an exception ({counts})")
    if report.problems:
        reasons.append(f"{number(len(report.problems), 'problem')} of exceptions")
    return reasons
