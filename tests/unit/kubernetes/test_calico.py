"""Calico's policies deny what no flow and no service names, and allow that on both sides."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

from modules.core.flows import End, Flow, Place, Pods, RegionNetworks
from modules.core.hosts import Shard
from modules.core.platform_flows import SYSTEM_NAMESPACES, platform_flows
from modules.core.services import Service
from modules.core.site import Site
from modules.kubernetes.calico.default_deny import default_deny
from modules.kubernetes.calico.flows import REASON, network_policies
from modules.kubernetes.calico.service import service_network_policies
from modules.kubernetes.manifest import Manifest

import pytest

from tests.support.custom_resources import mistakes

VPC = RegionNetworks(
    vpc=IPv4Network("10.40.0.0/16"),
    balancers=(IPv4Network("10.40.0.0/20"), IPv4Network("10.40.16.0/20")),
    control_plane=(IPv4Network("10.40.48.0/24"),),
)
FLOWS = platform_flows(hub=True, shards=("media",), karpenter=True, opensearch_ports=(443,))
SITE = Site(
    domain="example.org",
    shards={"media": Shard(hosts=("media.example.org",), slot=1)},
)
KUBERNETES_POLICIES = 1000
STORE = Pods("stores", {"app": "store"})
CLIENT = Pods("clients", {"app": "client", "tier": "front"})


def flow(source: End = CLIENT, target: End = STORE, *ports: int, name: str = "one") -> Flow:
    return Flow(name=name, source=source, target=target, ports=ports, reason="It is asked.")


def specs(found: list[Manifest]) -> dict[str, Mapping[str, Any]]:
    return {policy.name: policy.fields["spec"] for policy in found}


def rule(found: Flow, side: str) -> Mapping[str, Any]:
    (only,) = specs(network_policies([found], VPC))[f"platform-{found.name}-{side}"][side]
    return dict(only)


def service(**changes: Any) -> Service:
    image = "registry.example.org/shop/orders:1.2.3"
    return Service(**{"name": "orders", "namespace": "shop", "image": image} | changes)


def policy(**changes: Any) -> Mapping[str, Any]:
    (found,) = service_network_policies(service(**changes), SITE)
    return dict(found.fields["spec"])


@pytest.mark.requirement("R35")
def test_every_pod_outside_the_system_is_denied_both_ways() -> None:
    (spec,) = specs(default_deny()).values()

    assert spec["namespaceSelector"] == (
        "has(projectcalico.org/name) && projectcalico.org/name not in {'kube-system', "
        "'kube-public', 'kube-node-lease', 'calico-system', 'calico-apiserver', "
        "'tigera-operator'}"
    )
    assert "selector" not in spec
    assert spec["types"] == ["Ingress", "Egress"]
    assert spec["ingress"] == spec["egress"] == [{"action": "Deny"}]


@pytest.mark.requirement("R35")
def test_a_network_policy_of_kubernetes_opens_nothing_that_is_denied() -> None:
    (denied,) = specs(default_deny()).values()
    allowed = [*network_policies(FLOWS, VPC), *service_network_policies(service(), SITE)]

    assert {spec["order"] < denied["order"] for spec in specs(allowed).values()} == {True}
    assert denied["order"] < KUBERNETES_POLICIES


def test_a_flow_is_allowed_where_it_ends_and_where_it_begins() -> None:
    found = specs(network_policies([flow(CLIENT, STORE, 80, 443)], VPC))

    assert found == {
        "platform-one-ingress": {
            "order": 500,
            "namespaceSelector": "projectcalico.org/name == 'stores'",
            "selector": "app == 'store'",
            "types": ["Ingress"],
            "ingress": [
                {
                    "action": "Allow",
                    "protocol": "TCP",
                    "source": {
                        "namespaceSelector": "projectcalico.org/name == 'clients'",
                        "selector": "app == 'client' && tier == 'front'",
                    },
                    "destination": {"ports": [80, 443]},
                }
            ],
        },
        "platform-one-egress": {
            "order": 500,
            "namespaceSelector": "projectcalico.org/name == 'clients'",
            "selector": "app == 'client' && tier == 'front'",
            "types": ["Egress"],
            "egress": [
                {
                    "action": "Allow",
                    "protocol": "TCP",
                    "destination": {
                        "namespaceSelector": "projectcalico.org/name == 'stores'",
                        "selector": "app == 'store'",
                        "ports": [80, 443],
                    },
                }
            ],
        },
    }


def test_a_policy_says_why_it_is_there() -> None:
    reasons = {found.annotations[REASON] for found in network_policies([flow()], VPC)}

    assert reasons == {"It is asked."}


@pytest.mark.parametrize("removed", range(0, len(FLOWS), 7))
def test_removing_a_flow_removes_exactly_its_policies(removed: int) -> None:
    gone = FLOWS[removed]
    before = network_policies(FLOWS, VPC)
    after = network_policies([one for one in FLOWS if one is not gone], VPC)

    lost = [found for found in before if found not in after]
    assert [found for found in before if found in after] == after
    assert {found.name for found in lost} <= {
        f"platform-{gone.name}-ingress",
        f"platform-{gone.name}-egress",
    }
    assert lost or gone.source is Place.OWN_NODE


@pytest.mark.requirement("R35")
def test_no_policy_selects_pods_of_the_system() -> None:
    for name, spec in specs(network_policies(FLOWS, VPC)).items():
        selected = spec["namespaceSelector"]
        system = {found for found in SYSTEM_NAMESPACES if f"== '{found}'" in selected}
        assert system == set(), name
    assert [spec["types"] for spec in specs(network_policies([FLOWS[2]], VPC)).values()] == [
        ["Egress"]
    ]


@pytest.mark.requirement("R35")
def test_a_flow_without_ports_opens_nothing_at_its_target() -> None:
    assert list(specs(network_policies([flow(CLIENT, Place.MESH)], VPC))) == ["platform-one-egress"]
    for name, spec in specs(network_policies(FLOWS, VPC)).items():
        for found in spec.get("ingress", ()):
            assert found["destination"]["ports"], name


def test_the_node_of_a_pod_needs_no_policy() -> None:
    assert network_policies([flow(Place.OWN_NODE, Place.EVERY_POD)], VPC) == []


@pytest.mark.requirement("R35")
@pytest.mark.parametrize(
    ("place", "nets"),
    [
        (Place.BALANCERS, ["10.40.0.0/20", "10.40.16.0/20"]),
        (Place.CONTROL_PLANE, ["10.40.48.0/24"]),
    ],
)
def test_a_network_that_calls_means_none_of_the_pods_in_it(place: Place, nets: list[str]) -> None:
    # With a VPC origin the load balancer is in the subnets that pods have their addresses from.
    source = rule(flow(place, STORE, 80), "ingress")["source"]

    assert source == {"nets": nets, "notSelector": "has(projectcalico.org/namespace)"}


@pytest.mark.requirement("R35")
@pytest.mark.parametrize(
    ("place", "nets"),
    [
        (Place.CONTROL_PLANE, ["10.40.48.0/24"]),
        (Place.VPC, ["10.40.0.0/16"]),
        (Place.POD_IDENTITY, ["169.254.170.23/32"]),
    ],
)
def test_a_network_that_is_called_means_none_of_the_pods_in_it(
    place: Place, nets: list[str]
) -> None:
    target = rule(flow(CLIENT, place, 443), "egress")["destination"]

    assert target == {
        "nets": nets,
        "notSelector": "has(projectcalico.org/namespace)",
        "ports": [443],
    }


@pytest.mark.requirement("R35")
def test_the_internet_has_no_private_address_and_no_metadata_of_instances() -> None:
    target = rule(flow(CLIENT, Place.INTERNET, 443), "egress")["destination"]
    refused = [IPv4Network(net) for net in target["notNets"]]

    assert target["nets"] == ["0.0.0.0/0"]
    for address in ("10.9.8.7", "172.31.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254"):
        assert any(IPv4Address(address) in net for net in refused), address
    assert not any(IPv4Address("52.94.5.1") in net for net in refused)


@pytest.mark.parametrize("place", [Place.VPC, Place.INTERNET, Place.POD_IDENTITY])
def test_a_flow_from_a_place_that_is_only_called_is_refused(place: Place) -> None:
    message = f"flow one comes from {place}, whose addresses pods have .*; name the pods that call"

    with pytest.raises(ValueError, match=message):
        network_policies([flow(place, STORE, 80)], VPC)


def test_two_flows_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="flow one stands twice; rename one"):
        network_policies([flow(CLIENT, STORE, 80), flow(STORE, CLIENT, 80)], VPC)


def test_the_mesh_is_every_pod_that_was_given_a_proxy() -> None:
    source = rule(flow(Place.MESH, STORE, 80), "ingress")["source"]

    assert source == {
        "namespaceSelector": "istio-injection == 'enabled'",
        "selector": "has(service.istio.io/canonical-name)",
    }


@pytest.mark.requirement("R35")
def test_a_service_that_nothing_leads_to_is_open_to_nobody() -> None:
    spec = policy()

    assert spec["selector"] == "app.kubernetes.io/name == 'orders'"
    assert spec["types"] == ["Ingress", "Egress"]
    assert {"ingress", "egress"} & set(spec) == set()


@pytest.mark.requirement("R35")
@pytest.mark.parametrize(
    ("changes", "namespace", "labels"),
    [
        (
            {"routes": [{"host": "orders"}]},
            "istio-ingress",
            "app == 'istio-ingressgateway'",
        ),
        (
            {"routes": [{"host": "media"}]},
            "nginx-ingress",
            "app.kubernetes.io/instance == 'nginx-ingress-media'",
        ),
        (
            {"callers": [{"service": "web/cart"}]},
            "web",
            "app.kubernetes.io/name == 'cart'",
        ),
    ],
)
def test_a_service_is_open_on_its_port_to_what_leads_to_it_alone(
    changes: dict[str, Any], namespace: str, labels: str
) -> None:
    assert policy(port=9090, **changes)["ingress"] == [
        {
            "action": "Allow",
            "protocol": "TCP",
            "source": {
                "namespaceSelector": f"projectcalico.org/name == '{namespace}'",
                "selector": labels,
            },
            "destination": {"ports": [9090]},
        }
    ]


@pytest.mark.requirement("R35")
def test_a_service_reaches_the_services_it_calls_and_the_ports_of_its_external_hosts() -> None:
    called, internet = policy(
        calls=["bank/ledger"],
        external=[
            {"host": "b.example.com", "port": 8443},
            {"host": "a.example.com"},
            {"host": "c.example.com"},
        ],
    )["egress"]

    assert called["destination"] == {
        "namespaceSelector": "projectcalico.org/name == 'bank'",
        "selector": "app.kubernetes.io/name == 'ledger'",
    }
    assert internet["destination"]["ports"] == [443, 8443]
    assert "10.0.0.0/8" in internet["destination"]["notNets"]


def test_a_service_s_policy_is_called_after_it_in_its_namespace() -> None:
    (found,) = service_network_policies(service(), SITE)

    assert (found.kind, found.namespace, found.name) == ("NetworkPolicy", "shop", "orders")


def test_the_policies_are_what_calico_s_definitions_take(tmp_path: Path) -> None:
    busy = service(
        routes=[{"host": "orders"}, {"host": "media"}],
        callers=[{"service": "web/cart"}],
        calls=["bank/ledger"],
        external=[{"host": "a.example.com"}],
    )
    found = [
        *default_deny(),
        *network_policies(FLOWS, VPC),
        *service_network_policies(busy, SITE),
        *service_network_policies(service(), SITE),
    ]

    assert mistakes([one.as_dict() for one in found], tmp_path) == []
