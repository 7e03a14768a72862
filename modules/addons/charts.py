"""Every chart the platform installs, pinned: one constant a chart."""

from ..core.charts import Chart

# `stored_bytes`: measured 2026-11-21 at these versions, from the tags of the charts' repositories.

# renovate: datasource=helm depName=aws-load-balancer-controller registryUrl=https://aws.github.io/eks-charts
LOAD_BALANCER_CONTROLLER = Chart(
    repository="https://aws.github.io/eks-charts",
    name="aws-load-balancer-controller",
    version="3.5.0",
    app_version="v3.5.0",
    folder="aws-load-balancer-controller",
    stored_bytes=105_000,
)
# renovate: datasource=helm depName=metrics-server registryUrl=https://kubernetes-sigs.github.io/metrics-server
METRICS_SERVER = Chart(
    repository="https://kubernetes-sigs.github.io/metrics-server",
    name="metrics-server",
    version="3.13.1",
    app_version="0.8.1",
    folder="metrics-server",
    stored_bytes=28_000,
)
# renovate: datasource=helm depName=cluster-autoscaler registryUrl=https://kubernetes.github.io/autoscaler
CLUSTER_AUTOSCALER = Chart(
    repository="https://kubernetes.github.io/autoscaler",
    name="cluster-autoscaler",
    version="9.59.0",
    app_version="1.35.0",
    folder="cluster-autoscaler",
    stored_bytes=62_000,
)
# renovate: datasource=docker depName=public.ecr.aws/karpenter/karpenter-crd
KARPENTER_CRD = Chart(
    repository="oci://public.ecr.aws/karpenter",
    name="karpenter-crd",
    version="1.14.1",
    app_version="1.14.1",
    folder="karpenter-crd",
    stored_bytes=86_000,
)
# renovate: datasource=docker depName=public.ecr.aws/karpenter/karpenter
KARPENTER = Chart(
    repository="oci://public.ecr.aws/karpenter",
    name="karpenter",
    version="1.14.1",
    app_version="1.14.1",
    folder="karpenter",
    stored_bytes=79_000,
)
# renovate: datasource=docker depName=quay.io/jetstack/charts/cert-manager
CERT_MANAGER = Chart(
    repository="oci://quay.io/jetstack/charts",
    name="cert-manager",
    version="v1.21.1",
    app_version="v1.21.1",
    folder="cert-manager",
    stored_bytes=474_000,
)
# renovate: datasource=helm depName=tigera-operator registryUrl=https://docs.tigera.io/calico/charts
TIGERA_OPERATOR = Chart(
    repository="https://docs.tigera.io/calico/charts",
    name="tigera-operator",
    version="v3.32.1",
    app_version="v3.32.1",
    folder="tigera-operator",
    stored_bytes=27_000,
)
# renovate: datasource=helm depName=base registryUrl=https://istio-release.storage.googleapis.com/charts
ISTIO_BASE = Chart(
    repository="https://istio-release.storage.googleapis.com/charts",
    name="base",
    version="1.30.3",
    app_version="1.30.3",
    folder="istio-base",
    stored_bytes=320_000,
)
# renovate: datasource=helm depName=cni registryUrl=https://istio-release.storage.googleapis.com/charts
ISTIO_CNI = Chart(
    repository="https://istio-release.storage.googleapis.com/charts",
    name="cni",
    version="1.30.3",
    app_version="1.30.3",
    folder="istio-cni",
    stored_bytes=27_000,
)
# renovate: datasource=helm depName=istiod registryUrl=https://istio-release.storage.googleapis.com/charts
ISTIOD = Chart(
    repository="https://istio-release.storage.googleapis.com/charts",
    name="istiod",
    version="1.30.3",
    app_version="1.30.3",
    folder="istiod",
    stored_bytes=98_000,
)
# renovate: datasource=helm depName=gateway registryUrl=https://istio-release.storage.googleapis.com/charts
ISTIO_GATEWAY = Chart(
    repository="https://istio-release.storage.googleapis.com/charts",
    name="gateway",
    version="1.30.3",
    app_version="1.30.3",
    folder="istio-gateway",
    stored_bytes=27_000,
)
# renovate: datasource=helm depName=argo-rollouts registryUrl=https://argoproj.github.io/argo-helm
ARGO_ROLLOUTS = Chart(
    repository="https://argoproj.github.io/argo-helm",
    name="argo-rollouts",
    version="2.41.0",
    app_version="v1.9.0",
    folder="argo-rollouts",
    stored_bytes=200_000,
)
# renovate: datasource=helm depName=vault registryUrl=https://helm.releases.hashicorp.com
VAULT = Chart(
    repository="https://helm.releases.hashicorp.com",
    name="vault",
    version="0.34.1",
    app_version="2.0.4",
    folder="vault",
    stored_bytes=96_000,
)
# renovate: datasource=helm depName=vault-secrets-operator registryUrl=https://helm.releases.hashicorp.com
VAULT_SECRETS_OPERATOR = Chart(
    repository="https://helm.releases.hashicorp.com",
    name="vault-secrets-operator",
    version="1.4.1",
    app_version="1.4.1",
    folder="vault-secrets-operator",
    stored_bytes=85_000,
)
# renovate: datasource=docker depName=ghcr.io/prometheus-community/charts/kube-prometheus-stack
KUBE_PROMETHEUS_STACK = Chart(
    repository="oci://ghcr.io/prometheus-community/charts",
    name="kube-prometheus-stack",
    version="88.5.3",
    app_version="v0.93.1",
    folder="kube-prometheus-stack",
    stored_bytes=667_000,
)
# renovate: datasource=helm depName=aws-cloudwatch-metrics registryUrl=https://aws.github.io/eks-charts
CLOUDWATCH_METRICS = Chart(
    repository="https://aws.github.io/eks-charts",
    name="aws-cloudwatch-metrics",
    version="0.0.11",
    app_version="1.300032.2b361",
    folder="aws-cloudwatch-metrics",
    stored_bytes=10_000,
)
# renovate: datasource=docker depName=ghcr.io/grafana-community/helm-charts/loki
LOKI = Chart(
    repository="oci://ghcr.io/grafana-community/helm-charts",
    name="loki",
    version="18.11.0",
    app_version="3.7.6",
    folder="loki",
    stored_bytes=351_000,
)
# renovate: datasource=helm depName=aws-for-fluent-bit registryUrl=https://aws.github.io/eks-charts
FLUENT_BIT = Chart(
    repository="https://aws.github.io/eks-charts",
    name="aws-for-fluent-bit",
    version="0.2.0",
    app_version="3.2.1",
    folder="aws-for-fluent-bit",
    stored_bytes=38_000,
)
# renovate: datasource=helm depName=jaeger registryUrl=https://jaegertracing.github.io/helm-charts
JAEGER = Chart(
    repository="https://jaegertracing.github.io/helm-charts",
    name="jaeger",
    version="4.11.1",
    app_version="2.19.0",
    folder="jaeger",
    stored_bytes=28_000,
)
# renovate: datasource=helm depName=kubecost registryUrl=https://kubecost.github.io/kubecost
KUBECOST = Chart(
    repository="https://kubecost.github.io/kubecost",
    name="kubecost",
    version="3.2.1",
    app_version="3.2.1",
    folder="kubecost",
    stored_bytes=123_000,
)
# renovate: datasource=docker depName=ghcr.io/nginx/charts/nginx-ingress
NGINX_INGRESS = Chart(
    repository="oci://ghcr.io/nginx/charts",
    name="nginx-ingress",
    version="2.6.4",
    app_version="5.5.4",
    folder="nginx-ingress",
    stored_bytes=157_000,
)
# renovate: datasource=helm depName=argo-cd registryUrl=https://argoproj.github.io/argo-helm
ARGO_CD = Chart(
    repository="https://argoproj.github.io/argo-helm",
    name="argo-cd",
    version="10.1.1",
    app_version="v3.4.4",
    folder="argo-cd",
    stored_bytes=528_000,
)
# renovate: datasource=helm depName=rancher registryUrl=https://releases.rancher.com/server-charts/latest
RANCHER = Chart(
    repository="https://releases.rancher.com/server-charts/latest",
    name="rancher",
    version="2.15.0",
    app_version="v2.15.0",
    folder="rancher",
    stored_bytes=46_000,
)

CHARTS: tuple[Chart, ...] = (
    LOAD_BALANCER_CONTROLLER,
    METRICS_SERVER,
    CLUSTER_AUTOSCALER,
    KARPENTER_CRD,
    KARPENTER,
    CERT_MANAGER,
    TIGERA_OPERATOR,
    ISTIO_BASE,
    ISTIO_CNI,
    ISTIOD,
    ISTIO_GATEWAY,
    ARGO_ROLLOUTS,
    VAULT,
    VAULT_SECRETS_OPERATOR,
    KUBE_PROMETHEUS_STACK,
    CLOUDWATCH_METRICS,
    LOKI,
    FLUENT_BIT,
    JAEGER,
    KUBECOST,
    NGINX_INGRESS,
    ARGO_CD,
    RANCHER,
)
