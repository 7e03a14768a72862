"""Which Kubernetes minors each chart is for: what Helm refuses, and what its makers test."""

from collections.abc import Mapping
from dataclasses import dataclass

from .charts import Chart
from .kubernetes_versions import SUPPORT, KubernetesVersion


@dataclass(frozen=True, slots=True)
class Compatibility:
    """What a chart and its project say of Kubernetes."""

    source: str
    at_least: KubernetesVersion | None = None
    """First minor of ``kubeVersion`` in ``Chart.yaml``: Helm refuses older ones."""
    below: KubernetesVersion | None = None
    """First minor that ``kubeVersion`` leaves out again."""
    tested: tuple[KubernetesVersion, ...] | None = None
    """Minors that the project names for this version; None: it names none."""


def _minor(version: KubernetesVersion) -> int:
    return int(version.partition(".")[2])


def _from(first: KubernetesVersion, last: KubernetesVersion | None = None) -> tuple[str, ...]:
    """Return the minors of the support calendar from the first to the last."""
    newest = max(map(_minor, SUPPORT)) if last is None else _minor(last)
    return tuple(minor for minor in SUPPORT if _minor(first) <= _minor(minor) <= newest)


_CHART = "kubeVersion of Chart.yaml; the project names no minors"
_ISTIO = Compatibility("istio.io, announcing Istio 1.30.0", tested=_from("1.32", "1.36"))
_KARPENTER = Compatibility(
    "karpenter.sh, compatibility matrix, Karpenter >= 1.13", tested=_from("1.30", "1.36")
)

# Read 2026-11, by the chart's folder in helm-values; what is pinned is in modules/addons/charts.py.
COMPATIBILITY: Mapping[str, Compatibility] = {
    "aws-load-balancer-controller": Compatibility(
        "kubernetes-sigs/aws-load-balancer-controller, docs/deploy/installation.md",
        tested=_from("1.22"),
    ),
    "metrics-server": Compatibility(
        "kubernetes-sigs/metrics-server, README, compatibility matrix 0.8.x", tested=_from("1.31")
    ),
    # The image is of the cluster's own minor; the add-on says which.
    "cluster-autoscaler": Compatibility(
        "kubernetes/autoscaler, cluster-autoscaler/README.md, releases", tested=_from("1.31")
    ),
    "karpenter-crd": _KARPENTER,
    "karpenter": _KARPENTER,
    "cert-manager": Compatibility(
        "cert-manager.io, supported releases, 1.21",
        at_least="1.22",
        tested=_from("1.33", "1.36"),
    ),
    "tigera-operator": Compatibility(
        "docs.tigera.io, Calico 3.32, system requirements: others may work, and are not tested",
        tested=_from("1.34", "1.36"),
    ),
    "istio-base": _ISTIO,
    "istio-cni": _ISTIO,
    "istiod": _ISTIO,
    "istio-gateway": _ISTIO,
    "argo-rollouts": Compatibility(_CHART),
    "vault": Compatibility(
        "hashicorp/vault-helm, CHANGELOG 0.33.0, the last to name minors",
        at_least="1.20",
        tested=_from("1.32", "1.36"),
    ),
    "vault-secrets-operator": Compatibility(
        "hashicorp/vault-secrets-operator, CHANGELOG 1.4.1",
        at_least="1.21",
        tested=_from("1.32", "1.36"),
    ),
    "kube-prometheus-stack": Compatibility(_CHART, at_least="1.25"),
    "aws-cloudwatch-metrics": Compatibility(_CHART),
    "loki": Compatibility(_CHART, at_least="1.25"),
    "aws-for-fluent-bit": Compatibility(_CHART),
    "jaeger": Compatibility(_CHART, at_least="1.21"),
    "kubecost": Compatibility(_CHART),
    "nginx-ingress": Compatibility(
        "docs.nginx.com, NGINX Ingress Controller, changelog, compatibility matrix 5.5.4",
        at_least="1.25",
        tested=_from("1.29", "1.36"),
    ),
    "argo-cd": Compatibility(
        "argoproj/argo-cd, docs/operator-manual/tested-kubernetes-versions.md, 3.4",
        at_least="1.25",
        tested=_from("1.32", "1.35"),
    ),
    "rancher": Compatibility(_CHART, below="1.37"),
}

SUPPORTED: tuple[KubernetesVersion, ...] = ("1.34", "1.35")
"""Minors of the support calendar that the makers of every pinned chart test, or say nothing of."""


def admits(chart: Chart, minor: KubernetesVersion) -> str | None:
    """Return why Helm would refuse a chart on clusters of a Kubernetes minor; None: it would not.

    Raises:
        KeyError: nothing is known of the chart; add it here.
    """
    known = COMPATIBILITY[chart.folder]
    if known.at_least and _minor(minor) < _minor(known.at_least):
        limit = f"Kubernetes {known.at_least} or newer"
    elif known.below and _minor(minor) >= _minor(known.below):
        limit = f"Kubernetes before {known.below}"
    else:
        return None
    return (
        f"chart {chart.name} {chart.version} is for {limit}, the cluster runs {minor}; "
        "upgrade the cluster one minor at a time, or pin another version in "
        "modules/addons/charts.py"
    )


def untested(chart: Chart, minor: KubernetesVersion) -> bool:
    """Tell whether a chart's makers name the minors that they test, and this one is none of them.

    Raises:
        KeyError: nothing is known of the chart; add it here.
    """
    tested = COMPATIBILITY[chart.folder].tested
    return tested is not None and minor not in tested
