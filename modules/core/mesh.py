"""Names that charts, policies and evaluators agree on: the mesh, its ways in, who knocks there."""

from collections.abc import Mapping

MESH_ROOT = "istio-system"
"""Objects without a selector in this namespace hold for the whole mesh."""
GATEWAY_NAMESPACE = "istio-ingress"
GATEWAY = "istio-ingressgateway"
"""Release, service, service account and the label ``app`` of the gateway's pods."""
GATEWAY_LABELS: Mapping[str, str] = {"app": GATEWAY}
NGINX_NAMESPACE = "nginx-ingress"
NGINX_CHART = "nginx-ingress"
TRACING_PROVIDER = "jaeger"
"""Name of the mesh's extension provider that takes spans."""

# Source: Istio documentation, "Ports used by Istio".
METRICS_PORT = 15020
"""Where a sidecar serves its application's metrics with its own."""
ENVOY_METRICS_PORT = 15090
GATEWAY_HEALTH_PORT = 15021
XDS_PORT = 15012
WEBHOOK_PORT = 15017


def shard_release(shard: str) -> str:
    """Return the name of a shard's release and of its pods' service account."""
    return f"{NGINX_CHART}-{shard}"


def shard_labels(shard: str) -> Mapping[str, str]:
    """Return the labels of a shard's pods."""
    return {"app.kubernetes.io/instance": shard_release(shard)}


def shard_service(shard: str) -> str:
    """Return the name of a shard's service, whose port 80 its target group is bound to."""
    return f"{shard_release(shard)}-controller"


def shard_class(shard: str) -> str:
    """Return the ingress class of a shard."""
    return f"nginx-{shard}"


def shard_watch_label(shard: str) -> tuple[str, str]:
    """Return the label of the namespaces that a shard serves; a namespace may carry several."""
    return f"nginx-shard.ekp/{shard}", "true"
