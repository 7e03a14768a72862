"""The table of deploys: what was measured, what came of it, and who was harmed."""

from collections.abc import Iterable
from itertools import groupby

from ekp.drill.report import Table

from .course import Ending
from .trial import Trial
from .verdicts import rates

_PERCENT = {"success-rate", "mesh-errors"}
_COLUMNS = (
    "deploy",
    "success-rate",
    "p99-latency",
    "mesh-errors",
    "ending",
    "after",
    "at share",
    "decided by",
    "bad answers until then",
)


def tables(trials: Iterable[Trial]) -> tuple[Table, ...]:
    """Return a table for each service."""
    return tuple(
        Table(
            title=f"Deploys of {title} ({rates()})",
            columns=_COLUMNS,
            rows=tuple(_row(trial) for trial in found),
        )
        for title, found in groupby(trials, lambda trial: trial.subject.title)
    )


def _row(trial: Trial) -> tuple[str, ...]:
    course = trial.course
    return (
        trial.scenario.title,
        *(_value(trial, metric) for metric in _COLUMNS[1:4]),
        course.ending.value,
        f"{course.at:g} s",
        "100%" if course.ending is Ending.PROMOTED else f"{course.weight}%",
        course.by or "-",
        f"{trial.harm:.2%}",
    )


def _value(trial: Trial, metric: str) -> str:
    """Return the last value that a metric had."""
    found = trial.course.last(metric)
    if found is None:
        return "-"
    value = found.values[0]
    return f"{value:.3%}" if metric in _PERCENT else f"{value:.0f} ms"
