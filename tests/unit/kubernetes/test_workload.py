"""A service's pods are admitted by the restricted standard, spread, and end without a lost call."""

import json
from typing import Any

from modules.core.delivery import BlueGreen
from modules.core.rates import Key, Rate
from modules.core.services import Probes, Protocol, Resilience, Scaling, Service, labels, selector
from modules.kubernetes.istio.rate_limits import per_pod
from modules.kubernetes.workload.addresses import addresses, service_account
from modules.kubernetes.workload.pods import (
    CONTAINER,
    HASH_LABEL,
    grace_seconds,
    pod_template,
)
from modules.kubernetes.workload.scaling import autoscaler, disruption_budget

import pytest

from tests.support.core_kinds import core_mistakes

ORDERS: dict[str, Any] = {
    "name": "orders",
    "namespace": "shop",
    "image": "registry.example.org/shop/orders:1.4.2",
}
PROXY_USER = 1337


def pod(**settings: Any) -> dict[str, Any]:
    spec: dict[str, Any] = pod_template(Service(**ORDERS, **settings))["spec"]
    return spec


def container(**settings: Any) -> dict[str, Any]:
    (found,) = pod(**settings)["containers"]
    assert isinstance(found, dict)
    return found


def as_pod(service: Service) -> dict[str, Any]:
    """Return the template as a pod, which the API's schema knows."""
    template = pod_template(service)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "orders", **template["metadata"]},
        "spec": template["spec"],
    }


@pytest.mark.parametrize("protocol", list(Protocol))
def test_the_api_takes_the_pod_and_all_that_goes_with_it(protocol: Protocol) -> None:
    service = Service(
        **ORDERS, protocol=protocol, variables={"LEVEL": "info"}, strategy=BlueGreen()
    )
    objects = [
        service_account(service),
        *addresses(service),
        autoscaler(service),
        disruption_budget(service),
    ]

    assert core_mistakes([as_pod(service), *(found.as_dict() for found in objects)]) == []


def test_the_restricted_standard_admits_the_pod() -> None:
    spec, only = pod(), container()

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert only["securityContext"]["allowPrivilegeEscalation"] is False
    assert only["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    assert not any("hostPort" in port for port in only["ports"])
    assert [set(volume) - {"name"} for volume in spec["volumes"]] == [{"emptyDir"}]


def test_calls_of_the_container_cannot_pass_by_the_proxy_under_its_user() -> None:
    assert pod()["securityContext"]["runAsUser"] != PROXY_USER


def test_nothing_is_written_outside_a_folder_that_is_limited() -> None:
    (volume,) = pod()["volumes"]
    only = container()

    assert only["securityContext"]["readOnlyRootFilesystem"] is True
    assert [mount["name"] for mount in only["volumeMounts"]] == [volume["name"]]
    assert volume["emptyDir"]["sizeLimit"] == "1Gi"


def test_a_service_holds_no_token_for_the_kubernetes_api() -> None:
    account = service_account(Service(**ORDERS))

    assert account.fields["automountServiceAccountToken"] is False
    assert pod()["automountServiceAccountToken"] is False
    assert pod()["serviceAccountName"] == account.name


def test_memory_is_limited_and_cpu_is_not() -> None:
    assert container()["resources"] == {
        "requests": {"cpu": "100m", "memory": "256Mi"},
        "limits": {"memory": "256Mi"},
    }


def test_variables_come_in_one_order_however_they_are_written() -> None:
    first = container(variables={"B": "2", "A": "1"})["env"]

    assert first == container(variables={"A": "1", "B": "2"})["env"]
    assert first == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]


@pytest.mark.parametrize(("seconds", "tries"), [(10, 2), (61, 13), (900, 180)])
def test_a_pod_is_given_all_the_time_it_says_it_needs_to_start(seconds: int, tries: int) -> None:
    probe = container(probes=Probes(startup_seconds=seconds))["startupProbe"]

    assert probe["failureThreshold"] == tries
    assert probe["failureThreshold"] * probe["periodSeconds"] >= seconds


def test_a_busy_pod_is_left_alone_before_it_is_restarted() -> None:
    readiness, liveness = (container()[f"{kind}Probe"] for kind in ("readiness", "liveness"))

    assert readiness["httpGet"]["path"] == "/readyz"
    assert liveness["httpGet"]["path"] == "/livez"
    assert (
        readiness["periodSeconds"] * readiness["failureThreshold"]
        < liveness["periodSeconds"] * liveness["failureThreshold"]
    )


def test_grpc_is_probed_by_its_own_health_service() -> None:
    only = container(protocol=Protocol.GRPC, port=9000)

    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert only[probe]["grpc"] == {"port": 9000}
        assert "httpGet" not in only[probe]


@pytest.mark.parametrize("timeout", [1, 15, 300])
def test_a_pod_that_goes_answers_until_callers_know_and_the_longest_request_is_done(
    timeout: int,
) -> None:
    spec = pod(resilience=Resilience(timeout_seconds=timeout))
    sleep = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert sleep > 0
    assert spec["terminationGracePeriodSeconds"] > sleep + timeout


def test_a_longer_timeout_leaves_a_pod_longer_to_end() -> None:
    short, long = (
        Service(**ORDERS, resilience=Resilience(timeout_seconds=seconds)) for seconds in (15, 60)
    )

    assert grace_seconds(long) - grace_seconds(short) == 45


@pytest.mark.requirement("R31")
def test_each_version_is_spread_over_zones_and_nodes_by_itself() -> None:
    constraints = pod()["topologySpreadConstraints"]

    assert [found["topologyKey"] for found in constraints] == [
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    ]
    for found in constraints:
        assert found["labelSelector"]["matchLabels"] == selector(Service(**ORDERS))
        assert found["matchLabelKeys"] == [HASH_LABEL]


def test_the_proxy_tells_the_metrics_of_its_rate_limit() -> None:
    annotations = pod_template(Service(**ORDERS))["metadata"]["annotations"]

    (prefix,) = json.loads(annotations["proxy.istio.io/config"])["proxyStatsMatcher"][
        "inclusionPrefixes"
    ]
    capacity = Rate(requests=600, key=Key.POD)
    (limit,) = per_pod(Service(**ORDERS | {"capacity": capacity}))
    (patch,) = limit.fields["spec"]["configPatches"]
    config = patch["patch"]["value"]["typed_config"]
    assert config["stat_prefix"].startswith(prefix)


def test_the_autoscaler_sets_the_rollout_and_measures_the_service_alone() -> None:
    spec = autoscaler(
        Service(**ORDERS, scaling=Scaling(min_replicas=2, max_replicas=6, cpu_percent=55))
    ).fields["spec"]

    assert spec["scaleTargetRef"] == {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "name": "orders",
    }
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 6)
    (metric,) = spec["metrics"]
    assert metric["containerResource"]["container"] == CONTAINER == container()["name"]
    assert metric["containerResource"]["target"]["averageUtilization"] == 55


@pytest.mark.requirement("R31")
@pytest.mark.parametrize("replicas", [1, 2, 3, 10, 100])
def test_a_budget_keeps_nine_of_ten_pods_and_never_holds_up_a_node(replicas: int) -> None:
    service = Service(
        **ORDERS, scaling=Scaling(min_replicas=replicas, max_replicas=max(replicas, 10))
    )

    spec = disruption_budget(service).fields["spec"]

    # Kubernetes rounds up, so that of one pod one may go.
    allowed = -(-replicas * int(spec["maxUnavailable"].removesuffix("%")) // 100)
    assert 1 <= allowed <= max(1, replicas // 10)
    assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    assert spec["selector"]["matchLabels"] == selector(service)


@pytest.mark.parametrize("protocol", list(Protocol))
def test_a_service_is_met_on_port_80_and_says_what_it_speaks(protocol: Protocol) -> None:
    service = Service(**ORDERS, protocol=protocol, port=9000)

    (found,) = addresses(service)

    assert found.name == "orders"
    assert found.fields["spec"]["selector"].items() <= labels(service).items()
    (port,) = found.fields["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (80, 9000)
    assert port["name"] == port["appProtocol"] == protocol.value


def test_the_next_version_of_a_blue_green_service_has_an_address_of_its_own() -> None:
    names = [found.name for found in addresses(Service(**ORDERS, strategy=BlueGreen()))]

    assert names == ["orders", "orders-preview"]
