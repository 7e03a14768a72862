"""Admission of what is measured: analyses and rules ask Prometheus alone, in their own name."""

from ...core.prometheus import PROMETHEUS
from .policy import Check, Kinds, Policy

# What else an analysis may ask, or send requests to, as the Rollouts controller.
# Source: argo-rollouts v1.9, ``analysistemplates`` in its definitions.
_OTHERS = (
    *("cloudWatch", "datadog", "graphite", "influxdb", "job", "kayenta", "newRelic", "plugin"),
    *("skywalking", "wavefront", "web"),
)
RECORDED = "service:"
"""What names of series begin with that rules of services record."""


def analyses() -> Policy:
    """Return what an analysis may ask: Prometheus, by a query.

    A web provider would have the controller send any request wherever it gets, and an argument out
    of a Secret would show it in the AnalysisRun's status.
    """
    others = " && ".join(f"!has(one.provider.{name})" for name in _OTHERS)
    return Policy(
        concern="analyses",
        kinds=(Kinds(group="argoproj.io", version="v1alpha1", resources=("analysistemplates",)),),
        only_where="has(object.spec)",
        variables={
            "metrics": "has(object.spec.metrics) ? object.spec.metrics : []",
            "args": "has(object.spec.args) ? object.spec.args : []",
        },
        checks=(
            Check(
                expression=(
                    f"variables.metrics.all(one, {others} && has(one.provider.prometheus) "
                    "&& has(one.provider.prometheus.address) "
                    f"&& one.provider.prometheus.address == '{PROMETHEUS}' "
                    "&& !has(one.provider.prometheus.headers) "
                    "&& !has(one.provider.prometheus.authentication))"
                ),
                message=(
                    "spec.metrics asks another than Prometheus; use provider.prometheus with "
                    f"address {PROMETHEUS} and no headers"
                ),
            ),
            Check(
                expression=(
                    "variables.args.all(one, !has(one.valueFrom) "
                    "|| !has(one.valueFrom.secretKeyRef))"
                ),
                message="spec.args reads a Secret, which the run's status would show; leave it out",
            ),
        ),
    )


def rules() -> Policy:
    """Return what rules may record and say: series of services, and no answers to queries.

    A recorded series may carry any name and labels, those that Istio's proxies report of other
    tenants among them; an alert's text is worked out over all series.
    Source: prometheus-operator, ``pkg/namespacelabeler``, which changes ``expr`` and labels alone.
    """
    return Policy(
        concern="rules",
        kinds=(Kinds(group="monitoring.coreos.com", version="v1", resources=("prometheusrules",)),),
        only_where="has(object.spec) && has(object.spec.groups)",
        checks=(
            Check(
                expression=(
                    "object.spec.groups.all(group, !has(group.rules) || group.rules.all(rule, "
                    f"!has(rule.record) || rule.record.startsWith('{RECORDED}')))"
                ),
                message=(
                    "a rule records a series under a name that others have; begin its name with "
                    f"{RECORDED}"
                ),
            ),
            Check(
                expression=(
                    "object.spec.groups.all(group, !has(group.rules) || group.rules.all(rule, "
                    f"{_no_query('annotations')} && {_no_query('labels')}))"
                ),
                message=(
                    "an alert's text asks Prometheus, which would answer of everybody; use "
                    "$value and $labels"
                ),
            ),
        ),
    )


def _no_query(texts: str) -> str:
    text = f"rule.{texts}[key]"
    return (
        f"(!has(rule.{texts}) || rule.{texts}.all(key, "
        f"!({text}.contains('{{{{') && {text}.contains('query'))))"
    )
