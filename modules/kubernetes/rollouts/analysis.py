"""What decides whether a new version stays: the service's own promise, measured on its pods."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from ...core.delivery import BlueGreen
from ...core.prometheus import PROMETHEUS
from ...core.services import Service, labels
from ..manifest import Manifest
from ..workload.objectives import DURATION, error_budget, failed, latency_bound, measured

SUCCESS_RATE = "success-rate"
P99_LATENCY = "p99-latency"
MESH_ERRORS = "mesh-errors"
PODS_MEASURED = "pods-measured"

INTERVAL_SECONDS = 60
WINDOW = "5m"
# A stray error is no share of anything: as many as this in a window are forgiven, however few
# requests there are. ``increase`` reads between samples, so that two may look like three.
_STRAY_ERRORS = 3
# Rounding leaves nothing of a smaller one.
_LEAST_BUDGET = 1e-9
# Of fewer requests nobody can say what 99 of 100 take.
_ENOUGH_FOR_P99 = 100
# A bad minute may pass; a second one may not.
_BAD_MINUTES = 1
# Prometheus may be away for two minutes: an error is tried again after ten seconds.
_ERRORS_IN_A_ROW = 12
_MEASURED = "len(result) > 0 && !isNaN(result[0])"
# More than the longest rollout has minutes: having nothing to measure never stops one.
_NEVER = 100_000


def analysis(service: Service) -> Manifest:
    """Return the AnalysisTemplate of a service, for pods with the argument ``hash``.

    It measures every minute, a canary until its last step, blue-green for ``watched_seconds``.

    No requests prove nothing, neither way: such a measurement is inconclusive. It does not stop a
    rollout, or nobody could deploy at night. That no requests are seen because nobody measures is
    told apart: without metrics of the new pods the rollout fails.
    """
    return Manifest(
        api_version="argoproj.io/v1alpha1",
        kind="AnalysisTemplate",
        name=service.name,
        namespace=service.namespace,
        labels=labels(service),
        fields={
            "spec": {
                "args": [{"name": "hash"}],
                "metrics": [_metric(service, name) for name in queries(service)],
            }
        },
    )


def queries(service: Service) -> Mapping[str, str]:
    """Return a query for each metric; ``{{args.hash}}`` stands for the new version's hash.

    Each returns one sample, or none where there was nothing to measure.
    """
    version = f'pod=~"{service.name}-{{{{args.hash}}}}-.*"'
    requests = f"istio_requests_total{{{measured(service, version)}}}"
    errors = f"istio_requests_total{{{failed(service)},{version}}}"
    buckets = f"{DURATION}_bucket{{{measured(service, version)}}}"
    # As callers see it: a request that reaches no pod is in no pod's metrics. Callers cannot tell
    # versions apart, so these are of both, the new one's in proportion to its share.
    sent = (
        f'istio_requests_total{{reporter="source",destination_service_name="{service.name}",'
        f'destination_service_namespace="{service.namespace}"}}'
    )
    # Envoy leaves a flag where it answered itself.
    unanswered = f'{sent[:-1]},response_code=~"5..",response_flags!="-"}}'
    return {
        SUCCESS_RATE: f"1 - {_share(service, errors, requests)}",
        P99_LATENCY: (
            f"histogram_quantile(0.99, sum by (le) (rate({buckets}[{WINDOW}])))"
            f" and (sum(increase({requests}[{WINDOW}])) >= {_ENOUGH_FOR_P99})"
        ),
        MESH_ERRORS: _share(service, unanswered, sent),
        PODS_MEASURED: f'sum(up{{namespace="{service.namespace}",{version}}})',
    }


def _share(service: Service, some: str, every: str) -> str:
    """Return the share of some requests in all, as if these were enough for the stray errors."""
    enough = ceil(_STRAY_ERRORS / max(error_budget(service), _LEAST_BUDGET))
    return (
        f"(sum(increase({some}[{WINDOW}])) or vector(0))"
        f" / clamp_min(sum(increase({every}[{WINDOW}])) > 0, {enough})"
    )


def _metric(service: Service, name: str) -> dict[str, Any]:
    conditions = {
        "successCondition": f"{_MEASURED} && result[0] {_good(service)[name]}",
        "failureCondition": f"{_MEASURED} && !(result[0] {_good(service)[name]})",
        "inconclusiveLimit": _NEVER,
    }
    if name == PODS_MEASURED:
        # Here nothing is a failure.
        conditions = {"successCondition": f"{_MEASURED} && result[0] {_good(service)[name]}"}
    return {
        "name": name,
        # The first samples of a new pod's counters take a while.
        "initialDelay": f"{INTERVAL_SECONDS}s",
        "interval": f"{INTERVAL_SECONDS}s",
        **_count(service),
        **conditions,
        "failureLimit": _BAD_MINUTES,
        "consecutiveErrorLimit": _ERRORS_IN_A_ROW,
        "provider": {"prometheus": {"address": PROMETHEUS, "query": queries(service)[name]}},
    }


def _good(service: Service) -> Mapping[str, str]:
    budget = error_budget(service)
    return {
        SUCCESS_RATE: f">= {_decimal(1 - budget)}",
        # Between two bounds of the histogram a quantile is a guess; at a bound it is exact.
        P99_LATENCY: f"<= {latency_bound(service)}",
        MESH_ERRORS: f"<= {_decimal(budget)}",
        PODS_MEASURED: "> 0",
    }


def _decimal(share: float) -> str:
    """Write a share without an exponent, which conditions do not know."""
    return f"{share:.9f}".rstrip("0")


def _count(service: Service) -> dict[str, int]:
    """Return how often is measured; none for a canary, whose steps end the measuring."""
    if isinstance(service.strategy, BlueGreen):
        return {"count": service.strategy.watched_seconds // INTERVAL_SECONDS}
    return {}
