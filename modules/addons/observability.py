"""Namespaces of metrics, logs and traces, and the addresses that they meet at."""

from ..kubernetes.namespaces import Namespace, PodSecurity

STORES = Namespace(name="observability", pod_security=PodSecurity.RESTRICTED)
"""What keeps and shows: Prometheus, Alertmanager, Grafana, Loki, Jaeger."""
AGENTS = Namespace(name="observability-agents", pod_security=PodSecurity.PRIVILEGED)
"""What reads the nodes: it mounts their folders, which only a privileged namespace admits."""

LOKI_HOST = f"loki-gateway.{STORES.name}.svc"
LOKI_TENANT = "platform"
"""Loki keeps logs by tenant; whoever asks names one."""
JAEGER = "jaeger"
"""Name of Jaeger's release and of its one Service."""
