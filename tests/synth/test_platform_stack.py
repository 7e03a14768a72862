"""The services of a cluster come in the order in which they need each other, at the size asked."""

from collections.abc import Mapping

import pytest

from tests.support.releases import after, named, objects, values
from tests.support.synth import Synth, ref

DEV, PROD = "dev-eu-west-1-platform", "prod-eu-west-1-platform"
PLATFORMS = [
    DEV,
    "qa-eu-west-1-platform",
    PROD,
    "prod-us-east-1-platform",
    "management-eu-west-1-platform",
]
# What every cluster has, by the names of its releases.
EVERYWHERE = {
    "platform-base",
    "aws-load-balancer-controller",
    "cluster-autoscaler",
    "kube-prometheus-stack",
    "prometheus-status",
    "early-monitors",
    "cert-manager",
    "cluster-issuers",
    "metrics-server",
    "calico-crds",
    "tigera-operator",
    "calico-status",
    "istio-base",
    "istio-cni",
    "istiod",
    "istio-monitors",
    "istio-ingressgateway",
    "argo-rollouts",
    "vault-certificate",
    "vault",
    "vault-init",
    "vault-snapshot",
    "vault-ca",
    "vault-secrets-operator",
    "loki",
    "aws-for-fluent-bit",
    "aws-cloudwatch-metrics",
    "jaeger",
}


def releases(plan: Synth) -> set[str]:
    """Return the names of a stack's releases."""
    return {release["name"] for release in plan.all("helm_release").values()}


@pytest.mark.requirement("R47")
@pytest.mark.requirement("R21")
@pytest.mark.parametrize("stack_id", PLATFORMS)
def test_every_cluster_has_every_service(stacks: Mapping[str, Synth], stack_id: str) -> None:
    found = releases(stacks[stack_id])

    assert found >= EVERYWHERE
    assert ("kubecost" in found) is not stack_id.startswith("management")


@pytest.mark.requirement("R38")
def test_shards_run_where_the_environment_lists_them(stacks: Mapping[str, Synth]) -> None:
    for stack_id in PLATFORMS:
        shards = {name for name in releases(stacks[stack_id]) if name.startswith("nginx-")}
        expected = {"nginx-api", "nginx-api-certificate"} if "prod" in stack_id else set()
        assert {name.replace("nginx-ingress-", "nginx-") for name in shards} == expected


BEFORE = [
    # A chart's namespace has its labels before the first pod.
    ("kube-prometheus-stack", "platform-base"),
    # Its webhook, were it on, would block whatever makes a Service; its bindings outlive nothing.
    ("kube-prometheus-stack", "aws-load-balancer-controller"),
    # Pods without room wait for nodes, and a release waits for its pods.
    ("kube-prometheus-stack", "cluster-autoscaler"),
    # Monitors are of its kinds.
    *((name, "kube-prometheus-stack") for name in ("cert-manager", "istiod", "loki", "vault")),
    ("prometheus-status", "kube-prometheus-stack"),
    ("early-monitors", "kube-prometheus-stack"),
    # Certificates and issuers are of its kinds, and its webhook judges them.
    ("cluster-issuers", "cert-manager"),
    ("metrics-server", "cluster-issuers"),
    ("vault-certificate", "cluster-issuers"),
    ("vault", "vault-certificate"),
    ("vault-init", "vault"),
    ("vault-secrets-operator", "vault-init"),
    ("tigera-operator", "calico-crds"),
    ("calico-status", "tigera-operator"),
    ("istiod", "istio-base"),
    ("istiod", "istio-cni"),
    # Its pods are made by the webhook of istiod.
    ("istio-ingressgateway", "istiod"),
    ("aws-for-fluent-bit", "loki"),
]


@pytest.mark.parametrize(("later", "earlier"), BEFORE)
def test_a_service_comes_after_what_it_needs(
    stacks: Mapping[str, Synth], later: str, earlier: str
) -> None:
    for stack_id in PLATFORMS:
        assert earlier in after(stacks[stack_id], later), stack_id


def test_a_shard_comes_after_the_mesh_it_joins_and_the_issuer_of_its_certificate(
    stacks: Mapping[str, Synth],
) -> None:
    (shard,) = (
        n for n in releases(stacks[PROD]) if n.startswith("nginx-") and "certificate" not in n
    )

    assert {"istiod", "cluster-issuers"} <= after(stacks[PROD], shard)


def test_nothing_is_made_before_the_namespaces_are_labelled(stacks: Mapping[str, Synth]) -> None:
    for stack_id in PLATFORMS:
        plan = stacks[stack_id]
        made = {o["metadata"]["name"] for o in objects(named(plan, "platform-base"))}
        for release in plan.all("helm_release").values():
            if release["name"] != "platform-base":
                assert "platform-base" in after(plan, release["name"]), release["name"]
                assert release["namespace"] in {*made, "kube-system"}


def test_volumes_have_a_default_class_before_the_first_claim(stacks: Mapping[str, Synth]) -> None:
    for stack_id in PLATFORMS:
        classes = [
            o for o in objects(named(stacks[stack_id], "platform-base")) if "Class" in o["kind"]
        ]
        assert {o["kind"]: o["metadata"]["name"] for o in classes} == {
            "PriorityClass": "ekp-platform",
            "StorageClass": "gp3",
        }


def test_production_runs_in_copies_and_development_in_one(stacks: Mapping[str, Synth]) -> None:
    copies = {
        stack_id: (
            values(named(stacks[stack_id], "aws-load-balancer-controller"))["replicaCount"],
            values(named(stacks[stack_id], "argo-rollouts"))["controller"]["replicas"],
        )
        for stack_id in (DEV, PROD)
    }

    assert copies == {DEV: (1, 1), PROD: (2, 2)}


@pytest.mark.requirement("R14")
@pytest.mark.requirement("R15")
@pytest.mark.parametrize(
    ("stack_id", "proxies"), [(PROD, 2), (DEV, 2), ("management-eu-west-1-platform", 1)]
)
def test_the_gateway_believes_as_many_proxies_as_stand_before_it(
    stacks: Mapping[str, Synth], stack_id: str, proxies: int
) -> None:
    gateway = values(named(stacks[stack_id], "istio-ingressgateway"))

    assert f'"numTrustedProxies": {proxies}' in gateway["podAnnotations"]["proxy.istio.io/config"]
    assert gateway["service"]["type"] == "ClusterIP"


@pytest.mark.requirement("R25")
def test_the_mesh_sends_its_traces_to_the_service_that_jaeger_makes(
    stacks: Mapping[str, Synth],
) -> None:
    for stack_id in PLATFORMS:
        plan = stacks[stack_id]
        (provider,) = values(named(plan, "istiod"))["meshConfig"]["extensionProviders"]
        jaeger = named(plan, "jaeger")
        assert provider["opentelemetry"]["service"] == (
            f"{jaeger['name']}.{jaeger['namespace']}.svc.cluster.local"
        )


def test_each_cluster_is_signed_in_to_by_a_token_of_the_deploying_role(
    stacks: Mapping[str, Synth],
) -> None:
    for stack_id in [*PLATFORMS, "management-eu-west-1-management"]:
        plan = stacks[stack_id]
        (helm,) = plan.json["provider"]["helm"]
        (role,) = plan.provider["assume_role"]
        login = helm["kubernetes"]["exec"]
        assert role["role_arn"] in login["args"]
        assert plan.provider["region"] in login["args"]
        # From the contract of another layer: never from a resource of the same state.
        assert "data.terraform_remote_state.cluster" in helm["kubernetes"]["host"]


@pytest.mark.requirement("R24")
def test_prometheus_reads_the_monitors_and_rules_of_all_releases_and_cloudwatch_has_an_agent(
    stacks: Mapping[str, Synth],
) -> None:
    for stack_id in PLATFORMS:
        spec = values(named(stacks[stack_id], "kube-prometheus-stack"))["prometheus"]
        selectors = ("serviceMonitor", "podMonitor", "rule")
        assert [
            spec["prometheusSpec"][f"{kind}SelectorNilUsesHelmValues"] for kind in selectors
        ] == [False, False, False]
        agent = values(named(stacks[stack_id], "aws-cloudwatch-metrics"))
        # The chart's own default is the text "cluster_name".
        assert agent["clusterName"].startswith("ekp-")


@pytest.mark.requirement("R26")
def test_the_logs_of_every_container_go_to_loki_and_to_an_encrypted_log_group(
    stacks: Mapping[str, Synth],
) -> None:
    for stack_id in PLATFORMS:
        plan = stacks[stack_id]
        shipped = values(named(plan, "aws-for-fluent-bit"))
        address = plan.address("aws_cloudwatch_log_group", "fluent-bit/log-group")
        assert shipped["cloudWatchLogs"]["logGroupName"] == ref(address, "name")
        assert plan.resources()[address]["kms_key_id"].startswith("${aws_kms_key.")
        assert "loki-gateway.observability.svc" in str(shipped)


@pytest.mark.requirement("R39")
def test_the_mesh_tells_of_every_request_in_logs_traces_and_metrics(
    stacks: Mapping[str, Synth],
) -> None:
    for stack_id in PLATFORMS:
        plan = stacks[stack_id]
        mesh = values(named(plan, "istiod"))["meshConfig"]
        assert (mesh["accessLogFile"], mesh["accessLogEncoding"]) == ("/dev/stdout", "JSON")
        assert mesh["defaultProviders"]["tracing"]
        monitors = {o["metadata"]["name"] for o in objects(named(plan, "istio-monitors"))}
        assert monitors == {"istio-proxies", "istiod"}


@pytest.mark.requirement("R43")
def test_vault_is_unsealed_by_a_key_of_its_own_and_keeps_nothing_in_the_clear(
    stacks: Mapping[str, Synth],
) -> None:
    for stack_id in PLATFORMS:
        plan = stacks[stack_id]
        server = values(named(plan, "vault"))["server"]
        config = server["ha"]["raft"]["config"]
        assert plan.address("aws_kms_key", "vault/unseal-key") in config
        assert 'seal "awskms"' in config
        assert "tls_disable" not in config
        (stored,) = (
            o for o in objects(named(plan, "platform-base")) if o["kind"] == "StorageClass"
        )
        assert stored["parameters"]["encrypted"] == "true"
