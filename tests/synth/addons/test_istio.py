"""The mesh: control plane before gateway, closed to the outside, honest about callers."""

from pathlib import Path
from typing import Any

from modules.addons.istio import (
    CNI,
    INGRESS,
    NAMESPACES,
    SYSTEM,
    Istio,
    IstioConfig,
)
from modules.core.availability import Availability
from modules.core.context import Context
from modules.core.mesh import GATEWAY
from modules.core.placement import Placement
from modules.kubernetes.namespaces import PodSecurity

import pytest
import yaml
from cdktf import TerraformStack
from pydantic import ValidationError

from tests.support.chart_values import complaints
from tests.support.custom_resources import mistakes
from tests.support.releases import after, named, objects, values
from tests.support.synth import Synth

MESH = "ekp-prod-euw1-eks"
JAEGER = "jaeger.observability.svc.cluster.local"


def synth(
    stack: TerraformStack,
    ctx: Context,
    *,
    availability: Availability = Availability.HIGH,
    trusted_proxies: int = 2,
    **changes: Any,
) -> Synth:
    Istio(
        stack,
        "istio",
        ctx=ctx,
        config=IstioConfig(**changes),
        availability=availability,
        trusted_proxies=trusted_proxies,
        tracing_service=JAEGER,
    )
    return Synth(stack)


def istiod(stack: TerraformStack, ctx: Context, **changes: Any) -> dict[str, Any]:
    return values(named(synth(stack, ctx, **changes), "istiod"))


def gateway(stack: TerraformStack, ctx: Context, **changes: Any) -> dict[str, Any]:
    return values(named(synth(stack, ctx, **changes), GATEWAY))


def proxy_config(found: dict[str, Any]) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(found["podAnnotations"]["proxy.istio.io/config"])
    return config


def test_the_gateway_comes_after_istiod_and_istiod_after_definitions_and_plugin(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    assert after(plan, "istio-base") == set()
    assert after(plan, "istio-cni") == {"istio-base"}
    assert after(plan, "istiod") == {"istio-base", "istio-cni"}
    assert after(plan, GATEWAY) == {"istio-base", "istio-cni", "istiod"}


def test_only_the_plugin_s_namespace_is_privileged_and_only_the_gateway_s_injected() -> None:
    assert {n.name: n.pod_security for n in NAMESPACES} == {
        "istio-system": PodSecurity.RESTRICTED,
        "istio-cni": PodSecurity.PRIVILEGED,
        "istio-ingress": PodSecurity.RESTRICTED,
    }
    assert [n.name for n in NAMESPACES if n.injection] == [INGRESS.name]


def test_each_release_is_in_its_namespace(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)

    assert {r["name"]: r["namespace"] for r in plan.all("helm_release").values()} == {
        "istio-base": SYSTEM.name,
        "istio-cni": CNI.name,
        "istiod": SYSTEM.name,
        "istio-monitors": SYSTEM.name,
        GATEWAY: INGRESS.name,
    }


def test_what_the_registry_does_not_know_is_out_of_reach(
    stack: TerraformStack, ctx: Context
) -> None:
    mesh = istiod(stack, ctx)["meshConfig"]

    assert mesh["outboundTrafficPolicy"] == {"mode": "REGISTRY_ONLY"}


def test_access_logs_are_json(stack: TerraformStack, ctx: Context) -> None:
    mesh = istiod(stack, ctx)["meshConfig"]

    assert (mesh["accessLogFile"], mesh["accessLogEncoding"]) == ("/dev/stdout", "JSON")


def test_workloads_speak_tls_1_3_and_everyone_else_1_2_at_least(
    stack: TerraformStack, ctx: Context
) -> None:
    mesh = istiod(stack, ctx)["meshConfig"]

    assert mesh["meshMTLS"] == {"minProtocolVersion": "TLSV1_3"}
    assert mesh["tlsDefaults"] == {"minProtocolVersion": "TLSV1_2"}


def test_an_application_starts_after_its_proxy(stack: TerraformStack, ctx: Context) -> None:
    mesh = istiod(stack, ctx)["meshConfig"]

    assert mesh["defaultConfig"]["holdApplicationUntilProxyStarts"] is True


def test_pods_of_the_mesh_need_no_privileged_container(stack: TerraformStack, ctx: Context) -> None:
    found = istiod(stack, ctx)

    assert found["cni"] == {"enabled": True}
    assert found["global"]["proxy"]["seccompProfile"] == {"type": "RuntimeDefault"}


def test_pod_identity_s_agent_is_out_of_the_mesh(stack: TerraformStack, ctx: Context) -> None:
    assert istiod(stack, ctx)["global"]["proxy"]["excludeIPRanges"] == "169.254.170.23/32"


@pytest.mark.requirement("R21")
def test_each_cluster_is_a_mesh_of_its_own(stack: TerraformStack, ctx: Context) -> None:
    found = istiod(stack, ctx)

    assert found["meshConfig"]["trustDomain"] == MESH
    assert found["global"]["meshID"] == MESH
    assert found["global"]["multiCluster"] == {"clusterName": MESH}


def test_spans_go_to_jaeger_by_otlp(stack: TerraformStack, ctx: Context) -> None:
    mesh = istiod(stack, ctx)["meshConfig"]

    assert mesh["extensionProviders"] == [
        {"name": "jaeger", "opentelemetry": {"service": JAEGER, "port": 4317}}
    ]
    assert mesh["defaultProviders"] == {"tracing": ["jaeger"]}
    assert mesh["enableTracing"] is True


def test_no_sampling_at_all_is_refused() -> None:
    # The chart would take it as unset and sample its own one percent.
    with pytest.raises(ValidationError, match="trace_sampling"):
        IstioConfig(trace_sampling=0)


@pytest.mark.parametrize("trusted_proxies", [1, 2])
def test_the_gateway_believes_as_many_proxies_as_stand_before_it(
    stack: TerraformStack, ctx: Context, trusted_proxies: int
) -> None:
    found = gateway(stack, ctx, trusted_proxies=trusted_proxies)

    assert proxy_config(found)["gatewayTopology"] == {"numTrustedProxies": trusted_proxies}


def test_the_gateway_makes_no_load_balancer(stack: TerraformStack, ctx: Context) -> None:
    assert gateway(stack, ctx)["service"] == {"type": "ClusterIP"}


def test_a_gateway_pod_ends_after_the_load_balancer_has_let_go_of_it(
    stack: TerraformStack, ctx: Context
) -> None:
    found = gateway(stack, ctx)
    drain = int(proxy_config(found)["terminationDrainDuration"].removesuffix("s"))

    # Target groups take 60 seconds.
    assert 60 < drain < found["terminationGracePeriodSeconds"]


def test_the_gateway_s_pods_are_found_by_its_selector(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)

    # The chart labels them with the release's name less this prefix.
    assert {"istio": named(plan, GATEWAY)["name"].removeprefix("istio-")} == {
        "istio": "ingressgateway"
    }


def test_the_gateway_fits_a_restricted_namespace(stack: TerraformStack, ctx: Context) -> None:
    security = gateway(stack, ctx)["securityContext"]

    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert [s["name"] for s in security["sysctls"]] == ["net.ipv4.ip_unprivileged_port_start"]


def test_high_availability_is_several_copies_apart_with_a_budget(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx, gateway_max_replicas=12)
    control, ingress = values(named(plan, "istiod")), values(named(plan, GATEWAY))

    assert (control["autoscaleEnabled"], control["autoscaleMin"]) == (True, 2)
    assert control["pdb"] == {"minAvailable": 1}
    assert ingress["autoscaling"]["minReplicas"] == 3
    assert ingress["autoscaling"]["maxReplicas"] == 12
    assert ingress["podDisruptionBudget"] == {"maxUnavailable": 1}
    for found, app in ((control, "istiod"), (ingress, GATEWAY)):
        assert found["topologySpreadConstraints"][0]["labelSelector"] == {
            "matchLabels": {"app": app}
        }
        assert found["resources"]["limits"]["memory"]


def test_otherwise_there_is_one_copy_and_no_budget(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx, availability=Availability.SINGLE)
    control, ingress = values(named(plan, "istiod")), values(named(plan, GATEWAY))

    # The chart makes a budget for two and more alone.
    assert (control["autoscaleEnabled"], control["replicaCount"]) == (False, 1)
    assert (ingress["autoscaling"]["enabled"], ingress["replicaCount"]) == (False, 1)
    assert "podDisruptionBudget" not in ingress


def test_the_gateway_can_have_nodes_of_its_own(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    placed = gateway(stack, ctx, gateway_placement=Placement(value="ingress"))

    assert placed["nodeSelector"] == {"workload": "ingress"}
    assert placed["tolerations"][0]["value"] == "ingress"
    assert "nodeSelector" not in gateway(other_stack, ctx)


def test_prometheus_scrapes_each_proxy_once_outside_the_mesh_s_mtls(
    stack: TerraformStack, ctx: Context, tmp_path: Path
) -> None:
    plan = synth(stack, ctx)
    found = objects(named(plan, "istio-monitors"))
    (pods,) = (one for one in found if one["kind"] == "PodMonitor")
    (endpoint,) = pods["spec"]["podMetricsEndpoints"]

    assert after(plan, "istio-monitors") >= {"istiod"}
    assert {one["kind"] for one in found} == {"PodMonitor", "ServiceMonitor"}
    assert endpoint["path"] == "/stats/prometheus"
    assert [
        r["replacement"] for r in endpoint["relabelings"] if r.get("targetLabel") == "__address__"
    ] == ["$1:15020"]
    assert mistakes(found, tmp_path) == []


@pytest.mark.parametrize(
    ("release", "folder"),
    [
        ("istio-base", "istio-base"),
        ("istio-cni", "istio-cni"),
        ("istiod", "istiod"),
        (GATEWAY, "istio-gateway"),
    ],
)
def test_the_charts_know_every_value(
    stack: TerraformStack, ctx: Context, tmp_path: Path, release: str, folder: str
) -> None:
    found = values(named(synth(stack, ctx, gateway_placement=Placement(value="ingress")), release))

    assert complaints(folder, {"merged": found}, tmp_path) == []
