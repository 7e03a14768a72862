"""NGINX shards: one class each, apart from each other, and one that brings the definitions."""

from collections.abc import Sequence
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from modules.addons.cert_manager import INTERNAL_ISSUER
from modules.addons.nginx import (
    NAMESPACE,
    Nginx,
    NginxConfig,
)
from modules.aws.target_group import nginx_shard
from modules.core.availability import Availability
from modules.core.hosts import Shard
from modules.core.mesh import shard_class, shard_release, shard_service, shard_watch_label
from modules.core.placement import Placement
from modules.kubernetes.namespaces import PodSecurity

import pytest
import yaml
from cdktf import TerraformStack

from tests.support.chart_values import complaints
from tests.support.custom_resources import mistakes
from tests.support.releases import after, named, objects, values
from tests.support.synth import Synth

SHARDS = {
    "web": Shard(hosts=("www.prod.ekp.example", "shop.prod.ekp.example"), slot=2),
    "api": Shard(hosts=("api.prod.ekp.example",), slot=1),
}


def synth(
    stack: TerraformStack,
    *,
    availability: Availability = Availability.HIGH,
    shards: Sequence[str] = ("web", "api"),
    trusted_proxies: int = 2,
    **changes: Any,
) -> Synth:
    Nginx(
        stack,
        "nginx",
        config=NginxConfig(**changes),
        availability=availability,
        shards={name: SHARDS[name] for name in shards},
        trusted_proxies=trusted_proxies,
        balancer_networks=[IPv4Network("10.0.32.0/20"), IPv4Network("10.0.96.0/20")],
        after=[],
    )
    return Synth(stack)


def controller(stack: TerraformStack, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = values(named(synth(stack, **changes), "nginx-ingress-api"))[
        "controller"
    ]
    return found


def certificate(plan: Synth, shard: str) -> dict[str, Any]:
    (found,) = objects(named(plan, f"nginx-ingress-{shard}-certificate"))
    return found


@pytest.mark.requirement("R38")
def test_each_shard_is_a_release_with_a_class_of_its_own(stack: TerraformStack) -> None:
    plan = synth(stack)

    for shard in SHARDS:
        release = named(plan, shard_release(shard))
        found = values(release)["controller"]["ingressClass"]
        assert release["namespace"] == NAMESPACE.name
        assert found == {"name": shard_class(shard), "create": True, "setAsDefaultIngress": False}


def test_a_shard_serves_only_namespaces_that_carry_its_label(stack: TerraformStack) -> None:
    plan = synth(stack)
    labels = {
        shard: values(named(plan, shard_release(shard)))["controller"]["watchNamespaceLabel"]
        for shard in SHARDS
    }

    assert labels == {shard: "=".join(shard_watch_label(shard)) for shard in SHARDS}
    assert len(set(labels.values())) == len(SHARDS)


def test_one_shard_brings_the_definitions_and_the_others_come_after_it(
    stack: TerraformStack,
) -> None:
    plan = synth(stack)

    assert named(plan, "nginx-ingress-api")["skip_crds"] is False
    assert named(plan, "nginx-ingress-web")["skip_crds"] is True
    assert after(plan, "nginx-ingress-web") >= {"nginx-ingress-api"}
    assert after(plan, "nginx-ingress-api") == {"nginx-ingress-api-certificate"}


def test_a_shard_that_goes_leaves_the_others_as_they_are_but_for_the_definitions(
    stack: TerraformStack, other_stack: TerraformStack
) -> None:
    before = named(synth(stack), "nginx-ingress-web")
    plan = synth(other_stack, shards=["web"])
    left = named(plan, "nginx-ingress-web")

    assert left["skip_crds"] is False
    assert left["values"] == before["values"]


def test_a_shard_added_later_changes_no_other(
    stack: TerraformStack, other_stack: TerraformStack
) -> None:
    before, later = synth(stack, shards=["api"]), synth(other_stack)

    assert named(before, "nginx-ingress-api") == named(later, "nginx-ingress-api")


def test_without_shards_there_is_nothing(stack: TerraformStack) -> None:
    assert synth(stack, shards=[]).all("helm_release") == {}


def test_the_target_group_s_ports_are_the_shard_s(stack: TerraformStack) -> None:
    backend, found = nginx_shard("api"), controller(stack)

    assert found["readyStatus"] == {"enable": True, "port": backend.health_port}
    assert backend.health_path == "/nginx-ready"
    # The chart's own ports of the service: 80, as the target group, and 443.
    assert (backend.port, found["service"]) == (80, {"type": "ClusterIP"})


def test_the_service_is_called_as_the_chart_calls_it(stack: TerraformStack) -> None:
    release = named(synth(stack), "nginx-ingress-api")

    # The chart puts its own name behind a release's that does not hold it.
    assert release["chart"] in release["name"]
    assert shard_service("api") == f"{release['name']}-controller"


def test_calls_by_tls_meet_a_certificate_of_the_internal_authority(
    stack: TerraformStack, tmp_path: Path
) -> None:
    plan = synth(stack)
    made, spec = certificate(plan, "web"), certificate(plan, "web")["spec"]
    found = values(named(plan, "nginx-ingress-web"))["controller"]

    assert spec["issuerRef"]["name"] == INTERNAL_ISSUER
    assert set(SHARDS["web"].hosts) < set(spec["dnsNames"])
    assert found["defaultTLS"] == found["wildcardTLS"]
    assert found["defaultTLS"] == {
        "secret": f"{made['metadata']['namespace']}/{spec['secretName']}"
    }
    assert found["config"]["entries"]["ssl-protocols"] == "TLSv1.2 TLSv1.3"
    assert mistakes([made], tmp_path) == []


def test_callers_from_outside_reach_nginx_past_its_sidecar(stack: TerraformStack) -> None:
    annotations = controller(stack)["pod"]["annotations"]

    assert NAMESPACE.injection
    assert annotations["traffic.sidecar.istio.io/includeInboundPorts"] == ""


def test_nobody_writes_nginx_configuration_into_an_object(stack: TerraformStack) -> None:
    assert controller(stack)["enableSnippets"] is False


@pytest.mark.parametrize(
    ("trusted_proxies", "header"), [(2, "true-client-ip"), (1, "X-Forwarded-For")]
)
def test_the_client_s_address_is_what_the_load_balancer_passes_on(
    stack: TerraformStack, trusted_proxies: int, header: str
) -> None:
    entries = controller(stack, trusted_proxies=trusted_proxies)["config"]["entries"]

    assert entries["real-ip-header"] == header
    assert entries["set-real-ip-from"] == "10.0.32.0/20,10.0.96.0/20"


def test_access_logs_are_json(stack: TerraformStack) -> None:
    entries = controller(stack)["config"]["entries"]
    line = yaml.safe_load(entries["log-format"])

    assert entries["log-format-escaping"] == "json"
    assert {"time", "client", "host", "status", "request_time"} <= set(line)
    assert "\n" not in entries["log-format"]


def test_a_pod_ends_after_the_load_balancer_has_let_go_of_it(stack: TerraformStack) -> None:
    found = controller(stack)
    wait = found["lifecycle"]["preStop"]["sleep"]["seconds"]
    shutdown = int(found["config"]["entries"]["worker-shutdown-timeout"].removesuffix("s"))
    proxy = yaml.safe_load(found["pod"]["annotations"]["proxy.istio.io/config"])

    # Target groups take 60 seconds.
    assert wait > 60
    assert wait + shutdown < found["terminationGracePeriodSeconds"]
    assert proxy == {"terminationDrainDuration": f"{wait}s"}


@pytest.mark.requirement("R38")
def test_high_availability_is_three_copies_and_more_apart_with_a_budget(
    stack: TerraformStack,
) -> None:
    found = controller(stack, max_replicas=30)

    assert found["autoscaling"]["enabled"] is True
    assert (found["autoscaling"]["minReplicas"], found["autoscaling"]["maxReplicas"]) == (3, 30)
    assert found["podDisruptionBudget"] == {"enabled": True, "maxUnavailable": 1}
    assert found["topologySpreadConstraints"][0]["labelSelector"] == {
        "matchLabels": {"app.kubernetes.io/instance": "nginx-ingress-api"}
    }
    assert found["resources"]["limits"]["memory"]


def test_otherwise_there_is_one_copy_and_no_budget(stack: TerraformStack) -> None:
    found = controller(stack, availability=Availability.SINGLE)

    assert found["replicaCount"] == 1
    assert "enabled" not in found["autoscaling"]
    assert "podDisruptionBudget" not in found


def test_shards_can_have_nodes_of_their_own(
    stack: TerraformStack, other_stack: TerraformStack
) -> None:
    placed = controller(stack, placement=Placement(value="ingress"))

    assert placed["nodeSelector"] == {"workload": "ingress"}
    assert placed["tolerations"][0]["value"] == "ingress"
    assert "nodeSelector" not in controller(other_stack)


def test_its_namespace_admits_no_privileged_pod(stack: TerraformStack) -> None:
    assert NAMESPACE.pod_security is PodSecurity.RESTRICTED
    assert controller(stack)["readOnlyRootFilesystem"] is True


def test_the_chart_knows_every_value(stack: TerraformStack, tmp_path: Path) -> None:
    found = values(named(synth(stack, placement=Placement(value="ingress")), "nginx-ingress-web"))

    assert complaints("nginx-ingress", {"merged": found}, tmp_path) == []
