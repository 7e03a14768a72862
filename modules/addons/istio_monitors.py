"""What Prometheus scrapes of the mesh: every proxy, and the control plane."""

from ..kubernetes.manifest import Manifest

API = "monitoring.coreos.com/v1"


def istio_monitors(namespace: str) -> list[Manifest]:
    """Return monitors of all proxies and of istiod.

    A proxy serves its own metrics together with its application's, on a port outside the mesh's
    mTLS. Source: Istio documentation, "Prometheus", metrics merging.
    """
    pod = "__meta_kubernetes_pod"
    return [
        Manifest(
            api_version=API,
            namespace=namespace,
            kind="PodMonitor",
            name="istio-proxies",
            fields={
                "spec": {
                    "namespaceSelector": {"any": True},
                    "selector": {},
                    "podMetricsEndpoints": [
                        {
                            "path": "/stats/prometheus",
                            "interval": "30s",
                            "relabelings": [
                                # Sidecars and gateways alike.
                                {
                                    "action": "keep",
                                    "sourceLabels": [f"{pod}_container_name"],
                                    "regex": "istio-proxy",
                                },
                                # Services bring a monitor of their own.
                                {
                                    "action": "drop",
                                    "sourceLabels": [f"{pod}_label_app_kubernetes_io_managed_by"],
                                    "regex": "ekp",
                                },
                                # One target a pod, whatever ports its containers name.
                                {
                                    "action": "keep",
                                    "sourceLabels": [f"{pod}_container_port_name"],
                                    "regex": "http-envoy-prom",
                                },
                                {
                                    "action": "replace",
                                    "sourceLabels": [f"{pod}_ip"],
                                    "regex": "(.+)",
                                    "replacement": "$1:15020",
                                    "targetLabel": "__address__",
                                },
                                {
                                    "action": "replace",
                                    "sourceLabels": ["__meta_kubernetes_namespace"],
                                    "targetLabel": "namespace",
                                },
                                {
                                    "action": "replace",
                                    "sourceLabels": [f"{pod}_name"],
                                    "targetLabel": "pod",
                                },
                            ],
                        }
                    ],
                }
            },
        ),
        Manifest(
            api_version=API,
            namespace=namespace,
            kind="ServiceMonitor",
            name="istiod",
            fields={
                "spec": {
                    "selector": {"matchLabels": {"istio": "pilot"}},
                    "endpoints": [{"port": "http-monitoring", "interval": "30s"}],
                }
            },
        ),
    ]
