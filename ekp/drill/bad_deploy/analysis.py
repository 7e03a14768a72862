"""An AnalysisRun: when its metrics are measured, and what their measurements come to.

Source: argo-rollouts v1.9.0, analysis/analysis.go and utils/analysis/helpers.go.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf

_ERROR_RETRY_SECONDS = 10.0


class Phase(StrEnum):
    """Of a measurement, a metric or a run."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCESSFUL = "Successful"
    INCONCLUSIVE = "Inconclusive"
    ERROR = "Error"
    FAILED = "Failed"

    @property
    def ends(self) -> bool:
        """Whether one such metric ends the run before its time."""
        return self in (Phase.INCONCLUSIVE, Phase.ERROR, Phase.FAILED)


_WORST_LAST = tuple(Phase)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric of an AnalysisTemplate, with Argo's defaults."""

    name: str
    query: str = ""
    address: str = ""
    success: str = ""
    failure: str = ""
    initial_delay: float = 0.0
    interval: float | None = None
    count: int = 0
    """0: as often as the run lasts, or once without an interval."""
    failure_limit: int = 0
    inconclusive_limit: int = 0
    consecutive_error_limit: int = 4

    @property
    def measurements(self) -> int | None:
        """How many there are to be; None: until the run is stopped."""
        if self.count == 0:
            return 1 if self.interval is None else None
        return self.count

    @property
    def shortest(self) -> float:
        """Seconds after which measurements that are all bad have failed the metric."""
        if self.failure_limit < 0:
            return inf
        return self.initial_delay + self.failure_limit * (self.interval or 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What was measured of one metric so far."""

    failed: int = 0
    inconclusive: int = 0
    successful: int = 0
    errors_in_a_row: int = 0
    last: Phase | None = None
    last_at: float = 0.0

    @property
    def count(self) -> int:
        """How many measurements came to something; errors do not."""
        return self.failed + self.inconclusive + self.successful

    def after(self, phase: Phase, at: float) -> "Tally":
        """Return the tally with one more measurement."""
        found = replace(self, last=phase, last_at=at, errors_in_a_row=0)
        match phase:
            case Phase.SUCCESSFUL:
                return replace(found, successful=self.successful + 1)
            case Phase.FAILED:
                return replace(found, failed=self.failed + 1)
            case Phase.INCONCLUSIVE:
                return replace(found, inconclusive=self.inconclusive + 1)
            case _:
                return replace(found, errors_in_a_row=self.errors_in_a_row + 1)


def assess(metric: Metric, tally: Tally, *, terminating: bool = False) -> Phase:
    """Return what a metric's measurements come to (Argo's ``assessMetricStatus``)."""
    if tally.last is None:
        return Phase.SUCCESSFUL if terminating else Phase.PENDING
    if tally.errors_in_a_row > metric.consecutive_error_limit:
        return Phase.ERROR
    if tally.inconclusive > metric.inconclusive_limit:
        return Phase.INCONCLUSIVE
    if 0 <= metric.failure_limit < tally.failed:
        return Phase.FAILED
    wanted = metric.measurements
    if terminating or (wanted is not None and tally.count >= wanted):
        return Phase.SUCCESSFUL
    return Phase.RUNNING


@dataclass(slots=True)
class Run:
    """One run on its way; ``started`` and all times are seconds of whoever asks."""

    metrics: tuple[Metric, ...]
    started: float
    tallies: dict[str, Tally] = field(default_factory=dict)

    def due(self) -> float | None:
        """Return when the next measurement is; None: there is none any more."""
        times = [time for metric in self.metrics if (time := self._next(metric)) is not None]
        return min(times) if times and not self.phase.ends else None

    def take(self, now: float, measure: Callable[[Metric], Phase]) -> None:
        """Measure everything that is due."""
        due = [one for one in self.metrics if (at := self._next(one)) is not None and at <= now]
        for metric in due:
            self.tallies[metric.name] = self._tally(metric).after(measure(metric), now)

    @property
    def phase(self) -> Phase:
        """What the run comes to: running, or the worst of its metrics."""
        phases = [self._phase(metric) for metric in self.metrics]
        ended = [phase for phase in phases if phase.ends]
        if ended:
            return worst(ended)
        if any(phase in (Phase.PENDING, Phase.RUNNING) for phase in phases):
            return Phase.RUNNING
        return worst(phases)

    @property
    def ended_by(self) -> Metric | None:
        """The metric that decided, where one ended the run."""
        found = self.phase
        return next((one for one in self.metrics if found.ends and self._phase(one) is found), None)

    def _tally(self, metric: Metric) -> Tally:
        return self.tallies.get(metric.name, Tally())

    def _phase(self, metric: Metric) -> Phase:
        return assess(metric, self._tally(metric))

    def _next(self, metric: Metric) -> float | None:
        tally = self._tally(metric)
        if tally.last is None:
            return self.started + metric.initial_delay
        if self._phase(metric) is not Phase.RUNNING:
            return None
        if tally.last is Phase.ERROR or metric.interval is None:
            return tally.last_at + _ERROR_RETRY_SECONDS
        return tally.last_at + metric.interval


def worst(phases: Iterable[Phase]) -> Phase:
    """Return the worst of some phases; successful of none."""
    return max(phases, key=_WORST_LAST.index, default=Phase.SUCCESSFUL)
