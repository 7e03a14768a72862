"""What a service promises its users, as shares of requests that Prometheus records."""

from typing import Any

from ...core.services import Protocol, Service

REQUESTS = "service:istio_requests:rate5m"
"""Requests a second that pods of a service answered."""
FAILED = "service:istio_requests_failed"
"""Those that ended in an error of the service: ``:rate5m`` and ``:ratio_<window>``."""
SLOW = "service:istio_requests_slow"
"""Those that took longer than ``latency_bound``: ``:rate5m`` and ``:ratio_<window>``."""
SLOW_BUDGET = 0.01
"""The promise is about 99 of 100 requests."""
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
DURATION = "istio_request_duration_milliseconds"

# gRPC answers 200 with a status of its own: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL,
# UNAVAILABLE, DATA_LOSS. Source: gRPC, "Status codes and their use in gRPC".
_ERRORS = {
    Protocol.HTTP: 'response_code=~"5.."',
    Protocol.GRPC: 'grpc_response_status=~"2|4|12|13|14|15"',
}
# Bounds of Envoy's histograms from 10 ms to a minute. Source: Envoy, histogram_bucket_settings.
_BOUNDS = (10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000)


def measured(service: Service, *more: str) -> str:
    """Return the selector of what a service's own proxies measured of requests to it.

    They know themselves by the pod's label; by the Kubernetes Service they would not tell a preview
    from the service.
    """
    return ",".join(
        [
            # Whoever the series came from: Prometheus says so, and no application can.
            f'namespace="{service.namespace}"',
            'reporter="destination"',
            f'destination_workload_namespace="{service.namespace}"',
            f'destination_canonical_service="{service.name}"',
            *more,
        ]
    )


def failed(service: Service) -> str:
    """Return the selector of requests to a service that ended in an error of its own."""
    return measured(service, _ERRORS[service.protocol])


def recorded(service: Service) -> str:
    """Return the selector of a service's recorded series."""
    return f'namespace="{service.namespace}",service="{service.name}"'


def error_budget(service: Service) -> float:
    """Return the share of requests that may fail."""
    return round(1 - service.slo.availability_percent / 100, 9)


def latency_bound(service: Service) -> int:
    """Return the milliseconds over which a request counts as slow.

    Histograms count by fixed bounds, so this is the first one at or above the promise: what is
    called slow always is; between promise and bound nothing is seen.
    """
    return next(bound for bound in _BOUNDS if bound >= service.slo.p99_milliseconds)


def share(service: Service, part: str, window: str) -> str:
    """Return the share of ``FAILED`` or ``SLOW`` requests in a window; without requests, none.

    A long window is a sum of recorded rates: the raw counters of three days would be read twice a
    minute for every service.
    """
    of = recorded(service)
    some, all_ = (f"{part}:rate5m{{{of}}}", f"{REQUESTS}{{{of}}}")
    if window != "5m":
        some, all_ = (f"sum_over_time({series}[{window}])" for series in (some, all_))
    return f"{some} / ({all_} > 0)"


def records(service: Service) -> list[dict[str, Any]]:
    """Return the rules that record requests, errors and slow requests of a service."""
    requests = f"sum(rate(istio_requests_total{{{measured(service)}}}[5m]))"
    errors = f"sum(rate(istio_requests_total{{{failed(service)}}}[5m]))"
    # Prometheus 3 writes bounds as 500.0, earlier ones as 500.
    # Source: Prometheus, "Prometheus 3.0 migration guide".
    fast = measured(service, f'le=~"{latency_bound(service)}([.]0)?"')
    return [
        _record(service, REQUESTS, requests),
        # A service that never failed has no series of errors; that is none, not unknown.
        _record(service, f"{FAILED}:rate5m", f"{errors} or 0 * {requests}"),
        _record(
            service,
            f"{SLOW}:rate5m",
            f"sum(rate({DURATION}_count{{{measured(service)}}}[5m]))"
            f" - sum(rate({DURATION}_bucket{{{fast}}}[5m]))",
        ),
        *(
            _record(service, f"{part}:ratio_{window}", share(service, part, window))
            for part in (FAILED, SLOW)
            for window in WINDOWS
        ),
    ]


def _record(service: Service, name: str, expression: str) -> dict[str, Any]:
    return {
        "record": name,
        "expr": expression,
        "labels": {"namespace": service.namespace, "service": service.name},
    }
