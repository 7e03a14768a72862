"""What is promised of deploys, compared with what became of those that were tried."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from ekp.drill.report import Check, holds, noted
from ekp.evaluate.request import Unsupported

from .analysis import Phase
from .course import Ending
from .plan import plan_of
from .routes import split_of
from .scenarios import BUSY, QUIET, Group
from .templates import RefusedError
from .trial import LONGEST, Trial

PROMPT_SECONDS = 180.0
"""A minute until the first measurement, a second one, and one to spare (docs/services.md)."""


@dataclass(frozen=True, slots=True)
class _Promise:
    must: str
    """With ``{}`` for the service."""
    remedy: str
    weak: bool = False
    """Whether it is a weak spot that it does not hold: people can do it all the same."""


_TEMPLATE = "tighten the conditions or failureLimit of its AnalysisTemplate, or mend its queries"
_PROMISES = {
    Group.HEALTHY: _Promise(
        "A healthy version of {} gets all requests.",
        "see which measure ended it: does its query find the pods' series?",
    ),
    Group.FAILING: _Promise(
        "A version of {} that answers with errors is sent away before it has all.", _TEMPLATE
    ),
    Group.SLOW: _Promise("A slow version of {} is sent away before it has all.", _TEMPLATE),
    Group.UNREACHED: _Promise(
        "A version of {} whose pods callers do not reach is sent away.", _TEMPLATE
    ),
    Group.FEW: _Promise(
        "With no or few requests {} is judged by none of them, and its new version goes on.",
        "leave inconclusiveLimit above the number of measurements, and stray errors forgiven",
    ),
    Group.UNMEASURED: _Promise(
        "A version of {} that nobody measures is sent away.",
        "have a metric that fails without the new pods' up, and a low consecutiveErrorLimit",
    ),
    Group.LATE: _Promise(
        "A version of {} that turns bad at its last share is sent away then.",
        "a longer last pause: failureLimit + 1 measurements and more must fit in",
    ),
    Group.OLD: _Promise(
        "A good version of {} comes in while the old one answers with errors of its own.",
        "ask for the new version's own pods where the query can",
    ),
    Group.LOST: _Promise(
        "A good version of {} comes in while callers get no answer of the old one's pods.",
        "bring the mend in by hand, with `kubectl argo rollouts promote --full` "
        "(docs/runbooks/bad-deploy.md): who calls cannot tell versions apart",
        weak=True,
    ),
}


def verdicts(trials: Sequence[Trial]) -> Iterator[Check]:
    """Yield the checks of one service's deploys."""
    for group, promise in _PROMISES.items():
        found = [trial for trial in trials if trial.scenario.group is group]
        if found:
            yield _verdict(promise, found)
    yield _prompt([trial for trial in trials if trial.scenario.plain])
    yield _back(trials)
    yield _sees(trials)
    yield _one_value(trials)


def _verdict(promise: _Promise, trials: Sequence[Trial]) -> Check:
    wrong = [trial for trial in trials if trial.course.ending is not trial.scenario.expected]
    observed = "; ".join(f"{trial.scenario.title}: {told(trial)}" for trial in wrong or trials)
    must = promise.must.format(trials[0].subject.title)
    observed, by = observed + _shortened(trials[0]), _by(trials)
    if wrong and promise.weak:
        return noted(must, observed, *by, remedy=promise.remedy)
    return holds(not wrong, must, observed, by, remedy=promise.remedy)


def _shortened(trial: Trial) -> str:
    """Return what is to be said where the steps take longer than was looked at."""
    takes = plan_of(trial.subject.rollout).length
    if takes == trial.deploy.plan.length:
        return ""
    whole = f"its steps take {takes:g} s" if isfinite(takes) else "a person lets it go on"
    return f" (each share was looked at for {LONGEST:g} s at most; {whole})"


def told(trial: Trial) -> str:
    """Return in a few words what became of a deploy."""
    course = trial.course
    nothing = [one for one in course.measurements if one.phase is Phase.INCONCLUSIVE]
    match course.ending:
        case Ending.PROMOTED:
            none = ", its AnalysisRun ends Successful" if course.phase else ""
            undecided = f", {len(nothing)} measurements undecided{none}" if nothing else ""
            return f"promoted after {course.at:g} s{undecided}"
        case Ending.ABORTED:
            return f"aborted after {course.at:g} s at {course.weight}% by {course.by}"
        case Ending.PAUSED:
            return f"waits for a person after {course.at:g} s at {course.weight}% by {course.by}"


def _prompt(trials: Sequence[Trial]) -> Check:
    """Return the check that a version that only fails is gone at once."""
    must = (
        f"A version of {trials[0].subject.title} whose every request fails is gone within "
        f"{PROMPT_SECONDS:g} s, and no more users met it than its first share."
    )

    def good(trial: Trial) -> bool:
        share = trial.deploy.plan.weight(trial.deploy.plan.met_from)
        in_time = trial.course.ending is Ending.ABORTED and trial.met <= PROMPT_SECONDS
        return in_time and trial.course.weight <= share

    observed = "; ".join(
        f"{trial.scenario.title}: {told(trial)}, {trial.met:g} s after users met it; "
        f"{trial.harm:.2%} of their {BUSY:g} requests a second until then were lost"
        for trial in trials
    )
    remedy = "a smaller first share, a shorter interval or a smaller failureLimit"
    return holds(all(map(good, trials)), must, observed, _by(trials), remedy=remedy)


def _back(trials: Sequence[Trial]) -> Check:
    """Return the check that an abort leaves nobody with the new version."""
    subject = trials[0].subject
    must = f"An abort gives all requests to {subject.title} back to the old version."
    gone = [trial for trial in trials if trial.course.ending is Ending.ABORTED]
    if "canary" not in subject.rollout["spec"]["strategy"]:
        observed = f"{len(gone)} deploys aborted: the active Service selects the old pods again"
        return holds(bool(gone), must, observed, (subject.by,), remedy=_TEMPLATE)
    try:
        split = split_of(subject)
    except (RefusedError, Unsupported) as error:
        remedy = error.remedy if isinstance(error, RefusedError) else ""
        return holds(False, must, str(error), (subject.by,), remedy=remedy)
    weights = sorted({trial.course.weight for trial in gone})
    shares = ", ".join(f"{subset} {weight}" for subset, weight in split.written(0))
    had = ", ".join(f"{weight}%" for weight in weights)
    observed = f"{len(gone)} deploys aborted at {had or 'no share'}; weights after: {shares}"
    return holds(bool(gone) and split.apart, must, observed, (split.by,), remedy=_TEMPLATE)


def _sees(trials: Sequence[Trial]) -> Check:
    """Return the check that each metric has a value where there is something to measure."""
    trial = next(one for one in trials if one.scenario.group is Group.HEALTHY)
    must = f"Every measure of {trial.subject.title} sees a busy, healthy version."
    values = {metric.name: trial.course.last(metric.name) for metric in trial.metrics}
    blind = [name for name, found in values.items() if found is None]
    seen = ", ".join(
        f"{name} {found.values[0]:.5g}" for name, found in values.items() if found is not None
    )
    observed = f"no value of {', '.join(blind)}" if blind else seen or "nothing is measured"
    remedy = "mend the query: no series of the pods has the labels that it asks for"
    return holds(bool(values) and not blind, must, observed, _by([trial]), remedy=remedy)


def _one_value(trials: Sequence[Trial]) -> Check:
    must = f"A query of {trials[0].subject.title} gives one value at most: the first decides."
    taken = [one for trial in trials for one in trial.course.measurements]
    several = {one.metric for one in taken if len(one.values) > 1}
    observed = (
        f"several values of {', '.join(sorted(several))}"
        if several
        else f"{len(taken)} measurements in {len(trials)} deploys"
    )
    remedy = "sum the query over all series"
    return holds(not several and bool(taken), must, observed, _by(trials), remedy=remedy)


def _by(trials: Sequence[Trial]) -> tuple[str, ...]:
    """Return the templates that decided."""
    subject, plan = trials[0].subject, trials[0].deploy.plan
    names = [one.get("templateName") for one in (plan.analysis or {}).get("templates") or ()]
    return (subject.by, *(f"AnalysisTemplate {subject.namespace}/{name}" for name in names))


def rates() -> str:
    """Return how many requests were made up."""
    return f"{BUSY:g} requests a second, {QUIET:g} where few are told"
