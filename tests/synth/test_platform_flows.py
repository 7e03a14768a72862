"""Every workload that a stack installs finds its flows in the table, under its own labels."""

from collections.abc import Iterator, Mapping
from typing import Any

from modules.addons import (
    argo_cd,
    argo_rollouts,
    cert_manager,
    cluster_autoscaler,
    groundwork,
    istio,
    jaeger,
    karpenter,
    kubecost,
    kubecost_aggregator,
    load_balancer_controller,
    metrics_server,
    observability,
    rancher,
    vault_secrets_operator,
)
from modules.core import platform_flows_pods as pods
from modules.core.flows import Flow, Pods
from modules.core.mesh import shard_release
from modules.core.platform_flows import SYSTEM_NAMESPACES, platform_flows
from modules.core.platform_flows_callers import AWS_CALLERS, AWS_CALLERS_OF_HUB
from modules.core.platform_flows_rancher import AGENT_JOB, EVERYWHERE, ON_HUB, REGISTRAR
from modules.kubernetes import vault_config
from modules.kubernetes.vault import INIT, SNAPSHOT

import pytest
import yaml

from tests.support.chart_values import CHARTS
from tests.support.releases import objects, values
from tests.support.service_accounts import trusted
from tests.support.synth import Synth, document

# On its node's network, where no policy selects it.
ON_NODES = "observability-agents/cloudwatch-agent"
# What scrapes a release's monitors, by the release's name.
SCRAPED: Mapping[str, tuple[str, ...]] = {
    "argo-rollouts": ("argo-rollouts",),
    "argocd": (
        "argo-cd-controller",
        "argo-cd-server",
        "argo-cd-repositories",
        "argo-cd-sets",
        "argo-cd-notifications",
    ),
    "aws-for-fluent-bit": ("fluent-bit",),
    "cert-manager": ("cert-manager",),
    "kubecost": ("kubecost-aggregator",),
    "loki": ("loki", "loki-chunks-cache", "loki-results-cache"),
    "metrics-server": ("metrics-server",),
    "vault": ("vault",),
    "vault-secrets-operator": ("secrets-operator",),
}
# What scrapes the target of a monitor that is an object of its own.
MONITORS: Mapping[str, str] = {
    "aws-load-balancer-controller": "load-balancer-controller",
    "cluster-autoscaler": "cluster-autoscaler",
    "karpenter": "karpenter",
    "istio-proxies": "mesh",
    "istiod": "istiod",
    "jaeger": "jaeger",
}


def releases(plan: Synth) -> dict[str, Mapping[str, Any]]:
    return {one["name"]: one for one in plan.all("helm_release").values()}


def flows_of(stack: str, stacks: Mapping[str, Synth]) -> dict[str, Flow]:
    """Return the flows of the cluster that a stack installs in."""
    cluster = stack.rpartition("-")[0]
    installed = releases(stacks[f"{cluster}-platform"])
    prefix = shard_release("")
    found = platform_flows(
        hub=f"{cluster}-management" in stacks,
        shards=[
            name.removeprefix(prefix)
            for name in installed
            if name.startswith(prefix) and not name.endswith("-certificate")
        ],
        karpenter="karpenter" in installed,
    )
    return {flow.name: flow for flow in found}


def switched_on(value: Any) -> bool:
    """Tell whether values turn a ServiceMonitor on, at any depth."""
    if not isinstance(value, Mapping):
        return False
    return any(
        (key.lower() == "servicemonitor" and isinstance(found, Mapping) and found.get("enabled"))
        or switched_on(found)
        for key, found in value.items()
    )


def monitors(release: Mapping[str, Any]) -> Iterator[str]:
    """Return the names of monitors that a release brings as objects."""
    found = values(release)
    brought = objects(release) if "objects" in found else found.get("extraObjects", [])
    for one in brought:
        if one["kind"] in ("ServiceMonitor", "PodMonitor"):
            yield one["metadata"]["name"]


def test_whatever_a_stack_lets_prometheus_scrape_has_a_flow(stacks: Mapping[str, Synth]) -> None:
    seen: set[str] = set()
    for stack, plan in stacks.items():
        for name, release in releases(plan).items():
            targets = [MONITORS[monitor] for monitor in monitors(release)]
            if name != "kube-prometheus-stack" and switched_on(values(release)):
                targets += SCRAPED[name]
            wanted = {f"prometheus-to-{target}" for target in targets}
            assert wanted <= set(flows_of(stack, stacks) if wanted else ()), (stack, name)
            seen |= {name} if targets else set()

    assert set(SCRAPED) <= seen


def test_whoever_has_a_role_reaches_aws_and_nobody_else_does(stacks: Mapping[str, Synth]) -> None:
    expected = {*AWS_CALLERS, *AWS_CALLERS_OF_HUB, *REGISTRAR, *AGENT_JOB}
    # What services may call is theirs to say.
    spaces = {"shop"}
    found = {account for plan in stacks.values() for account in accounts(plan)}

    outside = {
        account
        for account in found
        if account.partition("/")[0] not in {*SYSTEM_NAMESPACES, *spaces}
    }
    assert outside == expected | {ON_NODES}


def accounts(plan: Synth) -> Iterator[str]:
    for role in plan.all("aws_iam_role").values():
        statements = document(role["assume_role_policy"])["Statement"]
        if any("sts:AssumeRoleWithWebIdentity" in one["Action"] for one in statements):
            yield trusted(role)
    for one in plan.all("aws_eks_pod_identity_association").values():
        yield f"{one['namespace']}/{one['service_account']}"


@pytest.mark.parametrize("account", [*AWS_CALLERS, *AWS_CALLERS_OF_HUB])
def test_whoever_has_a_role_gets_credentials_and_calls_aws(account: str) -> None:
    callers = {**AWS_CALLERS, **AWS_CALLERS_OF_HUB}[account]
    flows = platform_flows(hub=True, shards=(), karpenter=False)

    for name, source in callers.items():
        own = {f.name: (str(f.target), f.ports) for f in flows if f.source == source}
        assert source.namespace == account.partition("/")[0]
        assert own[f"{name}-to-aws-endpoints"] == ("vpc", (443,))
        assert own[f"{name}-to-aws"] == ("internet", (443,))
        assert own[f"{name}-to-pod-identity"] == ("pod-identity", (80,))


def test_every_namespace_of_a_flow_is_one_that_a_stack_makes_or_rancher() -> None:
    made = {one.name for one in groundwork.NAMESPACES}
    made |= {argo_cd.NAMESPACE.name, rancher.NAMESPACE.name}
    named = {
        end.namespace
        for flow in platform_flows(hub=True, shards=("media",), karpenter=True)
        for end in (flow.source, flow.target)
        if isinstance(end, Pods)
    }

    assert named - made == {"kube-system", *EVERYWHERE, *ON_HUB} - made


@pytest.mark.parametrize(
    ("found", "namespace", "labels"),
    [
        (pods.METRICS_SERVER, metrics_server.NAMESPACE, metrics_server.PODS),
        (pods.LOAD_BALANCER_CONTROLLER, "kube-system", load_balancer_controller.PODS),
        (pods.KARPENTER, "kube-system", karpenter.PODS),
        (pods.CLUSTER_AUTOSCALER, "kube-system", cluster_autoscaler.PODS),
        (pods.ARGO_ROLLOUTS, argo_rollouts.NAMESPACE.name, argo_rollouts.PODS),
        (pods.CERT_MANAGER, cert_manager.NAMESPACE.name, {}),
        (pods.ISTIO_CNI, istio.CNI.name, {"k8s-app": "istio-cni-node"}),
        (pods.PROMETHEUS, observability.STORES.name, {pods.NAME: "prometheus"}),
        (pods.FLUENT_BIT, observability.AGENTS.name, {pods.NAME: "aws-for-fluent-bit"}),
        (
            pods.JAEGER,
            jaeger.NAMESPACE.name,
            {pods.NAME: observability.JAEGER, pods.COMPONENT: "all-in-one"},
        ),
        (pods.VAULT_INIT, vault_config.NAMESPACE, {pods.ACCOUNT: INIT}),
        (pods.VAULT_SNAPSHOT, vault_config.NAMESPACE, {pods.ACCOUNT: SNAPSHOT}),
        (pods.SECRETS_OPERATOR, vault_secrets_operator.NAMESPACE.name, {}),
        (
            pods.KUBECOST_AGENT,
            kubecost.NAMESPACE.name,
            {pods.PART_OF: "finops-agent"},
        ),
        (pods.RANCHER, rancher.NAMESPACE.name, rancher.PODS),
    ],
)
def test_pods_are_named_as_their_services_label_them(
    found: Pods, namespace: str, labels: Mapping[str, str]
) -> None:
    assert (found.namespace, dict(found.labels)) == (namespace, dict(labels))


@pytest.mark.parametrize(
    ("found", "labels"),
    [
        (pods.SECRETS_OPERATOR_MANAGER, vault_secrets_operator.PODS),
        (pods.KUBECOST_FRONTEND, kubecost_aggregator.FRONTEND_PODS),
    ],
)
def test_a_label_that_names_pods_is_one_that_their_service_knows(
    found: Pods, labels: Mapping[str, str]
) -> None:
    assert found.labels.items() <= labels.items()


@pytest.mark.parametrize(
    ("found", "release", "path"),
    [
        (pods.ISTIOD, "istiod", ""),
        (pods.GATEWAY, "istio-ingressgateway", ""),
        (pods.ARGO_ROLLOUTS, "argo-rollouts", "controller"),
        (pods.CERT_MANAGER_WEBHOOK, "cert-manager", "webhook"),
        (pods.PROMETHEUS, "kube-prometheus-stack", "prometheus.prometheusSpec"),
        (pods.ALERTMANAGER, "kube-prometheus-stack", "alertmanager.alertmanagerSpec"),
        (pods.LOKI, "loki", "singleBinary"),
        (pods.LOKI_GATEWAY, "loki", "gateway"),
        (pods.SECRETS_OPERATOR_MANAGER, "vault-secrets-operator", "controller"),
        (pods.shard("api"), "nginx-ingress-api", "controller"),
    ],
)
def test_pods_have_the_labels_by_which_they_are_spread_over_zones(
    stacks: Mapping[str, Synth], found: Pods, release: str, path: str
) -> None:
    installed = releases(stacks["prod-eu-west-1-platform"])[release]
    value = values(installed)
    for key in path.split(".") if path else ():
        value = value[key]
    (labels,) = {
        tuple(one["labelSelector"]["matchLabels"].items())
        for one in value["topologySpreadConstraints"]
    }

    assert found.namespace == installed["namespace"]
    assert dict(found.labels).items() <= dict(labels).items()


@pytest.mark.parametrize(
    ("stack", "release", "account"),
    [
        ("prod-eu-west-1-platform", "prometheus-status", "wait-for-prometheus"),
        ("prod-eu-west-1-platform", "vault-certificate", "vault-certificate-ready"),
        ("prod-eu-west-1-platform", "vault-init", "vault-init"),
        ("prod-eu-west-1-platform", "vault-snapshot", "vault-snapshot"),
        ("prod-eu-west-1-tenants", "vault-configure", "ekp-vault-configure"),
        ("prod-eu-west-1-tenants", "rancher-agent", "rancher-agent"),
        ("management-eu-west-1-management", "cluster-registrar", "cluster-registrar"),
        ("management-eu-west-1-management", "rancher-registrar", "rancher-registrar"),
    ],
)
def test_a_job_outside_the_system_has_flows_under_its_service_account(
    stacks: Mapping[str, Synth], stack: str, release: str, account: str
) -> None:
    plan = stacks[stack]
    platform = f"{stack.rpartition('-')[0]}-platform"
    made = {
        one["metadata"]["name"]
        for one in objects(releases(plan)[release])
        if one["kind"] == "ServiceAccount"
    }
    named = {
        flow.source.labels.get(pods.ACCOUNT)
        for flow in flows_of(platform, stacks).values()
        if isinstance(flow.source, Pods)
    }

    assert account in made & named


@pytest.mark.parametrize(
    ("chart", "path", "flow"),
    [
        ("argo-cd", "controller.containerPorts.metrics", "prometheus-to-argo-cd-controller"),
        ("argo-cd", "server.containerPorts.metrics", "prometheus-to-argo-cd-server"),
        ("argo-cd", "repoServer.containerPorts.metrics", "prometheus-to-argo-cd-repositories"),
        ("argo-cd", "applicationSet.containerPorts.metrics", "prometheus-to-argo-cd-sets"),
        ("argo-cd", "notifications.containerPorts.metrics", "prometheus-to-argo-cd-notifications"),
        ("argo-cd", "server.containerPorts.server", "gateway-to-argo-cd"),
        ("argo-cd", "repoServer.containerPorts.server", "argo-cd-server-to-repositories"),
        ("argo-cd", "redis.containerPorts.redis", "argo-cd-server-to-redis"),
        ("argo-rollouts", "controller.containerPorts.metrics", "prometheus-to-argo-rollouts"),
        ("cert-manager", "webhook.securePort", "api-to-cert-manager-webhook"),
        (
            "kube-prometheus-stack",
            "prometheusOperator.tls.internalPort",
            "api-to-prometheus-operator-webhook",
        ),
        ("kube-prometheus-stack", "coreDns.service.targetPort", "prometheus-to-dns"),
        ("kube-prometheus-stack", "prometheus.service.targetPort", "grafana-to-prometheus"),
        ("kube-prometheus-stack", "alertmanager.service.targetPort", "prometheus-to-alerts"),
        ("kubecost", "frontend.service.targetPort", "gateway-to-kubecost"),
        ("loki", "loki.server.http_listen_port", "loki-gateway-to-loki"),
        ("loki", "loki.server.grpc_listen_port", "loki-members"),
        ("loki", "gateway.containerPort", "fluent-bit-to-loki"),
        ("loki", "chunksCache.port", "loki-to-chunks-cache"),
        ("metrics-server", "containerPort", "prometheus-to-metrics-server"),
        ("nginx-ingress", "controller.containerPort.http", "balancers-to-nginx-media"),
        ("vault", "server.service.targetPort", "secrets-operator-to-vault"),
    ],
)
def test_a_flow_leads_to_the_port_that_the_chart_s_pods_listen_on(
    chart: str, path: str, flow: str
) -> None:
    file = CHARTS / chart / "values.yaml"
    if not file.is_file():
        pytest.skip(f"the charts are not at hand: {file} is missing")
    port = yaml.safe_load(file.read_text(encoding="utf-8"))
    for key in path.split("."):
        port = port[key]
    (found,) = (
        one
        for one in platform_flows(hub=True, shards=("media",), karpenter=False)
        if one.name == flow
    )

    assert int(port) in found.ports
