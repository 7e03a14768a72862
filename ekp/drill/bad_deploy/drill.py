"""A new version fails: is it found out, when, by whom, and who met it until then?"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from ekp.configured.environment import Configured
from ekp.drill.place import Place
from ekp.drill.prometheus import REMEDY, PrometheusError, Server, serving
from ekp.drill.report import Check, Drill, failed, skipped
from ekp.evaluate.request import Unsupported

from .analysis import Metric
from .deploy import Deploy
from .figures import tables
from .plan import plan_of
from .reach import reach
from .readiness import others, ready
from .subject import Subject, subjects
from .templates import RefusedError, metrics_of
from .trial import Trial, deploys_of, samples, tried
from .verdicts import verdicts

NAME = "bad-deploy"
_TRIED = "Good, bad and slow versions end as they should, by what Prometheus measures."
_BROKEN = (
    "A new version of each service fails, is slow or is not reached, in several degrees. "
    "Prometheus itself evaluates the analysis's queries, over series that are made up as Istio "
    "would write them; steps, weights and the analysis's counting follow Argo Rollouts. Not looked "
    "at: how long pods take to start, callers' retries, and Argo CD, which must leave the weights "
    "alone."
)


def run(configured: Configured, place: Place) -> Drill:
    """Let bad versions of every service in, and see what becomes of them."""
    found = subjects(configured.services)
    if not found:
        must = "A bad version of a service is sent away."
        why = "no Rollout is in Git for this environment"
        return _drill(configured, [skipped(must, why, remedy="add a service")], ())
    checks = before(configured, found)
    if place.prometheus is None:
        why = "prometheus is not installed here"
        return _drill(configured, [*checks, skipped(_TRIED, why, remedy=REMEDY)], ())
    deploys, left_out = _tryable(found)
    checks += left_out
    if not deploys:
        return _drill(configured, checks, ())
    try:
        with serving(place.prometheus, samples(deploys)) as server:
            return judge(configured, checks, deploys, server)
    except PrometheusError as error:
        checks.append(failed(_TRIED, error.message, place.prometheus, remedy=error.remedy))
        return _drill(configured, checks, ())


def before(configured: Configured, found: Sequence[Subject]) -> list[Check]:
    """Return what can be told of some services without Prometheus."""
    checks = [*others(configured.services), *(one for each in found for one in ready(each))]
    return [*checks, *reach(configured, _metrics(found))]


def judge(
    configured: Configured,
    checks: Sequence[Check],
    deploys: Sequence[tuple[Subject, Deploy]],
    server: Server,
) -> Drill:
    """Return the drill with what becomes of each deploy, by a server that has its series."""
    found = list(checks)
    every: list[Trial] = []
    for _, ours in groupby(deploys, lambda one: one[0].title):
        several = list(ours)
        try:
            trials = list(tried(several, server))
        except (RefusedError, Unsupported) as error:
            by = several[0][0].by
            found.append(failed(_TRIED, f"it cannot be told: {error}", by, remedy=_remedy(error)))
            continue
        every += trials
        found += verdicts(trials)
    return _drill(configured, found, every)


def _tryable(found: Sequence[Subject]) -> tuple[list[tuple[Subject, Deploy]], list[Check]]:
    """Return the deploys of the services that are understood, and a failed check of each other."""
    understood: list[Subject] = []
    checks: list[Check] = []
    for subject in found:
        try:
            deploys_of([subject])
        except (RefusedError, Unsupported) as error:
            why = f"it cannot be told: {error}"
            checks.append(failed(_TRIED, why, subject.by, remedy=_remedy(error)))
        else:
            understood.append(subject)
    return deploys_of(understood), checks


def _metrics(found: Sequence[Subject]) -> Iterator[Metric]:
    """Yield the metrics of all services whose analysis can be read."""
    for subject in found:
        try:
            analysis = plan_of(subject.rollout).analysis or {}
            yield from metrics_of(subject.rollout, analysis, subject.objects, "")
        except (RefusedError, Unsupported):
            # Said by the checks of the service.
            continue


def _remedy(error: RefusedError | Unsupported) -> str:
    return error.remedy if isinstance(error, RefusedError) else "write it as it is generated"


def _drill(configured: Configured, checks: Sequence[Check], trials: Sequence[Trial]) -> Drill:
    return Drill(
        name=NAME,
        environment=configured.environment,
        title="A bad deploy",
        broken=_BROKEN,
        checks=tuple(checks),
        tables=tables(trials),
    )
