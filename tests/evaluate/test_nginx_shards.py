"""A shard serves the hosts of its class, by its locations, and rewrites headers as it is told."""

from typing import Any

import pytest

from ekp.evaluate.nginx import Sent, send
from ekp.evaluate.request import Request, Unsupported

NAMESPACES = {"shop": {"nginx-shard.ekp/fast": "true"}, "dark": {}}
HOST = "fast.example.org"


def made(kind: str, name: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    found = {"name": name, "namespace": "shop", **metadata}
    return {"apiVersion": "k8s.nginx.org/v1", "kind": kind, "metadata": found, "spec": spec}


def upstream(service: str = "orders") -> dict[str, Any]:
    return {"name": "up", "service": service, "port": 80, "use-cluster-ip": True}


def server(*routes: dict[str, Any], **spec: Any) -> dict[str, Any]:
    known = {"host": HOST, "ingressClassName": "nginx-fast", "upstreams": [upstream()]}
    return made("VirtualServer", "orders", {**known, "routes": list(routes), **spec})


def route(path: str, to: str = "up") -> dict[str, Any]:
    return {"path": path, "action": {"pass": to}}


def told(*headers: tuple[str, str], **more: Any) -> dict[str, Any]:
    written = [{"name": name, "value": value} for name, value in headers]
    proxy = {"upstream": "up", "requestHeaders": {"set": written, **more}}
    return {"path": "/", "action": {"proxy": proxy}}


def asked(*objects: dict[str, Any], path: str = "/", host: str = HOST, **headers: str) -> Sent:
    found = {name.replace("_", "-"): value for name, value in headers.items()}
    return send(objects, NAMESPACES, "fast", Request(host, path, headers=found))


def test_a_host_leads_to_the_service_of_its_upstream() -> None:
    sent = asked(server(route("/")), host="FAST.example.org:443")

    assert sent.decision.allowed
    assert sent.upstream == ("shop", "orders")
    assert sent.request is not None
    assert (sent.request.host, sent.request.port) == ("FAST.example.org:443", 80)


@pytest.mark.parametrize("other", ["nginx-slow", "nginx"])
def test_a_host_of_another_class_is_another_shard_s(other: str) -> None:
    assert asked(server(route("/"), ingressClassName=other)).decision.status == 404


def test_a_namespace_without_the_shard_s_label_is_not_seen() -> None:
    hidden = server(route("/"))
    hidden["metadata"]["namespace"] = "dark"

    assert asked(hidden).decision.status == 404


@pytest.mark.parametrize(
    ("path", "number"),
    [("/a", 1), ("/a/b", 2), ("/a/b/c", 3), ("/b", 0), ("//a//b/./x/../c", 3), ("/%61", 1)],
)
def test_the_exact_path_wins_then_the_longest_prefix(path: str, number: int) -> None:
    found = server(route("/"), route("=/a"), route("/a/"), route("/a/b/"), route("=/a/b"))
    expected = 4 if path == "/a/b" else number

    assert asked(found, path=path).decision.by == f"VirtualServer shop/orders routes[{expected}]"


def test_headers_are_set_emptied_and_else_passed_on() -> None:
    found = server(told(("Host", "a.shop"), ("X-Set", "ours"), ("X-Gone", "")))
    sent = asked(found, X_Set="theirs", x_gone="theirs", X_Kept="theirs")

    assert sent.request is not None
    assert sent.request.host == "a.shop"
    assert sent.request.headers == {"X-Kept": "theirs", "x-set": "ours"}


def test_no_header_is_passed_on_where_that_is_off() -> None:
    found = server(told(("X-Set", "ours"), **{"pass": False}))
    sent = asked(found, X_Kept="theirs")

    assert sent.request is not None
    assert sent.request.headers == {"x-set": "ours"}


def part(name: str, *, host: str = HOST, **labels: str) -> dict[str, Any]:
    spec = {
        "host": host,
        "ingressClassName": "nginx-fast",
        "upstreams": [upstream(name)],
        "subroutes": [route(f"/{name}")],
    }
    return made("VirtualServerRoute", name, spec, labels=labels)


def test_a_shared_host_takes_in_the_routes_that_its_label_selects() -> None:
    shared = server({"path": "/", "routeSelector": {"matchLabels": {"shared": "fast"}}})
    parts = [
        part("cart", shared="fast"),
        part("orders"),
        part("odd", host="else.example.org", shared="fast"),
    ]

    assert asked(shared, *parts, path="/cart/1").upstream == ("shop", "cart")
    assert asked(shared, *parts, path="/orders").decision.status == 404
    assert asked(shared, *parts, path="/odd").decision.status == 404


def test_a_shared_host_takes_in_a_route_that_it_names() -> None:
    shared = server({"path": "/", "route": "shop/cart"})

    assert asked(shared, part("cart"), path="/cart").upstream == ("shop", "cart")


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (server(route("~ ^/a")), "regular expressions"),
        (server(route("/a/")), "NGINX redirects /a to /a/"),
        (server(route("/", "nobody")), "there is no upstream nobody"),
        (server(route("/"), upstreams=[upstream() | {"use-cluster-ip": False}]), "around the mesh"),
        (server({"path": "/", "action": {"redirect": {"url": "x"}}}), "action.redirect"),
        (server({"path": "/", "splits": [{}]}), "splits"),
        (server(route("/"), tls={"redirect": {"enable": True}}), "redirects are not evaluated"),
        (server(told(("X-A", "$host"))), "NGINX's variables"),
    ],
)
def test_what_is_not_evaluated_is_an_error(found: dict[str, Any], message: str) -> None:
    with pytest.raises(Unsupported, match=message.replace(".", r"\.")):
        asked(found, path="/a")


def test_two_servers_of_one_host_are_an_error() -> None:
    other = server(route("/"))
    other["metadata"]["name"] = "other"

    with pytest.raises(Unsupported, match="VirtualServer shop/orders has fast"):
        asked(server(route("/")), other)


def test_a_policy_that_does_more_than_limit_is_an_error() -> None:
    guarded = server(route("/"), policies=[{"name": "guard"}])

    with pytest.raises(Unsupported, match="Policy shop/guard"):
        asked(guarded, made("Policy", "guard", {"jwt": {"secret": "x"}}))
    assert asked(guarded, made("Policy", "guard", {"rateLimit": {"rate": "1r/s"}})).decision.allowed
    assert asked(guarded).decision.status == 500
