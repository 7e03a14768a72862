"""Metrics of a rollout's analysis, out of the templates that it names."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ekp.drill.durations import seconds, whole
from ekp.evaluate.request import Object, Unsupported, named

from .analysis import Metric

_PLACE = re.compile(r"\{\{\s*args\.([A-Za-z0-9._-]+)\s*\}\}")
_UNDERSTOOD = {
    "name",
    "initialDelay",
    "interval",
    "count",
    "successCondition",
    "failureCondition",
    "failureLimit",
    "inconclusiveLimit",
    "consecutiveErrorLimit",
    "provider",
}
"""Of a metric; ``consecutiveSuccessLimit`` is another way to count."""


class RefusedError(ValueError):
    """What Argo Rollouts refuses: the Rollout is InvalidSpec, or its analysis is an error."""

    def __init__(self, by: str, why: str, remedy: str) -> None:
        """Name the object, what is wrong with it, and what would mend it."""
        super().__init__(f"{by}: {why}")
        self.by, self.why, self.remedy = by, why, remedy


def metrics_of(
    rollout: Object, analysis: Mapping[str, Any], objects: Sequence[Object], pod_hash: str
) -> tuple[Metric, ...]:
    """Return the metrics of all templates that a rollout's analysis names.

    Args:
        rollout: The Rollout.
        analysis: Its ``analysis`` or ``postPromotionAnalysis``.
        objects: Where templates are looked for, in the Rollout's namespace.
        pod_hash: Of the new version.

    Raises:
        RefusedError: Argo Rollouts would refuse it.
        Unsupported: it is measured in a way that is not evaluated here.
    """
    if analysis.get("dryRun"):
        raise Unsupported(rollout, "analysis.dryRun", "a metric that ends nothing is not evaluated")
    found = [
        metric
        for reference in analysis.get("templates") or ()
        for metric in _of_template(_template(rollout, reference, objects), analysis, pod_hash)
    ]
    names = [metric.name for metric in found]
    if len(set(names)) != len(names):
        why = "two metrics of its templates have one name"
        raise RefusedError(named(rollout), why, "give each metric a name of its own")
    return tuple(found)


def _template(rollout: Object, reference: Mapping[str, Any], objects: Sequence[Object]) -> Object:
    name, namespace = reference.get("templateName"), rollout["metadata"]["namespace"]
    if reference.get("clusterScope"):
        raise Unsupported(rollout, f"template {name}", "a ClusterAnalysisTemplate is not evaluated")
    for each in objects:
        where = (each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])
        if where == ("AnalysisTemplate", namespace, name):
            return each
    wanted = f"AnalysisTemplate {namespace}/{name}"
    why = f"names {wanted}, which is not there: no new version comes in (InvalidSpec)"
    raise RefusedError(named(rollout), why, f"render {wanted} beside it")


def _of_template(template: Object, analysis: Mapping[str, Any], pod_hash: str) -> Sequence[Metric]:
    spec = template.get("spec") or {}
    if spec.get("templates") or spec.get("dryRun"):
        raise Unsupported(template, "spec", "templates of templates and dryRun are not evaluated")
    given = {one["name"]: one.get("value") for one in spec.get("args") or ()}
    for one in analysis.get("args") or ():
        given[one["name"]] = _argument(template, one, pod_hash)
    return [_metric(template, metric, given) for metric in spec.get("metrics") or ()]


def _argument(template: Object, written: Mapping[str, Any], pod_hash: str) -> str | None:
    source = written.get("valueFrom") or {}
    if source.get("podTemplateHashValue") == "Latest":
        return pod_hash
    if source:
        raise Unsupported(template, f"argument {written['name']}", f"{source} is not evaluated")
    return written.get("value")


def _metric(template: Object, written: Mapping[str, Any], given: Mapping[str, Any]) -> Metric:
    name = written["name"]
    where = f"{named(template)} {name}"
    if unknown := set(written) - _UNDERSTOOD:
        raise Unsupported(where, ", ".join(sorted(unknown)), "is not evaluated")
    provider = written["provider"].get("prometheus")
    if provider is None or set(provider) - {"address", "query", "timeout"}:
        raise Unsupported(where, "provider", "only a query to Prometheus is evaluated")

    def filled(text: str) -> str:
        def value(found: re.Match[str]) -> str:
            if given.get(found[1]) is None:
                remedy = f"give args.{found[1]} in the Rollout's analysis"
                raise RefusedError(where, f"nobody says what {found[0]} is", remedy)
            return str(given[found[1]])

        return _PLACE.sub(value, text)

    interval = written.get("interval")
    return Metric(
        name=name,
        query=filled(provider["query"]),
        address=filled(provider.get("address", "")),
        success=filled(written.get("successCondition", "")),
        failure=filled(written.get("failureCondition", "")),
        initial_delay=seconds(written.get("initialDelay", 0), where),
        interval=None if interval is None else seconds(interval, where),
        count=whole(written.get("count"), where, 0),
        failure_limit=whole(written.get("failureLimit"), where, 0),
        inconclusive_limit=whole(written.get("inconclusiveLimit"), where, 0),
        consecutive_error_limit=whole(written.get("consecutiveErrorLimit"), where, 4),
    )
