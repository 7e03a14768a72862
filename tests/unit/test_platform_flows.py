"""The platform's flows name who calls whom on which port, and open nothing beyond."""

import re
from collections.abc import Sequence
from itertools import product

from modules.core.flows import End, Flow, Place, Pods
from modules.core.platform_flows import SYSTEM_NAMESPACES, platform_flows
from modules.core.platform_flows_pods import (
    CERT_MANAGER_WEBHOOK,
    GATEWAY,
    ISTIOD,
    JAEGER,
    PROMETHEUS,
    PROMETHEUS_OPERATOR,
    RANCHER,
    VAULT,
    shard,
)

import pytest

SHARDS = ("assets", "media")
CLUSTERS = [
    platform_flows(hub=hub, shards=shards, karpenter=karpenter, opensearch_ports=ports)
    for hub, shards, karpenter, ports in product(
        (False, True), ((), SHARDS), (False, True), ((), (443,))
    )
]
EVERYTHING = [flow for cluster in CLUSTERS for flow in cluster]


def flows(*, hub: bool = False, karpenter: bool = False) -> dict[str, Flow]:
    found = platform_flows(hub=hub, shards=SHARDS, karpenter=karpenter)
    return {flow.name: flow for flow in found}


def opened(source: End, target: End, found: Sequence[Flow]) -> set[int]:
    """Return the ports that flows open between two ends that they name just so."""
    return {
        p for flow in found if (flow.source, flow.target) == (source, target) for p in flow.ports
    }


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_every_flow_has_a_name_of_its_own(cluster: tuple[Flow, ...]) -> None:
    names = [flow.name for flow in cluster]

    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)] == []


def test_every_flow_says_in_a_sentence_why_it_is_there() -> None:
    assert [flow.name for flow in EVERYTHING if not re.fullmatch(r"\S+ .+\.", flow.reason)] == []


def test_every_port_is_one_and_stands_once() -> None:
    for flow in EVERYTHING:
        assert len(set(flow.ports)) == len(flow.ports), flow.name
        assert all(1 <= port <= 65_535 for port in flow.ports), flow.name


@pytest.mark.requirement("R35")
def test_only_the_ways_in_may_try_any_port_and_only_of_services() -> None:
    ways_in = [GATEWAY, *map(shard, SHARDS)]
    any_port = [f for f in EVERYTHING if not f.ports and f.source is not Place.OWN_NODE]

    assert any_port
    assert all(flow.source in ways_in and flow.target is Place.MESH for flow in any_port)


@pytest.mark.requirement("R35")
def test_every_pod_may_resolve_names_and_nothing_else() -> None:
    ports = {flow.ports for flow in EVERYTHING if flow.source is Place.EVERY_POD}

    assert ports == {(53,)}


@pytest.mark.requirement("R35")
def test_nobody_but_its_own_node_reaches_every_pod() -> None:
    assert {f.source for f in EVERYTHING if f.target is Place.EVERY_POD} == {Place.OWN_NODE}


@pytest.mark.requirement("R35")
def test_nobody_calls_from_the_internet_or_from_anywhere_in_the_vpc() -> None:
    callers = {flow.source for flow in EVERYTHING if isinstance(flow.source, Place)}

    assert callers == {
        Place.BALANCERS,
        Place.CONTROL_PLANE,
        Place.OWN_NODE,
        Place.EVERY_POD,
        Place.MESH,
    }


@pytest.mark.requirement("R35")
def test_a_service_of_the_mesh_is_given_istiod_and_the_trace_store_alone() -> None:
    reached = [flow.target for flow in flows(hub=True).values() if flow.source is Place.MESH]

    assert reached == [ISTIOD, JAEGER]


@pytest.mark.requirement("R35")
def test_the_gateway_reaches_neither_aws_nor_the_internet_nor_the_api() -> None:
    reached = [f.target for f in flows(hub=True).values() if f.source == GATEWAY]

    assert Place.MESH in reached
    assert {t for t in reached if isinstance(t, Place)} == {Place.MESH}


@pytest.mark.requirement("R35")
def test_the_load_balancer_reaches_the_ways_in_alone() -> None:
    reached = {f.name for f in flows(hub=True).values() if f.source is Place.BALANCERS}

    assert reached == {
        "balancers-to-gateway",
        "balancers-to-nginx-assets",
        "balancers-to-nginx-media",
    }
    assert set(flows()["balancers-to-gateway"].ports) == {80, 443, 15021}
    assert set(flows()["balancers-to-nginx-media"].ports) == {80, 8081}


@pytest.mark.requirement("R35")
def test_only_the_gateway_the_api_and_its_own_pods_call_rancher() -> None:
    found = flows(hub=True).values()
    foreign = [
        flow.source
        for flow in found
        if flow.target == RANCHER
        and not (isinstance(flow.source, Pods) and flow.source.namespace.startswith("cattle-"))
    ]

    assert foreign == [GATEWAY]


@pytest.mark.parametrize(
    ("target", "port"),
    [(ISTIOD, 15017), (CERT_MANAGER_WEBHOOK, 10250), (PROMETHEUS_OPERATOR, 10250)],
)
def test_the_api_server_reaches_every_webhook(target: Pods, port: int) -> None:
    assert opened(Place.CONTROL_PLANE, target, tuple(flows().values())) == {port}


def test_the_api_server_reaches_what_rancher_adds_to_the_api() -> None:
    system, capi = Pods("cattle-system"), Pods("cattle-provisioning-capi-system")

    assert opened(Place.CONTROL_PLANE, system, tuple(flows().values())) == {9443}
    assert opened(Place.CONTROL_PLANE, system, tuple(flows(hub=True).values())) == {9443, 6666}
    assert opened(Place.CONTROL_PLANE, capi, tuple(flows(hub=True).values())) == {9443}


def test_vault_s_servers_reach_each_other() -> None:
    assert opened(VAULT, VAULT, tuple(flows().values())) == {8200, 8201}


def test_prometheus_reaches_what_proxies_tell() -> None:
    assert opened(PROMETHEUS, Place.MESH, tuple(flows().values())) == {15020, 15090}


def test_a_new_shard_adds_its_own_flows_and_changes_none() -> None:
    before = platform_flows(hub=False, shards=("media",), karpenter=False)
    after = platform_flows(hub=False, shards=("media", "assets"), karpenter=False)

    assert [flow for flow in after if "nginx-assets" not in flow.name] == list(before)
    assert {flow.name for flow in after} - {flow.name for flow in before} == {
        "balancers-to-nginx-assets",
        "nginx-assets-to-services",
        "nginx-assets-to-api",
    }


def test_the_hub_has_every_other_cluster_s_flows_and_its_own() -> None:
    hub, other = flows(hub=True), flows()

    assert {name: hub[name] for name in other} == other
    assert {"gateway-to-argo-cd", "gateway-to-rancher", "gateway-to-kubecost"} <= set(hub)


def test_whatever_adds_nodes_is_scraped() -> None:
    assert set(flows(karpenter=True)) ^ set(flows(karpenter=False)) == {
        "prometheus-to-karpenter",
        "prometheus-to-cluster-autoscaler",
    }
    assert "prometheus-to-karpenter" in flows(karpenter=True)


def test_jaeger_leaves_the_cluster_for_an_opensearch_of_its_own_alone() -> None:
    def outwards(ports: Sequence[int]) -> list[tuple[int, ...]]:
        found = platform_flows(hub=False, shards=(), karpenter=False, opensearch_ports=ports)
        return [flow.ports for flow in found if flow.source == JAEGER]

    assert outwards(()) == []
    assert outwards((9200,)) == [(9200,), (9200,)]


def test_no_flow_starts_in_a_namespace_of_the_system() -> None:
    sources = {f.source.namespace for f in EVERYTHING if isinstance(f.source, Pods)}

    assert sources & set(SYSTEM_NAMESPACES) == set()
