"""Requests are routed as Istio's references say.

https://istio.io/latest/docs/reference/config/networking/virtual-service/
https://istio.io/latest/docs/reference/config/networking/gateway/
https://istio.io/latest/docs/reference/config/networking/destination-rule/
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ekp.evaluate.istio.destinations import Destination
from ekp.evaluate.istio.gateways import gateways_of
from ekp.evaluate.istio.routing import Routed, route
from ekp.evaluate.request import Object, Request, Unsupported, Workload

INGRESS = Workload("istio-ingress", "gateway", {"app": "gw"}, "gateway")
ADDRESS = "orders.shop.svc.cluster.local"
GET = Request("shop.example.org", "/orders/7?full=1")


def istio(kind: str, name: str, namespace: str, spec: Mapping[str, Any]) -> Object:
    metadata = {"name": name, "namespace": namespace}
    version = "networking.istio.io/v1"
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def service(name: str = "orders", namespace: str = "shop") -> Object:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {}}


def gateway(*hosts: str, name: str = "g", port: int = 80, **tls: Any) -> Object:
    server = {"port": {"number": port, "name": "http", "protocol": "HTTP"}, "hosts": list(hosts)}
    spec = {"selector": {"app": "gw"}, "servers": [{**server, **tls}]}
    return istio("Gateway", name, "istio-ingress", spec)


def to(host: str = "orders", subset: str | None = None, weight: int | None = None) -> Any:
    destination = {"host": host, **({"subset": subset} if subset else {})}
    return {"destination": destination, **({"weight": weight} if weight is not None else {})}


def http(name: str, *matches: Mapping[str, Any], route: list[Any] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "route": route or [to()]}
    return {**found, "match": list(matches)} if matches else found


def virtual(
    *routes: Mapping[str, Any],
    hosts: tuple[str, ...] = ("shop.example.org",),
    gateways: tuple[str, ...] | None = ("istio-ingress/g",),
    name: str = "orders",
    namespace: str = "shop",
    **spec: Any,
) -> Object:
    bound = {"gateways": list(gateways)} if gateways else {}
    whole = {"hosts": list(hosts), **bound, "http": list(routes), **spec}
    return istio("VirtualService", name, namespace, whole)


def subsets(*names: str, host: str = "orders", namespace: str = "shop", **spec: Any) -> Object:
    entries = [{"name": name, "labels": {"v": name}} for name in names]
    name = f"orders-{namespace}"
    return istio("DestinationRule", name, namespace, {"host": host, "subsets": entries, **spec})


def enter(*objects: Object, request: Request = GET) -> Routed:
    world = [*objects, service()]
    if not any(each["kind"] == "Gateway" for each in objects):
        world.append(gateway("*"))
    return route(world, request, gateway="istio-ingress/g", namespace="istio-ingress")


def test_the_first_route_that_matches_is_taken() -> None:
    found = enter(
        virtual(
            http("safe", {"method": {"exact": "GET"}}),
            http("orders", {"uri": {"prefix": "/orders"}}),
            http("rest"),
        )
    )
    assert (found.virtual_service, found.route) == ("VirtualService shop/orders", "safe")
    assert found.destinations == (Destination(ADDRESS, None, 100),)
    assert found.decision.allowed
    assert found.decision.by == "VirtualService shop/orders safe"


@pytest.mark.parametrize(
    ("match", "takes"),
    [
        ({"uri": {"exact": "/orders/7"}}, True),
        ({"uri": {"exact": "/orders"}}, False),
        ({"uri": {"prefix": "/orders"}}, True),
        ({"uri": {"prefix": "/order"}}, True),
        ({"uri": {"prefix": "/Orders"}}, False),
        ({"uri": {"prefix": "/Orders"}, "ignoreUriCase": True}, True),
        ({"uri": {"regex": "/orders/[0-9]+"}}, True),
        ({"uri": {"regex": "/orders"}}, False),
        ({"method": {"exact": "POST"}}, False),
        ({"method": {"regex": "GET|HEAD"}}, True),
        ({"headers": {"x-user": {"exact": "alice"}}}, True),
        ({"headers": {"x-user": {"prefix": "b"}}}, False),
        ({"headers": {"x-user": {}}}, True),
        ({"headers": {"x-none": {}}}, False),
        ({"headers": {"x-none": {"regex": ".*"}}}, False),
        ({"withoutHeaders": {"x-user": {}}}, False),
        ({"withoutHeaders": {"x-user": {"exact": "bob"}}}, True),
        ({"withoutHeaders": {"x-none": {"exact": "bob"}}}, True),
        ({"authority": {"exact": "shop.example.org"}}, True),
        ({"port": 443}, False),
        ({"gateways": ["istio-ingress/g"]}, True),
        ({"gateways": ["mesh"]}, False),
        ({"uri": {"prefix": "/orders"}, "method": {"exact": "POST"}}, False),
    ],
)
def test_all_that_a_match_asks_has_to_hold(match: dict[str, Any], *, takes: bool) -> None:
    asked = replace(GET, headers={"X-User": "alice"})
    found = enter(virtual(http("one", match)), request=asked)
    assert found.decision.status == (None if takes else 404)


def test_matches_of_one_route_are_alternatives() -> None:
    either = http("one", {"method": {"exact": "PUT"}}, {"uri": {"prefix": "/orders"}})
    assert enter(virtual(either)).route == "one"


def test_paths_are_compared_once_they_are_normalized() -> None:
    found = enter(
        virtual(http("orders", {"uri": {"prefix": "/orders"}})),
        request=replace(GET, path="/cart/..%2forders//7"),
    )
    assert found.route == "orders"
    assert enter(virtual(http("all")), request=replace(GET, path="/%00")).decision.status == 400


@pytest.mark.parametrize(
    ("server", "host", "status"),
    [
        ("shop.example.org", "shop.example.org", None),
        ("shop.example.org", "SHOP.example.org:443", None),
        ("shop.example.org", "other.example.org", 404),
        ("*.example.org", "shop.example.org", None),
        ("*", "shop.example.org", None),
        ("shop/shop.example.org", "shop.example.org", None),
        ("cart/shop.example.org", "shop.example.org", 404),
        ("*/shop.example.org", "shop.example.org", None),
        ("./shop.example.org", "shop.example.org", 404),
    ],
)
def test_a_gateway_serves_a_host_to_the_namespaces_it_names(
    server: str, host: str, status: int | None
) -> None:
    found = enter(gateway(server), virtual(http("all")), request=replace(GET, host=host))
    assert found.decision.status == status


def test_a_gateway_serves_its_ports_alone_and_its_own_virtual_services() -> None:
    assert enter(gateway("*", port=8443), virtual(http("all"))).decision.status == 404
    elsewhere = virtual(http("all"), gateways=("istio-ingress/other",))
    assert enter(elsewhere).decision.status == 404
    assert enter(virtual(http("all"), exportTo=["."])).decision.status == 404
    assert enter(virtual(http("all"), exportTo=["istio-ingress"])).decision.allowed


def test_an_exact_host_wins_over_a_wildcard_and_the_longer_wildcard_over_the_shorter() -> None:
    objects = [
        virtual(http("any"), hosts=("*",), name="any"),
        virtual(http("wide"), hosts=("*.example.org",), name="wide"),
        virtual(http("exact", {"uri": {"prefix": "/x"}}), name="exact"),
        virtual(http("short"), hosts=("s.example.org",), name="short"),
    ]
    assert enter(*objects, request=replace(GET, path="/x")).route == "exact"
    # The exact host's routes are the only ones, even where none of them matches.
    assert enter(*objects).decision.status == 404
    assert enter(*objects, request=replace(GET, host="a.example.org")).route == "wide"
    # As long as the wildcard, and still the one that counts.
    assert enter(*objects, request=replace(GET, host="s.example.org")).route == "short"
    assert enter(*objects, request=replace(GET, host="example.net")).route == "any"


def test_gateways_of_one_proxy_join_their_routes_and_a_catch_all_comes_last() -> None:
    world = [
        gateway("shop.example.org", name="a"),
        gateway("shop.example.org", name="b"),
        virtual(http("rest"), gateways=("istio-ingress/a",), name="a"),
        virtual(
            http("cart", {"uri": {"prefix": "/cart"}}), gateways=("istio-ingress/b",), name="b"
        ),
        service(),
    ]
    both = gateways_of(world, INGRESS, 80)
    assert both == ("istio-ingress/a", "istio-ingress/b")
    assert gateways_of(world, replace(INGRESS, labels={}), 80) == ()
    cart = replace(GET, path="/cart/1")
    assert route(world, cart, gateway=both, namespace="istio-ingress").route == "cart"
    assert route(world, GET, gateway=both, namespace="istio-ingress").route == "rest"


def test_two_virtual_services_that_both_answer_are_not_guessed_between() -> None:
    with pytest.raises(Unsupported, match=r"VirtualService shop/a: .*VirtualService shop/b"):
        enter(virtual(http("x"), name="a"), virtual(http("y"), name="b"))


@pytest.mark.parametrize("host", [ADDRESS, "orders", "orders.shop", "orders.shop.svc", "orders:80"])
def test_a_caller_may_write_a_services_name_short(host: str) -> None:
    world = [virtual(http("all"), hosts=("orders",), gateways=None), service()]
    found = route(world, Request(host, "/"), gateway=None, namespace="shop")
    assert found.route == "all"


def test_a_virtual_service_of_a_gateway_alone_means_nothing_inside_the_mesh() -> None:
    world = [virtual(http("all"), hosts=("shop.example.org", ADDRESS)), service()]
    found = route(world, Request(ADDRESS, "/"), gateway=None, namespace="cart")
    assert found.virtual_service is None
    assert found.destinations == (Destination(ADDRESS, None, 100),)
    assert found.decision.by == "Service shop/orders"
    both = virtual(http("all"), hosts=(ADDRESS,), gateways=("istio-ingress/g", "mesh"))
    assert route([both, service()], Request(ADDRESS, "/"), gateway=None, namespace="cart").route


def test_a_match_may_be_for_callers_of_one_namespace() -> None:
    only = http("cart", {"sourceNamespace": "cart"})
    world = [virtual(only, http("rest"), hosts=(ADDRESS,), gateways=("mesh",)), service()]
    asked = Request(ADDRESS, "/")
    assert route(world, asked, gateway=None, namespace="cart").route == "cart"
    assert route(world, asked, gateway=None, namespace="bank").route == "rest"


def test_an_unknown_host_inside_the_mesh_is_no_route() -> None:
    found = route([service()], Request("nobody.example.org", "/"), gateway=None, namespace="cart")
    assert (found.decision.allowed, found.decision.status) == (False, 502)


WEIGHTED = [to(subset="stable", weight=90), to(subset="canary", weight=10)]


def test_weights_and_subsets_are_told() -> None:
    found = enter(virtual(http("all", route=WEIGHTED)), subsets("stable", "canary"))
    assert found.decision.allowed
    assert found.destinations == (
        Destination(ADDRESS, "stable", 90),
        Destination(ADDRESS, "canary", 10),
    )


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ([], "subset stable of .*no DestinationRule"),
        ([subsets("stable")], "subset canary, which DestinationRule shop/orders-shop has not"),
        ([subsets("stable", "canary", exportTo=["."])], "no DestinationRule"),
        # The gateway's own namespace comes first, whatever the service's says.
        (
            [
                subsets("stable", "canary"),
                subsets("stable", host="*.shop.svc.cluster.local", namespace="istio-ingress"),
            ],
            "subset canary, which DestinationRule istio-ingress/orders-istio-ingress",
        ),
        ([subsets("stable", "canary", namespace="cart", host=ADDRESS)], "no DestinationRule"),
    ],
)
def test_a_subset_that_nobody_defines_is_503(rules: list[Object], why: str) -> None:
    found = enter(virtual(http("all", route=WEIGHTED)), *rules)
    assert (found.decision.allowed, found.decision.status) == (False, 503)
    assert re.search(why, found.decision.why)


def test_a_subset_without_weight_may_be_missing() -> None:
    idle = [to(subset="stable", weight=100), to(subset="canary", weight=0)]
    assert enter(virtual(http("all", route=idle)), subsets("stable")).decision.allowed


def test_a_service_that_there_is_not_is_503() -> None:
    found = enter(virtual(http("all", route=[to("nobody")])))
    assert found.decision.status == 503
    assert "nobody.shop.svc.cluster.local" in found.decision.why


def delegating(name: str, *matches: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "delegate": {"name": "shares"}, **fields}
    return {**found, "match": list(matches)} if matches else found


def shares(*routes: Mapping[str, Any], **spec: Any) -> Object:
    return istio("VirtualService", "shares", "shop", {"http": list(routes), **spec})


def test_a_delegates_routes_stand_in_place_of_the_delegation() -> None:
    found = enter(
        virtual(delegating("safe", {"method": {"exact": "GET"}}), http("rest", route=[to("none")])),
        shares({"route": WEIGHTED}),
        subsets("stable", "canary"),
    )
    assert (found.virtual_service, found.route) == ("VirtualService shop/orders", "safe")
    assert [each.weight for each in found.destinations] == [90, 10]


@pytest.mark.parametrize(
    ("root", "delegate", "route"),
    [
        ({"uri": {"prefix": "/orders"}}, {"headers": {"x-user": {"exact": "a"}}}, "all-own"),
        ({"uri": {"prefix": "/orders"}}, {"uri": {"prefix": "/orders/7"}}, "all-own"),
        ({"uri": {"prefix": "/orders"}}, {"uri": {"exact": "/orders/7"}}, "all-own"),
        ({"method": {"exact": "GET"}}, {"method": {"exact": "GET"}}, "all-own"),
        # Both have to hold.
        ({"uri": {"prefix": "/cart"}}, {"headers": {"x-user": {"exact": "a"}}}, "rest"),
        ({"uri": {"prefix": "/orders"}}, {"headers": {"x-user": {"exact": "b"}}}, "rest"),
        # What Istio finds contradictory it leaves out.
        ({"uri": {"prefix": "/orders/7"}}, {"uri": {"prefix": "/orders"}}, "rest"),
        ({"uri": {"exact": "/orders/7"}}, {"uri": {"prefix": "/orders"}}, "rest"),
        ({"method": {"regex": "GET"}}, {"method": {"exact": "GET"}}, "rest"),
        ({"gateways": ["mesh"]}, {"gateways": ["istio-ingress/g"]}, "rest"),
        ({"ignoreUriCase": True}, {"uri": {"prefix": "/orders"}}, "rest"),
        ({"sourceNamespace": "istio-ingress"}, {"uri": {"prefix": "/orders"}}, "rest"),
    ],
)
def test_matches_of_both_have_to_hold(
    root: dict[str, Any], delegate: dict[str, Any], route: str
) -> None:
    found = enter(
        virtual(delegating("all", root), http("rest")),
        shares(http("own", delegate)),
        request=replace(GET, headers={"x-user": "a"}),
    )
    assert found.route == route


def test_a_delegate_that_is_missing_or_kept_from_the_namespace_is_left_out() -> None:
    whole = virtual(delegating("all"), http("rest"))
    assert enter(whole).route == "rest"
    assert enter(whole, shares(http("own"), exportTo=["bank"])).route == "rest"
    assert enter(whole, shares(http("own"), exportTo=["."])).route == "all-own"


def test_a_second_delegation_is_refused() -> None:
    with pytest.raises(Unsupported, match=r"VirtualService shop/shares: .*second delegation"):
        enter(virtual(delegating("all")), shares(delegating("more")))


def test_a_request_leaves_with_the_headers_that_the_route_sets() -> None:
    changes = {"request": {"set": {"x-proto": "https"}, "add": {"x-a": "2"}, "remove": ["x-b"]}}
    found = enter(
        virtual({**http("all"), "headers": {**changes, "response": {"remove": ["server"]}}}),
        request=replace(GET, headers={"X-Proto": "http", "x-a": "1", "X-B": "3"}),
    )
    assert found.request.headers == {"x-proto": "https", "x-a": "1,2"}


@pytest.mark.parametrize(
    ("objects", "where"),
    [
        ([virtual({**http("a"), "rewrite": {"uri": "/"}})], r"http\[0\].rewrite"),
        ([virtual({**http("a"), "fault": {"abort": {}}})], r"http\[0\].fault"),
        ([virtual({**http("a"), "redirect": {"uri": "/"}})], r"http\[0\].redirect"),
        ([virtual({**http("a"), "delegate": {"name": "x"}})], r"http\[0\]: .*delegate"),
        ([virtual({**http("a"), "headers": {"request": {"set": {"x": "%REQ(y)%"}}}})], "headers"),
        ([virtual(http("a", {"queryParams": {}}))], r"match\[0\].queryParams"),
        ([virtual(http("a", {"sourceLabels": {"a": "b"}}))], r"match\[0\].sourceLabels"),
        ([virtual(http("a", {"uri": {"suffix": "x"}}))], "uri"),
        ([virtual(http("a", {"uri": {"regex": "(?!x).*"}}))], "uri"),
        ([virtual(http("a", {"headers": {"@request.auth.claims.sub": {}}}))], "headers"),
        ([virtual(http("a", route=[to(weight=0), to(weight=0)]))], r"http\[0\].route"),
        ([virtual({"name": "a"})], r"http\[0\].route"),
        ([virtual(http("a"), tls=[])], "spec.tls"),
        ([virtual(http("a")), gateway("*", tls={"httpsRedirect": True})], "tls"),
    ],
)
def test_what_is_not_understood_names_the_field(objects: list[Object], where: str) -> None:
    with pytest.raises(Unsupported, match=where):
        enter(*objects)
