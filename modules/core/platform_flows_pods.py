"""The platform's pods by the names that flows use, with the labels that charts give them."""

from typing import Final

from .flows import Pods
from .mesh import GATEWAY_LABELS, GATEWAY_NAMESPACE, MESH_ROOT, NGINX_NAMESPACE, shard_labels

NAME: Final = "app.kubernetes.io/name"
COMPONENT: Final = "app.kubernetes.io/component"
PART_OF: Final = "app.kubernetes.io/part-of"
# Calico gives it to every pod, so nobody can claim it by writing it. Jobs are told apart by it:
# their pods' own labels carry the name of one run.
# Source: projectcalico/calico v3.32.1, k8s/conversion/workload_endpoint_default.go.
ACCOUNT: Final = "projectcalico.org/serviceaccount"

STORES: Final = "observability"
AGENTS: Final = "observability-agents"
VAULT_NAMESPACE: Final = "vault"


def run_as(namespace: str, account: str) -> Pods:
    """Return the pods that run under a service account."""
    return Pods(namespace, {ACCOUNT: account})


def shard(name: str) -> Pods:
    """Return the NGINX pods of a shard."""
    return Pods(NGINX_NAMESPACE, shard_labels(name))


def _stored(name: str, component: str | None = None) -> Pods:
    return Pods(STORES, {NAME: name, **({COMPONENT: component} if component else {})})


DNS = Pods("kube-system", {"k8s-app": "kube-dns"})
METRICS_SERVER = Pods("kube-system", {NAME: "metrics-server"})
LOAD_BALANCER_CONTROLLER = Pods("kube-system", {NAME: "aws-load-balancer-controller"})
KARPENTER = Pods("kube-system", {NAME: "karpenter"})
CLUSTER_AUTOSCALER = Pods("kube-system", {"app.kubernetes.io/instance": "cluster-autoscaler"})

ISTIOD = Pods(MESH_ROOT, {"app": "istiod"})
ISTIO_CNI = Pods("istio-cni", {"k8s-app": "istio-cni-node"})
GATEWAY = Pods(GATEWAY_NAMESPACE, GATEWAY_LABELS)
ARGO_ROLLOUTS = Pods("argo-rollouts", {NAME: "argo-rollouts"})

CERT_MANAGER = Pods("cert-manager")
CERT_MANAGER_WEBHOOK = Pods("cert-manager", {COMPONENT: "webhook"})

PROMETHEUS = _stored("prometheus")
ALERTMANAGER = _stored("alertmanager")
PROMETHEUS_OPERATOR = Pods(STORES, {"app": "kube-prometheus-stack-operator"})
KUBE_STATE_METRICS = _stored("kube-state-metrics")
GRAFANA = _stored("grafana")
LOKI = _stored("loki", "single-binary")
LOKI_GATEWAY = _stored("loki", "gateway")
LOKI_CHUNKS_CACHE = _stored("loki", "memcached-chunks-cache")
LOKI_RESULTS_CACHE = _stored("loki", "memcached-results-cache")
JAEGER = _stored("jaeger", "all-in-one")
FLUENT_BIT = Pods(AGENTS, {NAME: "aws-for-fluent-bit"})

VAULT = Pods(VAULT_NAMESPACE, {NAME: "vault", "component": "server"})
VAULT_INIT = run_as(VAULT_NAMESPACE, "vault-init")
VAULT_CONFIGURE = run_as(VAULT_NAMESPACE, "ekp-vault-configure")
VAULT_SNAPSHOT = run_as(VAULT_NAMESPACE, "vault-snapshot")
SECRETS_OPERATOR = Pods("vault-secrets-operator")
SECRETS_OPERATOR_MANAGER = Pods("vault-secrets-operator", {"control-plane": "controller-manager"})

KUBECOST_AGENT = Pods("kubecost", {PART_OF: "finops-agent"})
KUBECOST_AGGREGATOR = Pods("kubecost", {NAME: "aggregator"})
KUBECOST_CLOUD_COST = Pods("kubecost", {NAME: "cloud-cost"})
KUBECOST_FORECASTING = Pods("kubecost", {NAME: "forecasting"})
KUBECOST_FRONTEND = Pods("kubecost", {"app": "cost-analyzer"})


def _argo_cd(name: str) -> Pods:
    return Pods("argocd", {NAME: f"argocd-{name}"})


ARGO_CD_CONTROLLER = _argo_cd("application-controller")
ARGO_CD_SERVER = _argo_cd("server")
ARGO_CD_REPOSITORIES = _argo_cd("repo-server")
ARGO_CD_SETS = _argo_cd("applicationset-controller")
ARGO_CD_NOTIFICATIONS = _argo_cd("notifications-controller")
ARGO_CD_REDIS = _argo_cd("redis")
ARGO_CD_REDIS_SECRET = _argo_cd("redis-secret-init")
# Of the subchart, which is there with high availability.
ARGO_CD_REDIS_PROXY = Pods("argocd", {"app": "redis-ha-haproxy"})
ARGO_CD_REDIS_HA = Pods("argocd", {"app": "redis-ha"})
CLUSTER_REGISTRAR = run_as("argocd", "cluster-registrar")

RANCHER_NAMESPACE: Final = "cattle-system"
RANCHER = Pods(RANCHER_NAMESPACE, {"app": "rancher"})
