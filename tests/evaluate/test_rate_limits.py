"""Which of Envoy's local rate limits hold for a request, and what they let through."""

import copy
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from modules.core.hosts import AdminTool
from modules.core.mesh import GATEWAY, GATEWAY_LABELS, GATEWAY_NAMESPACE
from modules.core.rates import Key, Rate, Rates
from modules.core.services import Route, Service
from modules.core.site import Site
from modules.kubernetes.istio.admin_hosts import exposed
from modules.kubernetes.istio.gateway import gateway_port, service_gateway
from modules.kubernetes.istio.rate_limits import CLIENT_FILTER, per_client, per_pod, per_route
from modules.kubernetes.service_objects import service_objects

import pytest

from ekp.evaluate.istio.rate_limit import RateLimit
from ekp.evaluate.istio.rate_limits import limits_of
from ekp.evaluate.request import Request, Unsupported, Workload

HEADER = "true-client-ip"
SITE = Site(
    domain="example.org",
    rates=Rates(gateway=Rate(requests=1200)),
    gateway_replicas=3,
    client_header=HEADER,
)
CART = Service(
    name="cart",
    namespace="shop",
    image="registry.example.org/shop/cart:1.0.0",
    routes=(Route(host="shop"),),
    client_rate=Rate(requests=300),
    capacity=Rate(requests=3000, key=Key.POD),
)
ORDERS = Service(
    name="orders",
    namespace="shop",
    image="registry.example.org/shop/orders:1.0.0",
    routes=(Route(host="api"),),
)
GATEWAYS = Workload(GATEWAY_NAMESPACE, GATEWAY, dict(GATEWAY_LABELS), GATEWAY)
PODS = Workload("shop", "cart", {"app.kubernetes.io/name": "cart"}, "cart")
PORT = gateway_port(SITE)
OBJECTS = [
    one.as_dict()
    for found in (
        per_client(SITE),
        exposed(AdminTool.GRAFANA, "grafana.example.org", SITE),
        *(
            (*per_route(each, SITE), *per_pod(each), *service_gateway(each, SITE))
            for each in (CART, ORDERS)
        ),
        *(service_objects(each, SITE) for each in (CART, ORDERS)),
    )
    for one in found
]
Change = Callable[[dict[str, Any]], object]


def at_gateway(
    host: str = "shop.example.org", objects: list[dict[str, Any]] = OBJECTS, **headers: str
) -> list[RateLimit]:
    told = {HEADER: "198.51.100.7", **{name.replace("_", "-"): of for name, of in headers.items()}}
    sent = {name: value for name, value in told.items() if value}
    return limits_of(objects, GATEWAYS, Request(host, "/", headers=sent, port=PORT), gateway=True)


def at_pods(port: int = 8080, objects: list[dict[str, Any]] = OBJECTS) -> list[RateLimit]:
    return limits_of(objects, PODS, Request("cart", "/", port=port), gateway=False)


def changed(change: Change, name: str = "clients") -> list[dict[str, Any]]:
    """Return the objects with the settings of one EnvoyFilter's filter changed."""
    objects = copy.deepcopy(OBJECTS)
    for each in objects:
        if (each["kind"], each["metadata"]["name"]) == ("EnvoyFilter", name):
            change(each["spec"]["configPatches"][0]["patch"]["value"]["typed_config"])
    return objects


def on_routes(apply_to: str, match: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """Return an EnvoyFilter that sets something for the clients' limit on some routes."""
    patch = {
        "applyTo": apply_to,
        "match": {"context": "GATEWAY", "routeConfiguration": match},
        "patch": {
            "operation": "MERGE",
            "value": {"typed_per_filter_config": {CLIENT_FILTER: settings}},
        },
    }
    return {
        "apiVersion": "networking.istio.io/v1alpha3",
        "kind": "EnvoyFilter",
        "metadata": {"name": f"on-{apply_to.lower()}", "namespace": GATEWAY_NAMESPACE},
        "spec": {"configPatches": [patch]},
    }


OFF = {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": True}
SHOP = {"vhost": {"name": f"shop.example.org:{PORT}"}}


@pytest.mark.requirement("R12")
def test_a_client_meets_the_gateways_limit_first_and_then_the_services() -> None:
    everyone, own = at_gateway()

    assert everyone.by == "EnvoyFilter istio-ingress/clients"
    assert (everyone.per, everyone.key, everyone.cluster) == ("client", f"header {HEADER}", None)
    assert (everyone.tokens, everyone.fill, everyone.fill_seconds) == (100, 20, 3)
    assert (everyone.burst, everyone.per_second) == (100, 20 / 3)
    assert own.by == "EnvoyFilter istio-ingress/shop-cart.rate"
    assert own.cluster == "outbound|80|stable|cart.shop.svc.cluster.local"
    assert own.per_second == 5 / 3


@pytest.mark.requirement("R12")
def test_whoever_comes_without_the_header_is_told_by_the_address() -> None:
    assert [limit.key for limit in at_gateway(true_client_ip="")] == ["address", "address"]


def test_a_service_without_a_rate_of_its_own_has_the_gateways_alone() -> None:
    (only,) = at_gateway("api.example.org")

    assert only.by == "EnvoyFilter istio-ingress/clients"


def test_a_host_that_nothing_serves_counts_for_its_client_too() -> None:
    (only,) = at_gateway("nobody.example.org")

    assert only.cluster is None


def test_a_tools_host_is_left_out() -> None:
    assert at_gateway("grafana.example.org") == []
    assert at_gateway("GRAFANA.example.org:443") == []


@pytest.mark.requirement("R30")
def test_a_pod_counts_everyone_on_its_services_port_alone() -> None:
    (capacity,) = at_pods()

    assert (capacity.per, capacity.tokens, capacity.per_second) == ("pod", 50, 50)
    assert capacity.remembered is None
    assert at_pods(15020) == []


@pytest.mark.requirement("R30")
def test_a_refusal_is_429_and_says_who_refuses() -> None:
    told = [(limit.status, dict(limit.told)["x-ekp-limited-by"]) for limit in at_gateway()]
    (capacity,) = at_pods()

    assert told == [(429, "gateway"), (429, "service")]
    assert (capacity.status, dict(capacity.told)["x-ekp-limited-by"]) == (429, "pod")


def test_a_steady_rate_is_admitted_up_to_what_all_pods_that_it_meets_allow() -> None:
    everyone, _ = at_gateway()

    assert everyone.admits(20, pods=3)
    assert not everyone.admits(20.1, pods=3)
    assert not everyone.admits(20)


def test_while_two_versions_serve_each_part_of_the_requests_has_the_rate() -> None:
    objects = copy.deepcopy(OBJECTS)
    for each in objects:
        if each["kind"] == "VirtualService" and each["metadata"]["name"] == "cart-versions":
            stable, canary = each["spec"]["http"][0]["route"]
            stable["weight"], canary["weight"] = 75, 25

    _, *own = at_gateway(objects=objects)

    assert [limit.share for limit in own] == [Fraction(3, 4), Fraction(1, 4)]
    assert [limit.admits(6, pods=3) for limit in own] == [True, True]
    assert [limit.admits(8, pods=3) for limit in own] == [False, True]


def test_a_limit_that_only_counts_refuses_nobody_and_says_so() -> None:
    share = {"default_value": {"numerator": 0, "denominator": "HUNDRED"}}
    found = at_gateway(objects=changed(lambda one: one.update(filter_enforced=share)))[0]

    assert not found.binds
    assert found.admits(1_000_000)


@pytest.mark.parametrize("part", [None, {"default_value": {"numerator": 0}}])
def test_a_limit_that_is_enabled_for_no_request_is_none(part: dict[str, Any] | None) -> None:
    def change(config: dict[str, Any]) -> None:
        config.pop("filter_enabled")
        if part:
            config["filter_enabled"] = part

    assert [limit.name for limit in at_gateway(objects=changed(change))] == [
        "ekp_rate.service.shop.cart"
    ]


def test_a_limit_for_some_requests_binds_not_all() -> None:
    half = {"default_value": {"numerator": 500_000, "denominator": "MILLION"}}
    found = at_gateway(objects=changed(lambda one: one.update(filter_enabled=half)))[0]

    assert (found.enabled, found.binds) == (Fraction(1, 2), False)


@pytest.mark.parametrize(
    ("apply_to", "match"),
    [
        ("VIRTUAL_HOST", SHOP),
        ("VIRTUAL_HOST", {}),
        ("ROUTE_CONFIGURATION", {"portNumber": PORT}),
        ("HTTP_ROUTE", {"vhost": {"route": {"name": "safe"}}}),
    ],
)
def test_a_limit_can_be_switched_off_for_a_host_a_route_or_all(
    apply_to: str, match: dict[str, Any]
) -> None:
    objects = [*OBJECTS, on_routes(apply_to, match, OFF)]

    assert [limit.name for limit in at_gateway(objects=objects)] == ["ekp_rate.service.shop.cart"]


@pytest.mark.parametrize(
    ("apply_to", "match"),
    [
        ("VIRTUAL_HOST", {"vhost": {"name": f"other.example.org:{PORT}"}}),
        ("VIRTUAL_HOST", {"vhost": {"name": "shop.example.org:8443"}}),
        ("HTTP_ROUTE", {"vhost": {"route": {"name": "unsafe"}}}),
        ("ROUTE_CONFIGURATION", {"portNumber": 8443}),
    ],
)
def test_a_switch_of_another_host_or_route_changes_nothing(
    apply_to: str, match: dict[str, Any]
) -> None:
    assert at_gateway(objects=[*OBJECTS, on_routes(apply_to, match, OFF)]) == at_gateway()


def test_a_routes_own_settings_stand_in_for_the_filters_and_its_hosts() -> None:
    own = next(one for one in OBJECTS if one["metadata"]["name"] == "clients")
    settings = copy.deepcopy(own["spec"]["configPatches"][0]["patch"]["value"]["typed_config"])
    settings["descriptors"][0]["token_bucket"]["max_tokens"] = 7
    route = on_routes("HTTP_ROUTE", {"vhost": {"route": {"name": "safe"}}}, settings)
    objects = [*OBJECTS, on_routes("VIRTUAL_HOST", SHOP, OFF), route]

    assert [limit.burst for limit in at_gateway(objects=objects)] == [7, 25]


def test_a_filter_remembers_twenty_clients_unless_told() -> None:
    found = at_gateway(objects=changed(lambda one: one.pop("max_dynamic_descriptors")))[0]

    assert found.remembered == 20
    assert at_gateway()[0].remembered == 20_000


def test_the_bucket_of_everybody_is_asked_after_those_of_clients() -> None:
    bucket = {"max_tokens": 9, "tokens_per_fill": 9, "fill_interval": "0.5s"}
    client, everybody = at_gateway(
        "api.example.org", changed(lambda one: one.update(token_bucket=bucket))
    )

    assert (client.per, everybody.per) == ("client", "pod")
    assert everybody.per_second == 18


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.update(local_rate_limit_per_downstream_connection=True),
        lambda one: one["rate_limits"][0]["actions"].append({"metadata": {}}),
        lambda one: one["rate_limits"][0].update(stage=1),
        lambda one: one["descriptors"][0].update(shadow_mode=True),
        lambda one: one["descriptors"][0]["token_bucket"].update(fill_interval="0.01s"),
        lambda one: one["descriptors"][0]["token_bucket"].update(max_tokens=0),
        lambda one: one["filter_enforced"].update(runtime_key="off"),
        lambda one: one.update(status={"code": "Teapot"}),
        lambda one: one.update({"@type": f"{one['@type']}.v4"}),
    ],
)
def test_what_is_not_understood_is_no_guess(change: Change) -> None:
    with pytest.raises(Unsupported, match="EnvoyFilter istio-ingress/clients"):
        at_gateway(objects=changed(change))


def test_a_limit_that_another_object_removes_is_no_guess() -> None:
    objects = copy.deepcopy(OBJECTS)
    own = next(one for one in objects if one["metadata"]["name"] == "clients")
    again = copy.deepcopy(own)
    again["metadata"]["name"] = "without"
    patch = again["spec"]["configPatches"][0]
    patch["match"]["listener"]["filterChain"]["filter"]["subFilter"] = {"name": CLIENT_FILTER}
    patch["patch"] = {"operation": "REMOVE"}

    with pytest.raises(Unsupported, match=f"changes {CLIENT_FILTER}"):
        at_gateway(objects=[*objects, again])
