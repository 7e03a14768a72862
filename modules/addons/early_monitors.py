"""What Prometheus scrapes of services that stand before it: they cannot bring their monitors."""

from collections.abc import Mapping
from typing import Any

from ..kubernetes.manifest import Manifest
from . import cluster_autoscaler, karpenter, load_balancer_controller

INTERVAL = "30s"


def early_monitors(*, with_karpenter: bool) -> list[Manifest]:
    """Return monitors of the load balancer controller and of what adds nodes: one of the two."""
    controller = _monitor(
        "PodMonitor",
        load_balancer_controller.PODS,
        "aws-load-balancer-controller",
        "metrics-server",
    )
    if with_karpenter:
        return [controller, _monitor("PodMonitor", karpenter.PODS, "karpenter", "http-metrics")]
    # Its pods give the port no name; its service does.
    return [
        controller,
        _monitor("ServiceMonitor", cluster_autoscaler.PODS, "cluster-autoscaler", "http"),
    ]


def _monitor(kind: str, labels: Mapping[str, str], name: str, port: str) -> Manifest:
    endpoints = "podMetricsEndpoints" if kind == "PodMonitor" else "endpoints"
    spec: dict[str, Any] = {
        "selector": {"matchLabels": dict(labels)},
        endpoints: [{"port": port, "interval": INTERVAL}],
    }
    return Manifest(
        api_version="monitoring.coreos.com/v1",
        kind=kind,
        name=name,
        namespace="kube-system",
        fields={"spec": spec},
    )
