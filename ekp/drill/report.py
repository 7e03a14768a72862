"""What a drill says: checks with what was observed, and the tables they rest on."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How a check, or a whole drill, came out."""

    PASSED = "passed"
    FAILED = "failed"
    NOTED = "noted"
    """It does not hold, and the drill's promise does all the same. People decide whether it is
    worth mending."""
    SKIPPED = "skipped"
    """It could not be looked at here; what is missing is said. It proves nothing."""

    @classmethod
    def of(cls, outcomes: Iterable["Outcome"]) -> "Outcome":
        """Return what several come to: failed where one did, else passed where one did."""
        found = set(outcomes)
        order = (cls.FAILED, cls.PASSED, cls.NOTED)
        return next((one for one in order if one in found), cls.SKIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must happen."""

    must: str
    """The promise, as a sentence that is true or not."""
    outcome: Outcome
    observed: str
    """What was seen, with figures and units."""
    by: tuple[str, ...] = ()
    """What decides: construct paths, or ``<Kind> <namespace>/<name>`` with the field."""
    remedy: str = ""
    """The setting to change where it failed, or what to install where it was skipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Figures that checks rest on, for people who want to see them."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """One drill that was run."""

    name: str
    """As the command takes it: ``region-down``."""
    environment: str
    title: str
    """What fails, in a few words: ``A region goes down``."""
    broken: str
    """What is broken here, and how: a sentence or two."""
    checks: tuple[Check, ...]
    tables: tuple[Table, ...] = ()
    local: bool = False
    """Whether a part was run on the local AWS."""

    @property
    def outcome(self) -> Outcome:
        """Failed where a check failed, passed where one passed and none failed."""
        return Outcome.of(check.outcome for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values with the same keys every time."""
        return {**asdict(self), "outcome": self.outcome.value}


def passed(must: str, observed: str, *by: str) -> Check:
    """Return a check that holds."""
    return Check(must=must, outcome=Outcome.PASSED, observed=observed, by=by)


def failed(must: str, observed: str, *by: str, remedy: str) -> Check:
    """Return a check that does not hold, with what would mend it."""
    return Check(must=must, outcome=Outcome.FAILED, observed=observed, by=by, remedy=remedy)


def noted(must: str, observed: str, *by: str, remedy: str) -> Check:
    """Return a check that does not hold, and breaks no promise."""
    return Check(must=must, outcome=Outcome.NOTED, observed=observed, by=by, remedy=remedy)


def skipped(must: str, why: str, *, remedy: str) -> Check:
    """Return a check that could not be looked at here."""
    return Check(must=must, outcome=Outcome.SKIPPED, observed=why, remedy=remedy)


def holds(condition: bool, must: str, observed: str, by: Sequence[str], *, remedy: str) -> Check:  # noqa: FBT001 - the condition is the check
    """Return a check that passed or failed by a condition."""
    return passed(must, observed, *by) if condition else failed(must, observed, *by, remedy=remedy)
