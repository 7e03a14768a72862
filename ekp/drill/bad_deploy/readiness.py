"""What must be there before a deploy: somebody who measures, who can end it, and a way back."""

import re
from collections.abc import Iterable, Iterator, Sequence
from math import inf

from ekp.drill.report import Check, failed, holds, passed
from ekp.evaluate.request import Object, Unsupported

from .analysis import Metric, Phase
from .course import judged
from .labels import METRICS, Measured, measured
from .plan import Plan, plan_of
from .routes import split_of
from .subject import Subject, unmeasured
from .templates import RefusedError, metrics_of

_SELECTOR = re.compile(r"\b([a-zA-Z_:][\w:]*)\{([^}]*)\}")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_WHOLE = 100
_SOME_HASH = "6d4b8c7f9d"


def others(objects: Iterable[Object]) -> Iterator[Check]:
    """Yield a check of the workloads that no Rollout brings in."""
    found = unmeasured(objects)
    must = "Every new version that Git brings comes in by a Rollout, which can be measured."
    observed = ", ".join(found) if found else "no Deployment, StatefulSet or DaemonSet in Git"
    yield holds(not found, must, observed, found, remedy="make it a Rollout with an analysis")


def ready(subject: Subject) -> Iterator[Check]:
    """Yield what must be there for one service; each says what is wrong instead of raising."""
    name = subject.title
    by = f"{subject.by} spec.strategy"
    must = f"A new version of {name} is measured while it comes in."
    try:
        plan = plan_of(subject.rollout)
        if not plan.analysis or not plan.analysis.get("templates"):
            yield failed(must, "its strategy has no analysis", by, remedy=_analysis(plan))
            return
        metrics = metrics_of(subject.rollout, plan.analysis, subject.objects, _SOME_HASH)
        yield passed(must, f"it measures {_names(metrics)}", by)
        yield _in_time(subject, plan, metrics)
        yield _nothing_is_no_success(subject, metrics)
        yield _known(subject, metrics, measured(subject))
    except RefusedError as error:
        yield failed(must, error.why, error.by, remedy=error.remedy)
    except Unsupported as error:
        yield failed(must, f"it cannot be told: {error}", by, remedy="write it as it is generated")
    yield _starts(subject)
    yield way_back(subject)


def _starts(subject: Subject) -> Check:
    """Return the check that a version whose pods do not become ready is given up.

    Nobody meets it until then: without a pod that is ready Rollouts sets no share.
    Source: argo-rollouts v1.9.0, rollout/trafficrouting.go.
    """
    spec = subject.rollout["spec"]
    # Argo's own default.
    deadline = spec.get("progressDeadlineSeconds", 600)
    must = f"A version of {subject.title} whose pods do not become ready is given up."
    by = f"{subject.by} spec.progressDeadlineAbort"
    if spec.get("progressDeadlineAbort") is not True:
        return failed(must, "it is tried for ever", by, remedy="set progressDeadlineAbort")
    return passed(must, f"aborted after {deadline} s without progress, at no share", by)


def way_back(subject: Subject) -> Check:
    """Return the check that all requests go back to pods of the old version."""
    strategy = subject.rollout["spec"]["strategy"]
    must = f"All requests to {subject.title} can go back to the old version, which is still there."
    if "canary" not in strategy:
        kept = (strategy.get("blueGreen") or {}).get("scaleDownDelaySeconds", 30)
        by = f"{subject.by} strategy.blueGreen.scaleDownDelaySeconds"
        return passed(must, f"the old pods stay for {kept} s after everybody went over", by)
    canary = strategy["canary"] or {}
    by = f"{subject.by} strategy.canary"
    try:
        split = split_of(subject)
    except RefusedError as error:
        return failed(must, error.why, error.by, remedy=error.remedy)
    if canary.get("dynamicStableScale"):
        why = "dynamicStableScale takes pods from the old version as its share falls"
        return failed(must, why, by, remedy="leave dynamicStableScale out")
    shares = ", ".join(f"{subset} {weight}" for subset, weight in split.written(0))
    observed = f"an abort writes {shares} at once; the old version has kept all its pods"
    remedy = "lead the new version's subset by the route that gets the weights alone"
    return holds(split.apart, must, observed, (split.by, by), remedy=remedy)


def _in_time(subject: Subject, plan: Plan, metrics: Sequence[Metric]) -> Check:
    """Return the check that the analysis can end a rollout while few have the new version."""
    earliest = plan.measured_from + max((metric.shortest for metric in metrics), default=inf)
    share = plan.weight(earliest)
    must = f"A new version of {subject.title} that is bad all the time is ended before it has all."
    observed = (
        f"measured from {plan.measured_from:g} s on, judged {earliest:g} s after its first pods "
        f"are ready, when it has {share}%; the first users meet it at {plan.met_from:g} s"
    )
    good = earliest < plan.length and (plan.at_once or share < _WHOLE)
    good = good and plan.measured_from <= plan.met_from
    remedy = "longer pauses before the last share, or a smaller failureLimit"
    return holds(good, must, observed, (f"{subject.by} strategy", *_templates(plan)), remedy=remedy)


def _nothing_is_no_success(subject: Subject, metrics: Sequence[Metric]) -> Check:
    must = f"Having measured nothing is no success of {subject.title}."
    phases = {metric.name: judged(metric, ()) for metric in metrics}
    wrong = [name for name, phase in phases.items() if phase is Phase.SUCCESSFUL]
    observed = ", ".join(f"{name} is {phase.value.lower()}" for name, phase in phases.items())
    by = [f"AnalysisTemplate {subject.namespace} {name} successCondition" for name in wrong]
    remedy = "begin the successCondition with len(result) > 0"
    return holds(not wrong, must, f"without a value {observed}", by or [subject.by], remedy=remedy)


def _known(subject: Subject, metrics: Sequence[Metric], found: Measured) -> Check:
    """Return the check that queries ask for what Istio and scraping give."""
    must = f"The queries of {subject.title} name metrics and labels that there are."
    names, strange = found.names(), []
    for metric in metrics:
        for series, selector in _SELECTOR.findall(metric.query):
            if series not in METRICS:
                strange.append(f"{metric.name}: the metric {series}")
            strange += [
                f"{metric.name}: the label {label}"
                for label in _LABEL.findall(re.sub(r'"[^"]*"', '""', selector))
                if label not in names
            ]
    if found.scraped is None:
        strange.append("its pods are scraped by no PodMonitor")
    observed = "; ".join(dict.fromkeys(strange)) or "Istio's standard ones, and what scraping adds"
    remedy = "ask for labels of Istio's standard metrics, and let a PodMonitor select the pods"
    return holds(not strange, must, observed, (found.by,), remedy=remedy)


def _templates(plan: Plan) -> list[str]:
    found = (plan.analysis or {}).get("templates") or ()
    return [f"AnalysisTemplate {one.get('templateName')}" for one in found]


def _names(metrics: Sequence[Metric]) -> str:
    return ", ".join(metric.name for metric in metrics)


def _analysis(plan: Plan) -> str:
    field = "blueGreen.postPromotionAnalysis" if plan.at_once else "canary.analysis"
    return f"give {field} the service's AnalysisTemplate"
