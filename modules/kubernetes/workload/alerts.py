"""Alerts of a service: what it promises its users is being used up, or a rollout went wrong."""

from dataclasses import dataclass
from typing import Any

from ...core.alerts import Severity
from ...core.services import Service, labels
from ..manifest import Manifest
from .elsewhere import ROLLOUT, UNANSWERED
from .objectives import (
    FAILED,
    SLOW,
    SLOW_BUDGET,
    error_budget,
    latency_bound,
    measured,
    recorded,
    records,
)

# Half of all requests failing is urgent, even where the budget is so wide that no share of errors
# would use it up as fast as the factor says.
_CEILING = 0.5


@dataclass(frozen=True, slots=True)
class _Burn:
    """How many times faster than evenly the 30 days' budget is used up, over two windows."""

    factor: float
    long: str
    short: str
    """The same again lately, so that the alert ends soon after the trouble."""
    severity: Severity


# 2, 5, 10 and 10 percent of the budget. Source: Google, "The Site Reliability Workbook", chapter 5,
# table 5-8.
_BURNS = (
    _Burn(14.4, "1h", "5m", Severity.CRITICAL),
    _Burn(6, "6h", "30m", Severity.CRITICAL),
    _Burn(3, "1d", "2h", Severity.WARNING),
    _Burn(1, "3d", "6h", Severity.WARNING),
)


def budget_alerts(service: Service) -> Manifest:
    """Return the PrometheusRule of a service.

    Availability and latency are what the proxies of its pods measured; requests that no pod
    answered are counted where they came from.
    """
    group = service.long_name
    return Manifest(
        api_version="monitoring.coreos.com/v1",
        kind="PrometheusRule",
        name=service.name,
        namespace=service.namespace,
        labels=labels(service),
        fields={
            "spec": {
                "groups": [
                    {"name": f"{group}.records", "rules": records(service)},
                    {"name": f"{group}.alerts", "rules": _alerts(service)},
                ]
            }
        },
    )


def _alerts(service: Service) -> list[dict[str, Any]]:
    slo = service.slo
    return [
        *(
            _alert(
                service,
                "ServiceFailsRequests",
                _burning(service, FAILED, error_budget(service), burn),
                severity=burn.severity,
                summary=f"{service.ref} failed {{{{ $value | humanizePercentage }}}} of requests "
                f"in {burn.long}; it promises {slo.availability_percent:g}% without an error",
                remedy="Compare the versions on its dashboard: if the new one fails, abort its "
                "rollout; otherwise look at what the service calls.",
                extra={"window": burn.long},
            )
            for burn in _BURNS
        ),
        *(
            _alert(
                service,
                "ServiceIsSlow",
                _burning(service, SLOW, SLOW_BUDGET, burn),
                severity=burn.severity,
                summary=f"{service.ref} took over {latency_bound(service)} ms for "
                f"{{{{ $value | humanizePercentage }}}} of requests in {burn.long}; it promises "
                f"99% within {slo.p99_milliseconds} ms",
                remedy="Compare the versions and the pods' CPU on its dashboard, then look at "
                "traces of slow requests in Jaeger.",
                extra={"window": burn.long},
            )
            for burn in _BURNS
        ),
        _unanswered(service),
        *([_at_capacity(service)] if service.capacity else []),
        _rollout(service),
    ]


def _burning(service: Service, part: str, budget: float, burn: _Burn) -> str:
    limit = f"{min(burn.factor * budget, _CEILING):.6g}"
    of = recorded(service)
    long, short = (f"{part}:ratio_{w}{{{of}}} > {limit}" for w in (burn.long, burn.short))
    return f"{long} and {short}"


def _unanswered(service: Service) -> dict[str, Any]:
    """Return what no proxy of the service can tell: that requests do not get to it."""
    return _alert(
        service,
        "ServiceGivesNoAnswer",
        f"{UNANSWERED}{{{recorded(service)}}} > 0.05",
        severity=Severity.CRITICAL,
        wait="2m",
        summary=f"{{{{ $value | humanizePercentage }}}} of requests to {service.ref} get no answer "
        "from a pod",
        remedy="See whether its pods are ready, and whether callers wait for connections; the "
        "response flags in the callers' metrics say what went wrong.",
    )


def _at_capacity(service: Service) -> dict[str, Any]:
    # What the application refuses itself carries no such flag.
    refused = measured(service, 'response_flags=~".*RL.*"')
    return _alert(
        service,
        "ServiceRefusesAtCapacity",
        f"sum(rate(istio_requests_total{{{refused}}}[5m]))"
        f" / sum(rate(istio_requests_total{{{measured(service)}}}[5m])) > 0.01",
        severity=Severity.WARNING,
        wait="10m",
        summary=f"Pods of {service.ref} refuse {{{{ $value | humanizePercentage }}}} of requests "
        "with 429: they are asked more than their capacity",
        remedy="Raise capacity where pods have CPU to spare: no more of them are started then. "
        "Where they have none, raise scaling.max_replicas.",
    )


def _rollout(service: Service) -> dict[str, Any]:
    bad = f'{recorded(service)},phase=~"Abort|Error|InvalidSpec|Timeout"'
    return _alert(
        service,
        "RolloutFailed",
        f"max by (phase) ({ROLLOUT}{{{bad}}}) > 0",
        severity=Severity.WARNING,
        wait="1m",
        summary=f"The rollout of {service.ref} is in phase {{{{ $labels.phase }}}}: its new "
        "version does not come in",
        remedy="Read the Rollout's events and its AnalysisRun; then put Git back to the version "
        "before, or forward to a better one.",
    )


def _alert(
    service: Service,
    name: str,
    expression: str,
    *,
    severity: Severity,
    summary: str,
    remedy: str,
    wait: str | None = None,
    extra: dict[str, str] | None = None,
) -> dict[str, Any]:
    return {
        "alert": name,
        "expr": expression,
        **({"for": wait} if wait else {}),
        "labels": {
            "namespace": service.namespace,
            "service": service.name,
            "severity": severity.value,
            **(extra or {}),
        },
        "annotations": {"summary": summary, "description": remedy},
    }
