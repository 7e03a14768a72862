"""What becomes of a new version: promoted, sent away or left where it is, when and by what."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from .analysis import Metric, Phase, Run
from .condition_parts import ConditionError, Result
from .conditions import evaluate
from .plan import Plan


class Ending(StrEnum):
    """How a rollout ends."""

    PROMOTED = "promoted"
    ABORTED = "aborted"
    PAUSED = "paused"
    """It waits for a person, with the share that it has."""


class AwayError(Exception):
    """The provider of a metric does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One measurement of one metric."""

    at: float
    metric: str
    result: Result | None
    """None: nobody answered."""
    phase: Phase

    @property
    def values(self) -> tuple[float, ...]:
        """What was measured, as values."""
        if self.result is None:
            return ()
        return (self.result,) if isinstance(self.result, float) else tuple(self.result)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The way of one new version."""

    ending: Ending
    at: float
    """Seconds after its first pods were ready."""
    weight: int
    """The share that it had last."""
    by: str = ""
    """The metric that ended it before its time."""
    phase: Phase | None = None
    """Of the run when it was ended, or stopped; None: there was no run."""
    measurements: tuple[Measurement, ...] = ()

    def last(self, metric: str) -> Measurement | None:
        """Return a metric's last measurement that has a value."""
        found = [
            one
            for one in self.measurements
            if one.metric == metric and one.result is not None and one.result != ()
        ]
        return found[-1] if found else None


Measure = Callable[[Metric, float], Result]
"""Asks for a metric's value at a time; raises ``AwayError`` where nobody answers."""


def judged(metric: Metric, result: Result) -> Phase:
    """Return what a measurement is (Argo's ``EvaluateResult``).

    Raises:
        Unsupported: a condition is not understood.
    """
    try:
        good = evaluate(metric.success, result) if metric.success else None
        bad = evaluate(metric.failure, result) if metric.failure else None
    except ConditionError:
        return Phase.ERROR
    if good is None and bad is None:
        return Phase.SUCCESSFUL
    if bad is None:
        bad = not good
    if good is None:
        good = not bad
    if bad:
        return Phase.FAILED
    return Phase.SUCCESSFUL if good else Phase.INCONCLUSIVE


def follow(plan: Plan, metrics: tuple[Metric, ...], measure: Measure) -> Course:
    """Return what becomes of a new version.

    Measured is at the exact second, and the rollout sees at once what its analysis came to.

    Args:
        plan: How it would come in.
        metrics: What its analysis measures; none: nothing stops it.
        measure: What is measured.
    """
    run = Run(metrics, plan.measured_from)
    found: list[Measurement] = []
    while metrics and (now := run.due()) is not None and now < plan.length:
        run.take(now, lambda metric: _measured(metric, now, measure, found))
        if run.phase is Phase.RUNNING:
            continue
        by, phase = run.ended_by, run.phase
        if by is None and not plan.at_once:
            # Every metric had its count: the steps go on, and nobody measures any more.
            break
        ending = {Phase.SUCCESSFUL: Ending.PROMOTED, Phase.INCONCLUSIVE: Ending.PAUSED}
        return Course(
            ending=ending.get(phase, Ending.ABORTED),
            at=now,
            weight=plan.weight(now),
            by=by.name if by else "",
            phase=phase,
            measurements=tuple(found),
        )
    return Course(
        ending=Ending.PROMOTED,
        at=plan.length,
        weight=plan.stages[-1].weight if plan.stages else 100,
        # A run that is stopped with its rollout counts as successful, whatever it measured.
        phase=Phase.SUCCESSFUL if metrics else None,
        measurements=tuple(found),
    )


def _measured(metric: Metric, now: float, measure: Measure, found: list[Measurement]) -> Phase:
    try:
        result: Result | None = measure(metric, now)
    except AwayError:
        result = None
    phase = Phase.ERROR if result is None else judged(metric, result)
    found.append(Measurement(at=now, metric=metric.name, result=result, phase=phase))
    return phase
