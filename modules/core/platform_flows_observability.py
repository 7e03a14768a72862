"""Flows of what watches a cluster: metrics, logs, traces, alerts, costs."""

from collections.abc import Mapping, Sequence

from .flows import End, Flow, Place, Transport, flow
from .mesh import ENVOY_METRICS_PORT, METRICS_PORT
from .platform_flows_pods import (
    ALERTMANAGER,
    ARGO_ROLLOUTS,
    CERT_MANAGER,
    CLUSTER_AUTOSCALER,
    DNS,
    FLUENT_BIT,
    GATEWAY,
    GRAFANA,
    ISTIOD,
    JAEGER,
    KARPENTER,
    KUBE_STATE_METRICS,
    KUBECOST_AGENT,
    LOAD_BALANCER_CONTROLLER,
    LOKI,
    LOKI_CHUNKS_CACHE,
    LOKI_GATEWAY,
    LOKI_RESULTS_CACHE,
    METRICS_SERVER,
    PROMETHEUS,
    PROMETHEUS_OPERATOR,
    SECRETS_OPERATOR_MANAGER,
    VAULT,
)

MONITORED: Mapping[str, tuple[End, tuple[int, ...]]] = {
    "mesh": (Place.MESH, (METRICS_PORT, ENVOY_METRICS_PORT)),
    "istiod": (ISTIOD, (15014,)),
    "argo-rollouts": (ARGO_ROLLOUTS, (8090,)),
    "cert-manager": (CERT_MANAGER, (9402,)),
    # 8080: what reloads their configuration.
    "prometheus": (PROMETHEUS, (9090, 8080)),
    "alertmanager": (ALERTMANAGER, (9093, 8080)),
    "prometheus-operator": (PROMETHEUS_OPERATOR, (10250,)),
    "kube-state-metrics": (KUBE_STATE_METRICS, (8080,)),
    "grafana": (GRAFANA, (3000,)),
    "loki": (LOKI, (3100,)),
    "loki-chunks-cache": (LOKI_CHUNKS_CACHE, (9150,)),
    "loki-results-cache": (LOKI_RESULTS_CACHE, (9150,)),
    "fluent-bit": (FLUENT_BIT, (2020,)),
    "jaeger": (JAEGER, (8888,)),
    "vault": (VAULT, (8200,)),
    "secrets-operator": (SECRETS_OPERATOR_MANAGER, (8443,)),
    "dns": (DNS, (9153,)),
    "metrics-server": (METRICS_SERVER, (10250,)),
    "load-balancer-controller": (LOAD_BALANCER_CONTROLLER, (8080,)),
    # Kubelets, and the node exporters on their nodes' network.
    "nodes": (Place.VPC, (10250, 9100)),
}
NODE_ADDERS: Mapping[bool, tuple[str, tuple[End, tuple[int, ...]]]] = {
    True: ("karpenter", (KARPENTER, (8080,))),
    False: ("cluster-autoscaler", (CLUSTER_AUTOSCALER, (8085,))),
}
OTLP_PORT = 4317


def scraped(name: str, target: End, ports: tuple[int, ...]) -> Flow:
    """Return the flow of Prometheus to a service's metrics."""
    return Flow(
        name=f"prometheus-to-{name}",
        source=PROMETHEUS,
        target=target,
        ports=ports,
        reason="Prometheus scrapes its metrics.",
    )


def observability_flows(*, karpenter: bool, opensearch_ports: Sequence[int]) -> tuple[Flow, ...]:
    """Return the flows of every cluster's metrics, logs, traces, alerts and costs."""
    adder, monitored = NODE_ADDERS[karpenter]
    return (
        *(scraped(name, *found) for name, found in {**MONITORED, adder: monitored}.items()),
        *_alerts(),
        *_logs(),
        *_traces(opensearch_ports),
        *_dashboards(),
        flow(
            "kubecost-agent-to-nodes",
            KUBECOST_AGENT,
            Place.VPC,
            10250,
            "The agent asks kubelets what pods use.",
        ),
        flow(
            "kubecost-agent-to-prices",
            KUBECOST_AGENT,
            Place.INTERNET,
            443,
            "The agent fetches AWS's list of prices, and keeps costs in the hub's bucket.",
        ),
    )


def _alerts() -> tuple[Flow, ...]:
    gossip = "Alertmanagers tell each other what they have sent."
    return (
        flow("prometheus-to-alerts", PROMETHEUS, ALERTMANAGER, 9093, "Prometheus hands alerts on."),
        *(
            Flow(
                name=f"alertmanager-members-{transport.lower()}",
                source=ALERTMANAGER,
                target=ALERTMANAGER,
                ports=(9094,),
                transport=transport,
                reason=gossip,
            )
            for transport in (Transport.TCP, Transport.UDP)
        ),
        flow(
            "alertmanager-to-receivers",
            ALERTMANAGER,
            Place.INTERNET,
            443,
            "Alerts go to people by Slack, PagerDuty or webhooks.",
        ),
        flow(
            "argo-rollouts-to-prometheus",
            ARGO_ROLLOUTS,
            PROMETHEUS,
            9090,
            "Analysis of a rollout asks how the new version does.",
        ),
    )


def _logs() -> tuple[Flow, ...]:
    return (
        flow("fluent-bit-to-loki", FLUENT_BIT, LOKI_GATEWAY, 8080, "Logs of all pods go to Loki."),
        flow("loki-gateway-to-loki", LOKI_GATEWAY, LOKI, 3100, "Loki's gateway hands calls on."),
        Flow(
            name="loki-members",
            source=LOKI,
            target=LOKI,
            ports=(3100, 7946, 9095),
            reason="Copies of Loki find each other and share queries and writes.",
        ),
        flow("loki-to-chunks-cache", LOKI, LOKI_CHUNKS_CACHE, 11211, "Loki keeps chunks there."),
        flow("loki-to-results-cache", LOKI, LOKI_RESULTS_CACHE, 11211, "Loki keeps results there."),
    )


def _traces(opensearch_ports: Sequence[int]) -> tuple[Flow, ...]:
    places = {"network": Place.VPC, "internet": Place.INTERNET} if opensearch_ports else {}
    return (
        flow("mesh-to-jaeger", Place.MESH, JAEGER, OTLP_PORT, "Proxies send spans by OTLP."),
        *(
            Flow(
                name=f"jaeger-to-opensearch-{name}",
                source=JAEGER,
                target=place,
                ports=tuple(opensearch_ports),
                reason="Jaeger keeps spans in an OpenSearch that is run elsewhere.",
            )
            for name, place in places.items()
        ),
    )


def _dashboards() -> tuple[Flow, ...]:
    return (
        flow("gateway-to-grafana", GATEWAY, GRAFANA, 3000, "People meet Grafana there."),
        flow("grafana-to-prometheus", GRAFANA, PROMETHEUS, 9090, "Grafana shows metrics."),
        flow("grafana-to-alertmanager", GRAFANA, ALERTMANAGER, 9093, "Grafana shows alerts."),
        flow("grafana-to-loki", GRAFANA, LOKI_GATEWAY, 8080, "Grafana shows logs."),
        flow("grafana-to-jaeger", GRAFANA, JAEGER, 16686, "Grafana shows traces."),
        flow("grafana-to-sign-in", GRAFANA, Place.INTERNET, 443, "Entra ID signs people in."),
    )
