"""How callers' proxies treat the pods of a service: how much at once, and whom they leave alone."""

from typing import Any

from ...core.delivery import BlueGreen
from ...core.services import Service, labels, selector
from ..manifest import Manifest

STABLE = "stable"
CANARY = "canary"
"""Subsets of the old and the new version; Rollouts adds each version's hash to their labels."""


def destination(service: Service) -> Manifest:
    """Return the DestinationRule of a service.

    All limits are of one caller's proxy, towards all pods of a version together: that is how Envoy
    counts. Source: Envoy documentation, "Circuit breaking".
    """
    spec: dict[str, Any] = {"host": service.address, "trafficPolicy": _policy(service)}
    if not isinstance(service.strategy, BlueGreen):
        spec["subsets"] = [
            {"name": STABLE, "labels": selector(service)},
            {"name": CANARY, "labels": selector(service)},
        ]
    return Manifest(
        api_version="networking.istio.io/v1",
        kind="DestinationRule",
        name=service.name,
        namespace=service.namespace,
        labels=labels(service),
        fields={"spec": spec},
    )


def _policy(service: Service) -> dict[str, Any]:
    limits = service.resilience
    return {
        "tls": {"mode": "ISTIO_MUTUAL"},
        "connectionPool": {
            "tcp": {"maxConnections": limits.max_connections},
            "http": {
                "http1MaxPendingRequests": limits.max_waiting_requests,
                # HTTP/2 and gRPC carry many requests on a connection: as many as the connections
                # of HTTP/1.1 would.
                "http2MaxRequests": limits.max_connections,
                # Retries must not double a load that is already too much.
                "maxRetries": max(3, limits.max_connections // 10),
            },
        },
        "outlierDetection": {
            "consecutive5xxErrors": limits.errors_before_ejection,
            "interval": "10s",
            "baseEjectionTime": "30s",
            # Half of them stay, whatever they answer: the service may be what it calls.
            "maxEjectionPercent": 50,
        },
        # The caller's zone first, another when pods there are ejected; Istio asks for outlier
        # detection beside it. Source: Istio documentation, "Locality Load Balancing".
        "loadBalancer": {"localityLbSetting": {"enabled": True}},
    }
