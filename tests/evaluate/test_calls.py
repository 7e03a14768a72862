"""A request is followed from its sender to the application, whatever the way, and back if not."""

from typing import Any

import pytest

from ekp.evaluate.calls import GATEWAY, may_call
from ekp.evaluate.request import Request, Token, Unsupported
from ekp.evaluate.world import World

from .small_shop import (
    BALANCER,
    ISSUER,
    ORDERS,
    SHARD_HOST,
    allow,
    asked,
    made,
    opened,
    pods,
    service,
    shop,
    to,
)

SPOOFED = {"X-Auth-Subject": "root", "X-Auth-Mfa": "c1", "Accept": "text/html"}


def through_shard(request: Request, world: World | None = None) -> Any:
    return may_call(world or shop(), BALANCER, request, entrance="fast")


def through_gateway(request: Request, world: World | None = None) -> Any:
    return may_call(world or shop(), BALANCER, request, entrance=GATEWAY)


def test_a_user_with_a_token_comes_through_the_gateway_to_the_pods() -> None:
    call = through_gateway(asked())

    assert call.allowed
    assert call.target is not None
    assert call.target.name == "orders"
    assert call.status is None
    assert call.by == "AuthorizationPolicy shop/orders rules[0]"
    assert [hop.by for hop in call.hops] == [
        "GlobalNetworkPolicy entrances ingress[0]",
        "istio-ingress/gateway",
        "RequestAuthentication istio-ingress/tokens jwtRules[0]",
        "AuthorizationPolicy istio-ingress/shop-orders rules[0]",
        "VirtualService shop/orders all",
        "GlobalNetworkPolicy entrances egress[0]; NetworkPolicy shop/orders ingress[0]",
        "PeerAuthentication istio-system/default",
        "RequestAuthentication shop/orders jwtRules[0]",
        "AuthorizationPolicy shop/orders rules[0]",
    ]


def test_the_gateway_refuses_a_user_without_a_token_before_any_pod_hears_of_it() -> None:
    call = through_gateway(asked(user=False))

    assert (call.allowed, call.status, call.target, call.seen_headers) == (False, 403, None, None)
    assert "AuthorizationPolicy istio-ingress/shop-orders" in call.by


def test_a_token_that_nobody_signed_is_401() -> None:
    forged = Token(ISSUER, ("shop",), {"sub": "ann"}, verifiable=False)
    call = through_gateway(Request("www.example.org", "/orders/7", token=forged))

    assert (call.allowed, call.status) == (False, 401)


@pytest.mark.parametrize("through", [through_gateway, through_shard])
@pytest.mark.parametrize(("user", "subject"), [(True, "ann"), (False, None)])
def test_no_forged_claim_header_arrives_whatever_the_way(
    through: Any,
    user: bool,  # noqa: FBT001 - a row of a table
    subject: str | None,
) -> None:
    host = "www.example.org" if through is through_gateway else SHARD_HOST
    call = through(asked("/public", host=host, user=user, headers=SPOOFED))

    assert call.allowed
    seen = {name.lower(): value for name, value in call.seen_headers.items()}
    assert seen.get("x-auth-subject") == subject
    assert seen.keys() - {"x-auth-subject"} == {"accept"}
    assert seen["accept"] == "text/html"


def test_without_the_filter_a_forged_header_would_have_come_through_on_another_name() -> None:
    call = through_gateway(asked("/public", user=False, headers={"X-Auth-Groups": "admins"}))

    assert call.seen_headers == {"X-Auth-Groups": "admins"}


def test_the_workload_checks_again_what_a_gateway_left_open_lets_through() -> None:
    world = shop(
        allow("istio-ingress/all", [{}], app="istio-ingressgateway"),
        without=[("AuthorizationPolicy", "shop-orders")],
    )
    call = through_gateway(asked(user=False), world)

    assert (call.allowed, call.status) == (False, 403)
    assert "AuthorizationPolicy shop/orders" in call.by


def test_a_host_that_nothing_routes_is_404() -> None:
    assert through_gateway(asked(host="other.example.org")).status == 404


def test_a_network_that_is_shut_between_gateway_and_pods_is_503_and_names_the_tier() -> None:
    call = through_gateway(asked(), shop(without=[("NetworkPolicy", "orders")]))

    assert (call.allowed, call.status, call.by) == (False, 503, "Tier default")


def test_the_gateway_answers_the_load_balancer_alone() -> None:
    cart = shop().workload("shop", "cart")
    call = may_call(shop(), cart, asked(), entrance=GATEWAY)

    assert (call.allowed, call.status, call.by) == (False, None, "Tier default")


def test_a_shard_answers_the_load_balancer_alone() -> None:
    world = shop()
    call = may_call(world, world.workload("shop", "cart"), asked(host=SHARD_HOST), entrance="fast")

    assert (call.allowed, call.by, len(call.hops)) == (False, "Tier default", 1)


def test_whom_the_network_lets_to_a_shard_needs_no_certificate_there() -> None:
    wide = opened("wide", "all()", ingress=[{"action": "Allow"}], egress=[{"action": "Allow"}])
    world = shop(wide)
    cart, nginx = world.workload("shop", "cart"), world.workload("nginx-ingress", "fast")

    assert may_call(world, cart, asked(), straight_to=nginx).allowed


def test_a_policy_compares_the_port_of_the_pod() -> None:
    def guarded(port: str) -> World:
        rule = {"to": [{"operation": {"ports": [port]}}]}
        return shop(
            allow("shop/port", [rule], app="orders"), without=[("AuthorizationPolicy", "orders")]
        )

    assert through_gateway(asked(), guarded("8080")).allowed
    assert through_gateway(asked(), guarded("80")).status == 403


def test_a_destination_without_weight_gets_nothing() -> None:
    routes = [
        {"destination": {"host": ORDERS}, "weight": 100},
        {"destination": {"host": "cart.shop.svc.cluster.local"}, "weight": 0},
    ]
    spec = {
        "hosts": ["www.example.org"],
        "gateways": ["istio-ingress/shop-orders"],
        "http": [{"route": routes}],
    }
    shares = made("networking.istio.io/v1", "VirtualService", "shop/shares", spec)
    call = through_gateway(asked(), shop(shares, without=[("VirtualService", "orders")]))

    assert call.allowed
    assert call.target is not None
    assert call.target.name == "orders"


def test_a_user_comes_through_a_shard_under_the_shard_s_certificate() -> None:
    call = through_shard(asked(host=SHARD_HOST))

    assert call.by == "AuthorizationPolicy shop/orders rules[0]"
    assert [hop.by for hop in call.hops][1] == "VirtualServer shop/orders-fast routes[2]"
    assert "nginx-ingress/nginx-ingress-fast proves itself" in call.hops[5].why
    assert call.seen_headers == {"x-auth-subject": "ann"}


def test_a_shard_is_no_way_around_the_token() -> None:
    call = through_shard(asked(host=SHARD_HOST, user=False))

    assert (call.allowed, call.status) == (False, 403)
    assert "AuthorizationPolicy shop/orders" in call.by


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/orders", None),
        ("/orders/7?a=b", None),
        ("/x/..//orders/%37", None),
        ("/ordersheet", 404),
        ("/", 404),
        ("/../orders", 400),
    ],
)
def test_a_shard_serves_the_paths_of_its_locations(path: str, status: int | None) -> None:
    assert through_shard(asked(path, host=SHARD_HOST)).status == status


def test_a_shard_serves_its_own_hosts_and_namespaces_alone() -> None:
    closed = shop(without=[("Namespace", "shop")])
    other = World.of(
        [*closed.objects, made("v1", "Namespace", "shop", {}, **{"istio-injection": "enabled"})],
        [each.workload for each in closed.pods if each.workload.namespace != "shop"],
    )

    assert through_shard(asked()).status == 404
    assert through_shard(asked(host=SHARD_HOST), other).status == 404


def test_a_shard_answers_500_while_a_policy_of_the_host_is_missing() -> None:
    call = through_shard(asked(host=SHARD_HOST), shop(without=[("Policy", "rate")]))

    assert (call.status, call.allowed) == (500, False)
    assert "Policy shop/rate" in call.deciding.why


def test_a_shard_answers_502_where_the_service_behind_a_host_is_gone() -> None:
    call = through_shard(asked(host=SHARD_HOST), shop(without=[("Service", "orders")]))

    assert (call.status, call.by) == (502, "VirtualServer shop/orders-fast routes[2]")


def test_a_header_that_nginx_does_not_know_how_to_read_is_dropped() -> None:
    request = asked("/public", host=SHARD_HOST, user=False, headers={"x_auth": "a", "x-a": "b"})

    assert through_shard(request).seen_headers == {"x-a": "b"}


def inside(path: str = "/orders/7", **more: Any) -> Request:
    return asked(path, host=ORDERS, user=False, **more)


def test_a_service_calls_what_both_sides_agreed_on_without_a_token() -> None:
    world = shop()
    call = may_call(world, world.workload("shop", "cart"), inside())

    assert call.by == "AuthorizationPolicy shop/orders rules[2]"
    assert [hop.by for hop in call.hops[:3]] == [
        "Sidecar shop/cart",
        "VirtualService shop/orders all",
        "NetworkPolicy shop/cart egress[0]; NetworkPolicy shop/orders ingress[2]",
    ]


def test_a_service_gets_no_claim_header_through_either() -> None:
    world = shop()
    call = may_call(world, world.workload("shop", "cart"), inside(headers=SPOOFED))

    assert call.seen_headers == {"Accept": "text/html"}


@pytest.mark.parametrize("request_", [inside("/admin"), inside(method="POST")])
def test_a_service_calls_no_other_path_or_method(request_: Request) -> None:
    world = shop()
    call = may_call(world, world.workload("shop", "cart"), request_)

    assert (call.allowed, call.status) == (False, 403)


def test_a_service_that_did_not_name_it_does_not_know_the_host() -> None:
    world = shop(*service("spy"))
    call = may_call(world, world.workload("shop", "spy"), inside())

    assert (call.status, call.by) == (502, "Sidecar istio-system/default")


def test_a_service_that_goes_around_its_sidecar_meets_the_network_and_then_mutual_tls() -> None:
    world = shop(*service("spy"))
    spy, orders = world.workload("shop", "spy"), world.workload("shop", "orders")
    straight = asked(host="10.0.0.9", port=8080)

    assert may_call(world, spy, straight, straight_to=orders).by == "Tier default"
    wide = shop(
        *service("spy"),
        opened("shop/wide", "all()", ingress=[{"action": "Allow"}], egress=[{"action": "Allow"}]),
    )
    call = may_call(wide, spy, straight, straight_to=orders)
    assert (call.allowed, call.status) == (False, None)
    assert call.by == "PeerAuthentication istio-system/default"


def test_prometheus_reaches_the_metrics_past_the_proxy_and_the_application_never() -> None:
    scraped = opened(
        "shop/metrics",
        "all()",
        ingress=[{"action": "Allow", "source": pods("tools")}],
    )
    world = shop(scraped)
    prometheus, orders = world.workload("tools", "prometheus"), world.workload("shop", "orders")

    metrics = Request("10.0.0.9", "/stats/prometheus", port=15020)
    assert may_call(world, prometheus, metrics, straight_to=orders).allowed
    call = may_call(world, prometheus, inside())
    assert (call.allowed, call.by) == (False, "PeerAuthentication istio-system/default")
    closed = may_call(shop(), prometheus, metrics, straight_to=orders)
    assert closed.by == "Tier default"


def test_a_host_outside_is_reached_where_mesh_and_network_both_let_it() -> None:
    entry = made(
        "networking.istio.io/v1",
        "ServiceEntry",
        "shop/pay",
        {
            "hosts": ["pay.example.com"],
            "ports": [{"number": 443, "name": "tls", "protocol": "TLS"}],
            "location": "MESH_EXTERNAL",
            "resolution": "DNS",
        },
    )
    out = opened("shop/cart-out", "app == 'cart'", egress=[to({"nets": ["203.0.113.0/24"]})])
    request = Request("pay.example.com", "/", port=443)
    world = shop(entry, out)
    cart = world.workload("shop", "cart")

    assert may_call(world, cart, request, resolves_to="203.0.113.9").by.endswith(
        "cart-out egress[0]"
    )
    refused = may_call(world, cart, request, resolves_to="198.51.100.9")
    assert (refused.by, refused.status) == ("Tier default", None), "TLS is the application's own"
    assert may_call(shop(out), cart, request, resolves_to="203.0.113.9").status == 502
    with pytest.raises(Unsupported, match="give the address that it resolves to"):
        may_call(world, cart, request)


def test_pods_that_would_answer_differently_are_an_error() -> None:
    other = service("orders")[0]
    other["metadata"] = {"name": "stray", "namespace": "shop"}
    other["spec"]["template"]["metadata"]["labels"]["sidecar.istio.io/inject"] = "false"

    with pytest.raises(Unsupported, match="disagree"):
        through_shard(asked("/public", host=SHARD_HOST, headers=SPOOFED), shop(other))


def tls(mode: str) -> dict[str, Any]:
    spec = {"host": ORDERS, "trafficPolicy": {"tls": {"mode": mode}}}
    return made("networking.istio.io/v1", "DestinationRule", "shop/orders", spec)


def test_a_rule_that_chooses_other_tls_than_istio_is_an_error() -> None:
    outside = service("orders")[0]
    outside["spec"]["template"]["metadata"]["labels"]["sidecar.istio.io/inject"] = "false"

    assert through_gateway(asked(), shop(tls("ISTIO_MUTUAL"))).allowed
    with pytest.raises(Unsupported, match=r"DestinationRule shop/orders: spec\.trafficPolicy\.tls"):
        through_gateway(asked(), shop(tls("DISABLE")))
    other = tls("DISABLE")
    other["spec"]["host"] = "grafana.observability.svc.cluster.local"
    assert through_gateway(asked(), shop(other)).allowed
    with pytest.raises(Unsupported, match="asks shop/orders for mutual TLS, which has no sidecar"):
        through_gateway(
            asked(), shop(outside, tls("ISTIO_MUTUAL"), without=[("Rollout", "orders")])
        )


def test_a_port_that_the_service_has_not_and_pods_that_are_not_there_are_503() -> None:
    world = shop(without=[("Rollout", "orders")])
    cart = world.workload("shop", "cart")

    assert may_call(shop(), cart, inside(port=81)).status == 503
    assert may_call(world, cart, inside()).by == "Service shop/orders"
    prometheus = world.workload("tools", "prometheus")
    assert may_call(world, prometheus, inside()).status is None, "it has no proxy to answer it"


def test_a_request_without_a_way_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"address 10\.0\.0\.10 is no workload; name the entrance"):
        may_call(shop(), BALANCER, asked())
    world = shop()
    with pytest.raises(ValueError, match="the gateway's pods are an entrance"):
        may_call(world, BALANCER, asked(), straight_to=world.workload("istio-ingress", "gateway"))
    with pytest.raises(ValueError, match="0 workloads are the shard slow"):
        may_call(shop(), BALANCER, asked(), entrance="slow")
