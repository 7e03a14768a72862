"""What tells how a service is: metrics, alerts and a dashboard."""

from ...core.mesh import METRICS_PORT
from ...core.services import Service, labels, selector
from ..manifest import Manifest
from .alerts import budget_alerts
from .dashboard import dashboard

INTERVAL = "15s"
"""Short: a canary's step may be as short as a minute."""


def monitoring(service: Service) -> list[Manifest]:
    """Return what Prometheus scrapes of a service, its alerts, and its dashboard in Grafana."""
    return [scraped(service), budget_alerts(service), dashboard(service)]


def scraped(service: Service) -> Manifest:
    """Return the PodMonitor of a service's pods: their proxy's metrics with the application's.

    It takes the place of the mesh-wide monitor, which leaves these pods out: scraped by both, every
    request would count twice. Samples carry ``namespace``, ``pod``, ``service`` and the version.

    Source: Istio documentation, "Prometheus", metrics merging.
    """
    pod = "__meta_kubernetes_pod"
    return Manifest(
        api_version="monitoring.coreos.com/v1",
        kind="PodMonitor",
        name=service.name,
        namespace=service.namespace,
        labels=labels(service),
        fields={
            "spec": {
                "selector": {"matchLabels": selector(service)},
                "jobLabel": "app.kubernetes.io/name",
                "podTargetLabels": ["rollouts-pod-template-hash"],
                "podMetricsEndpoints": [
                    {
                        "path": "/stats/prometheus",
                        "interval": INTERVAL,
                        "relabelings": [
                            # The proxy names this port and not that of the merged metrics, so
                            # `portNumber` would find none. One target a pod.
                            {
                                "action": "keep",
                                "sourceLabels": [f"{pod}_container_port_name"],
                                "regex": "http-envoy-prom",
                            },
                            {
                                "action": "replace",
                                "sourceLabels": [f"{pod}_ip"],
                                "regex": "(.+)",
                                "replacement": f"$1:{METRICS_PORT}",
                                "targetLabel": "__address__",
                            },
                            {
                                "action": "replace",
                                "replacement": service.name,
                                "targetLabel": "service",
                            },
                        ],
                    }
                ],
            }
        },
    )
