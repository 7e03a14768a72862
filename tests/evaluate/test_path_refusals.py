"""Paths that policies and applications read differently: refused, or decided as one path.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/rbac/v3/rbac.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/path.proto
"""

from copy import deepcopy
from typing import Any

from modules.core.hosts import AdminTool
from modules.core.identity import Identity, Issuer
from modules.core.services import Access, AccessRule, Route, Service
from modules.core.site import Site
from modules.kubernetes.istio.access import allow_at_gateway
from modules.kubernetes.istio.admin_hosts import exposed
from modules.kubernetes.istio.path_parameters import FILTER, refuse_path_parameters
from modules.kubernetes.istio.rate_limits import CLIENT_FILTER, per_client

import pytest

from ekp.evaluate.calls import GATEWAY, may_call
from ekp.evaluate.istio.authentication import authenticate
from ekp.evaluate.istio.authorization import authorize
from ekp.evaluate.istio.headers import cleaned
from ekp.evaluate.istio.refusals import refused_by
from ekp.evaluate.request import Request, Unsupported, Workload

from .small_shop import BALANCER, ISSUER, ORDERS, SHARD_HOST, Made, asked, shop

REFUSES = refuse_path_parameters()[0].as_dict()
BY = "EnvoyFilter istio-system/path-parameters"
GATE = Workload("istio-ingress", "gateway", {"app": "istio-ingressgateway"}, "istio-ingressgateway")
POD = Workload("shop", "orders", {"app": "orders"}, "orders")
AROUND = ("/orders/..;/admin", "/orders/7;x", "/orders/..%3b/admin", "/orders/..%3B/admin")


@pytest.mark.requirement("R17")
@pytest.mark.parametrize("path", AROUND)
def test_a_path_with_parameters_ends_at_the_gateway(path: str) -> None:
    call = may_call(shop(REFUSES), BALANCER, asked(path), entrance=GATEWAY)

    assert (call.status, call.by, call.target) == (403, BY, None)
    assert may_call(shop(), BALANCER, asked(path), entrance=GATEWAY).allowed


@pytest.mark.requirement("R17")
@pytest.mark.parametrize("path", AROUND)
def test_a_path_with_parameters_ends_at_the_pod_whoever_sends_it(path: str) -> None:
    world = shop(REFUSES)
    cart = world.workload("shop", "cart")
    by_shard = may_call(world, BALANCER, asked(path, host=SHARD_HOST), entrance="fast")
    inside = may_call(world, cart, asked(path, host=ORDERS, user=False))

    assert (by_shard.status, by_shard.by) == (403, BY)
    assert (inside.status, inside.by) == (403, BY)


def test_it_is_refused_before_any_token_is_looked_at() -> None:
    call = may_call(shop(REFUSES), BALANCER, asked("/public;x", user=False), entrance=GATEWAY)

    assert call.by == BY


@pytest.mark.parametrize("path", ["/orders/7", "/orders/7?a=1;b=2", "/orders/7?a=%3B"])
def test_a_query_may_have_semicolons(path: str) -> None:
    assert may_call(shop(REFUSES), BALANCER, asked(path), entrance=GATEWAY).allowed


def test_a_path_that_no_proxy_takes_is_still_answered_400() -> None:
    found = refused_by([REFUSES], GATE, asked("/a;%00"), gateway=True)

    assert found is not None
    assert found.status == 400


def test_a_pod_without_a_sidecar_refuses_nothing() -> None:
    bare = Workload("shop", "orders", {"app": "orders"}, "orders", in_mesh=False)

    assert refused_by([REFUSES], bare, asked("/a;b")) is None


def broken(change: Any) -> Made:
    made: Made = deepcopy(REFUSES)
    patch = made["spec"]["configPatches"][0]
    change(patch, patch["patch"]["value"]["typed_config"]["rules"])
    return made


def policy(rules: Made) -> Made:
    (found,) = rules["policies"].values()
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    "change",
    [
        lambda _, rules: rules.update(action="ALLOW"),
        lambda _, rules: rules.update(action="LOG"),
        lambda _, rules: rules.pop("action"),
        lambda _, rules: rules.update(audit_logging_options={}),
        lambda _, rules: policy(rules).update(principals=[{"authenticated": {}}]),
        lambda _, rules: policy(rules).update(condition={}),
        lambda _, rules: policy(rules).update(permissions=[]),
        lambda _, rules: policy(rules).update(permissions=[{"any": True}]),
        lambda _, rules: policy(rules)["permissions"][0].update(destination_port=80),
        lambda _, rules: policy(rules)["permissions"][0]["url_path"]["path"].update(exact="/"),
        lambda patch, _: patch["patch"].update(operation="ADD"),
        lambda patch, _: patch["patch"]["value"].update(disabled=True),
        lambda patch, _: patch["patch"]["value"]["typed_config"].update(shadow_rules={}),
        lambda patch, _: patch["match"].update(context="ANY"),
        lambda patch, _: patch["match"].update(proxy={"proxyVersion": "1.30"}),
        lambda patch, _: patch["match"]["listener"].update(portNumber=8080),
    ],
)
def test_a_filter_that_does_something_else_is_an_error(change: Any) -> None:
    for ask in (refused_by, cleaned):
        with pytest.raises(Unsupported, match=f"{BY}: spec\\.configPatches\\[0\\]"):
            ask([broken(change)], GATE, asked("/"), gateway=True)


LOGIN = Issuer(issuer=ISSUER, jwks_uri=f"{ISSUER}/keys", audiences=("shop",))
SITE = Site(domain="example.org", identity=Identity(issuers={"login": LOGIN}))
TOOL = "grafana.example.org"


def exemption() -> Made:
    (found,) = (m for m in exposed(AdminTool.GRAFANA, TOOL, SITE) if m.kind == "EnvoyFilter")
    return deepcopy(dict(found.as_dict()))


def test_a_tools_host_without_a_limit_of_clients_is_understood() -> None:
    limits = [one.as_dict() for one in per_client(SITE)]
    world = shop(exemption(), REFUSES, *limits)
    theirs = Request(TOOL, "/d/shop", token=asked().token)

    decision, identity = authenticate(world.objects, GATE, theirs)

    assert (decision.by, identity) == ("EnvoyFilter istio-ingress/grafana", None)
    assert may_call(world, BALANCER, asked(), entrance=GATEWAY).allowed


@pytest.mark.parametrize("name", [FILTER, "envoy.filters.http.rbac", CLIENT_FILTER])
def test_any_other_filter_that_a_host_is_left_out_of_is_an_error(name: str) -> None:
    made = exemption()
    value = made["spec"]["configPatches"][0]["patch"]["value"]
    settings = value["typed_per_filter_config"]
    off = settings.pop(CLIENT_FILTER)
    # The limit itself is one only as long as nothing but its being off is set.
    settings[name] = off if name != CLIENT_FILTER else {**off, "disabled": False}
    limits = [one.as_dict() for one in per_client(SITE)]

    with pytest.raises(Unsupported, match=f"EnvoyFilter istio-ingress/grafana: .*{name}"):
        may_call(shop(made, REFUSES, *limits), BALANCER, asked(), entrance=GATEWAY)


@pytest.mark.requirement("R17")
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/orders/admin", False),
        ("/orders/admin/", False),
        ("/orders/admin//", False),
        ("/orders/admin/users", False),
        ("/orders/administration", True),
        ("/orders/7", True),
    ],
)
def test_a_rule_for_all_under_a_path_guards_the_path_itself(
    path: str,
    allowed: bool,  # noqa: FBT001 - a row of a table
) -> None:
    service = Service(
        name="orders",
        namespace="shop",
        image="registry.example.org/shop/orders:1.0.0",
        routes=(Route(host="www", path="/orders"),),
        access=Access(
            public=("/orders/*",),
            rules=(AccessRule(paths=("/orders/admin/*",), groups=("merchants",)),),
        ),
    )
    objects = [one.as_dict() for one in allow_at_gateway(service, SITE)]

    found = authorize(objects, GATE, None, asked(path, user=False), None)

    assert found.allowed is allowed
