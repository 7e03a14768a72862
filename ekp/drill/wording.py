"""Words that all reports of drills share."""

from collections.abc import Iterable, Iterator

from ekp.gate.reports.wording import number

from .report import Check, Outcome
from .together import Report

WORDS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.NOTED: "weak spot",
    Outcome.SKIPPED: "not looked at",
}
READ = (
    "Drills read what is synthesized: nothing is broken in AWS, and no request is sent. What an "
    "evaluator does not understand fails the drill instead of being guessed."
)
"""What every report says of itself."""


def word(outcome: Outcome) -> str:
    """Return an outcome as people read it."""
    return WORDS[outcome]


def counts(checks: Iterable[Check]) -> str:
    """Return how the checks came out: ``6 of 8 checks hold, 1 fails, 1 not looked at``."""
    every = list(checks)
    by = {one: sum(check.outcome is one for check in every) for one in Outcome}
    failed, weak, skipped = by[Outcome.FAILED], by[Outcome.NOTED], by[Outcome.SKIPPED]
    noun = "check holds" if len(every) == 1 else "checks hold"
    told = [f"{by[Outcome.PASSED]} of {len(every)} {noun}"]
    if failed:
        told.append(f"{failed} fail{'s' * (failed == 1)}")
    if weak:
        told.append(number(weak, "weak spot"))
    if skipped:
        told.append(f"{skipped} not looked at")
    return ", ".join(told)


def verdict(report: Report) -> str:
    """Return in one line what the drills came to."""
    several = len(report.drills) > 1
    bad = [drill for drill in report.drills if drill.outcome is Outcome.FAILED]
    names = f" ({', '.join(drill.name for drill in bad)})" if bad and several else ""
    drills = f"{len(bad) or 'none'} of {len(report.drills)} drills failed{names}: "
    return f"{drills if several else ''}{counts(report.checks)}"


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of a text, and whether each stood between backticks."""
    for place, part in enumerate(text.split("`")):
        if part:
            yield part, bool(place % 2)


def without_local(report: Report) -> str:
    """Return in one line which drills have no part on the local AWS; empty where all have one."""
    names = [drill.name for drill in report.drills if not drill.local]
    return f"No part of {', '.join(names)} was run on the local AWS." if names else ""
