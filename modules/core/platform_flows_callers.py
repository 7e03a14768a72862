"""Flows to the Kubernetes API and to AWS: each caller by name, so that no other pod calls them."""

from collections.abc import Mapping, Sequence

from .flows import Flow, Place, Pods
from .platform_flows_pods import (
    ARGO_CD_CONTROLLER,
    ARGO_CD_SERVER,
    ARGO_CD_SETS,
    ARGO_ROLLOUTS,
    CERT_MANAGER,
    CLUSTER_REGISTRAR,
    FLUENT_BIT,
    GRAFANA,
    ISTIO_CNI,
    ISTIOD,
    KUBE_STATE_METRICS,
    KUBECOST_AGENT,
    KUBECOST_AGGREGATOR,
    KUBECOST_CLOUD_COST,
    LOKI,
    PROMETHEUS,
    PROMETHEUS_OPERATOR,
    SECRETS_OPERATOR,
    STORES,
    VAULT,
    VAULT_INIT,
    VAULT_NAMESPACE,
    VAULT_SNAPSHOT,
    run_as,
    shard,
)

API_CALLERS: Mapping[str, tuple[Pods, str]] = {
    "istiod": (ISTIOD, "watches services, pods and Istio's objects"),
    "istio-cni": (ISTIO_CNI, "mends pods that came before the plugin of their node"),
    "argo-rollouts": (ARGO_ROLLOUTS, "moves pods and routes of a rollout"),
    "cert-manager": (CERT_MANAGER, "writes certificates, and its jobs wait until it does"),
    "prometheus": (PROMETHEUS, "finds what to scrape, and scrapes the API server itself"),
    "prometheus-operator": (PROMETHEUS_OPERATOR, "makes Prometheus of its objects"),
    "prometheus-definitions": (
        run_as(STORES, "kube-prometheus-stack-upgrade"),
        "is the chart's job that brings definitions to its version",
    ),
    "prometheus-admission": (
        run_as(STORES, "kube-prometheus-stack-admission"),
        "is the chart's job that gives the webhook its certificate",
    ),
    "prometheus-wait": (
        run_as(STORES, "wait-for-prometheus"),
        "is the job that waits until Prometheus is there",
    ),
    "kube-state-metrics": (KUBE_STATE_METRICS, "counts the cluster's objects"),
    "grafana": (GRAFANA, "reads dashboards from ConfigMaps"),
    "fluent-bit": (FLUENT_BIT, "asks which pod a log is of"),
    "vault": (VAULT, "checks the tokens of service accounts, and labels its leader's pod"),
    "vault-wait": (
        run_as(VAULT_NAMESPACE, "vault-certificate-ready"),
        "is the job that waits for Vault's certificate",
    ),
    "secrets-operator": (SECRETS_OPERATOR, "writes Secrets, as do the chart's own jobs"),
    "kubecost-agent": (KUBECOST_AGENT, "counts what workloads ask for"),
}

# By "<namespace>/<service account>" of a role. CloudWatch's agent is on its node's network.
AWS_CALLERS: Mapping[str, Mapping[str, Pods]] = {
    "observability-agents/fluent-bit": {"fluent-bit": FLUENT_BIT},
    "observability/loki": {"loki": LOKI},
    "vault/vault": {"vault": VAULT},
    "vault/vault-init": {"vault-init": VAULT_INIT},
    "vault/vault-snapshot": {"vault-snapshot": VAULT_SNAPSHOT},
    "kubecost/kubecost-agent": {"kubecost-agent": KUBECOST_AGENT},
}
AWS_CALLERS_OF_HUB: Mapping[str, Mapping[str, Pods]] = {
    "kubecost/kubecost": {
        "kubecost-aggregator": KUBECOST_AGGREGATOR,
        "kubecost-cloud-cost": KUBECOST_CLOUD_COST,
    },
    "argocd/argocd-application-controller": {"argo-cd-controller": ARGO_CD_CONTROLLER},
    "argocd/argocd-applicationset-controller": {"argo-cd-sets": ARGO_CD_SETS},
    "argocd/argocd-server": {"argo-cd-server": ARGO_CD_SERVER},
    "argocd/cluster-registrar": {"cluster-registrar": CLUSTER_REGISTRAR},
}


def to_api(name: str, pods: Pods, does: str) -> Flow:
    """Return the flow of a caller to the Kubernetes API; ``does`` goes on from "It"."""
    return Flow(
        name=f"{name}-to-api",
        source=pods,
        target=Place.CONTROL_PLANE,
        ports=(443,),
        reason=f"Calls the Kubernetes API: it {does}.",
    )


def api_flows(shards: Sequence[str]) -> tuple[Flow, ...]:
    """Return the flows of every cluster's callers to the Kubernetes API."""
    return (
        *(to_api(name, pods, does) for name, (pods, does) in API_CALLERS.items()),
        *(
            to_api(f"nginx-{name}", shard(name), "watches the shard's hosts and their services")
            for name in sorted(shards)
        ),
    )


def aws_flows(*, hub: bool) -> tuple[Flow, ...]:
    """Return the flows of every workload with an AWS role: to AWS, and for its credentials."""
    accounts = {**AWS_CALLERS, **(AWS_CALLERS_OF_HUB if hub else {})}
    return tuple(
        flow
        for callers in accounts.values()
        for name, pods in callers.items()
        for flow in _to_aws(name, pods)
    )


def _to_aws(name: str, pods: Pods) -> tuple[Flow, ...]:
    return (
        Flow(
            name=f"{name}-to-aws-endpoints",
            source=pods,
            target=Place.VPC,
            ports=(443,),
            reason="Calls AWS, its security token service among it, by the VPC's endpoints.",
        ),
        Flow(
            name=f"{name}-to-aws",
            source=pods,
            target=Place.INTERNET,
            ports=(443,),
            reason="Calls AWS by public addresses: S3's, and those of services without an endpoint "
            "in the VPC.",
        ),
        Flow(
            name=f"{name}-to-pod-identity",
            source=pods,
            target=Place.POD_IDENTITY,
            ports=(80,),
            reason="Gets the credentials of its AWS role from the agent on its node.",
        ),
    )
