"""Which series Prometheus has of a service: Istio's standard metrics, and what scraping adds.

Source: istio.io, "Istio Standard Metrics"; prometheus-operator, "PodMonitor" (labels that it adds);
istio.io, "Merging of application telemetry" (port 15020, /stats/prometheus).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ekp.drill.durations import seconds
from ekp.evaluate.request import Object, Unsupported, named

from .subject import Subject

REQUESTS = "istio_requests_total"
DURATION = "istio_request_duration_milliseconds"
METRICS = frozenset({REQUESTS, f"{DURATION}_bucket", f"{DURATION}_count", f"{DURATION}_sum", "up"})
SCRAPED = frozenset({"namespace", "pod", "container", "job", "endpoint", "instance"})
STANDARD = frozenset(
    {
        "reporter",
        *(
            f"{end}_{what}"
            for end in ("source", "destination")
            for what in (
                "workload",
                "workload_namespace",
                "principal",
                "app",
                "version",
                "cluster",
                "canonical_service",
                "canonical_revision",
            )
        ),
        "destination_service",
        "destination_service_name",
        "destination_service_namespace",
        "request_protocol",
        "response_code",
        "response_flags",
        "grpc_response_status",
        "connection_security_policy",
    }
)
"""Labels of Istio's standard metrics, where no Telemetry takes one away."""
# Istio names a service by the first of these labels that its pods have.
_CANONICAL = ("service.istio.io/canonical-name", "app.kubernetes.io/name", "app")
_PROXY_PORT = "http-envoy-prom"
_DEFAULT_INTERVAL = "30s"
Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What series say of one service's pods."""

    scraped: Labels | None
    """What scraping adds, but for the pod's own; None: nobody scrapes its pods."""
    hash_label: str | None
    """The label of the version's hash, where scraping keeps it."""
    interval: float
    """Seconds between two scrapes."""
    subject: Labels
    """What Istio says of requests to the service, whoever reports them."""
    grpc: bool
    by: str

    def names(self) -> frozenset[str]:
        """Return the labels that a query about the service may name."""
        scraped = {*SCRAPED, *(self.scraped or {}), *filter(None, (self.hash_label,))}
        return STANDARD | scraped | {"le"}


def measured(subject: Subject) -> Measured:
    """Return what Prometheus has of a service.

    Raises:
        Unsupported: how its pods are scraped is not understood.
    """
    labels = subject.labels
    canonical = next((labels[name] for name in _CANONICAL if name in labels), subject.name)
    services = subject.selecting("Service")
    if not services:
        raise Unsupported(subject.rollout, "Service", "none selects its pods")
    strategy = subject.rollout["spec"]["strategy"]
    active = (strategy.get("blueGreen") or {}).get("activeService", subject.name)
    service = next((one for one in services if one["metadata"]["name"] == active), services[0])
    monitors = [one for one in subject.selecting("PodMonitor") if _takes_proxies(one)]
    endpoint = monitors[0]["spec"]["podMetricsEndpoints"][0] if monitors else {}
    hash_label = "rollouts-pod-template-hash"
    kept = (monitors[0]["spec"].get("podTargetLabels") or ()) if monitors else ()
    return Measured(
        scraped=_added(subject, monitors[0], endpoint) if monitors else None,
        hash_label=hash_label.replace("-", "_") if hash_label in kept else None,
        interval=seconds(endpoint.get("interval", _DEFAULT_INTERVAL), subject.title),
        subject={
            "destination_workload": subject.name,
            "destination_workload_namespace": subject.namespace,
            "destination_canonical_service": canonical,
            "destination_service_name": service["metadata"]["name"],
            "destination_service_namespace": subject.namespace,
        },
        grpc=any(
            port.get("appProtocol", port.get("name", "")).startswith("grpc")
            for port in service["spec"].get("ports") or ()
        ),
        by=named(monitors[0]) if monitors else f"no PodMonitor of {subject.title}",
    )


def _takes_proxies(monitor: Object) -> bool:
    """Whether a PodMonitor meets the proxy's merged metrics."""
    endpoints: Sequence[Mapping[str, Any]] = monitor["spec"].get("podMetricsEndpoints") or ()
    if len(endpoints) != 1:
        raise Unsupported(monitor, "spec.podMetricsEndpoints", "more or fewer than one")
    (endpoint,) = endpoints
    if endpoint.get("metricRelabelings"):
        raise Unsupported(monitor, "metricRelabelings", "are not evaluated")
    port, address = endpoint.get("port") == _PROXY_PORT, False
    for rule in endpoint.get("relabelings") or ():
        source = rule.get("sourceLabels") or []
        if rule.get("action") == "keep":
            if source != ["__meta_kubernetes_pod_container_port_name"]:
                raise Unsupported(monitor, "relabelings", f"keep by {source} is not evaluated")
            port = re.fullmatch(rule["regex"], _PROXY_PORT) is not None
        elif rule.get("action", "replace") != "replace":
            raise Unsupported(monitor, "relabelings", f"{rule['action']} is not evaluated")
        elif rule.get("targetLabel") == "__address__":
            address = str(rule.get("replacement", "")).endswith((":15020", ":15090"))
    return port and address and endpoint.get("path") == "/stats/prometheus"


def _added(subject: Subject, monitor: Object, endpoint: Mapping[str, Any]) -> Labels:
    fixed = {
        rule["targetLabel"]: str(rule["replacement"])
        for rule in endpoint.get("relabelings") or ()
        if not rule.get("sourceLabels") and rule.get("targetLabel")
    }
    job = subject.labels.get(monitor["spec"].get("jobLabel", ""), named(monitor))
    return {"namespace": subject.namespace, "container": "istio-proxy", "job": job, **fixed}
