"""Services that are fine one by one and not together: refused with path, value and remedy."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from modules.core.config import deferred_validation
from modules.core.delivery import BlueGreen, Canary, CanaryStep
from modules.core.hosts import AdminTool, Shard
from modules.core.identity import Identity, Issuer
from modules.core.rates import Rate
from modules.core.services import Access, AccessRule, Caller, Route, Service
from modules.core.tenants import Tenant
from modules.stacks.edge import EdgeConfig
from modules.stacks.platform_config import PlatformConfig

import pytest

from environments import SettingsError, validate
from environments.schema import Environment, RegionSettings
from tests.support.settings import written
from tests.support.tenants import group

TODAY = date(2026, 11, 21)
OPEN = Access(public=("/*",))
ENTRA = Issuer(
    issuer="https://login.example.org/v2.0",
    jwks_uri="https://login.example.org/keys",
    audiences=("api://shop",),
)
SHARDS = {"api": Shard(hosts=("api.dev.ekp.example",), slot=1)}


def service(name: str = "catalog", namespace: str = "shop", **settings: Any) -> Service:
    """Return a service as a settings file writes it down: not yet checked."""
    plain: dict[str, Any] = {
        "name": name,
        "namespace": namespace,
        "image": f"registry.example.org/{namespace}/{name}:1.0.0",
    }
    with deferred_validation():
        return Service(**plain | settings)


def routed(name: str, *routes: Route, **settings: Any) -> Service:
    """Return a service that everyone may call by some routes."""
    plain: dict[str, Any] = {"routes": routes, "access": OPEN}
    return service(name, **plain | settings)


def owner(*services: Service, name: str = "shop", **settings: Any) -> Tenant:
    """Return a tenant as its file says it: not yet checked."""
    spaces = tuple(dict.fromkeys(one.namespace for one in services))
    plain: dict[str, Any] = {
        "owner": f"{name}@example.org",
        "cost_center": "cc-2001",
        "groups": {"admin": (group(int.from_bytes(name[:4].encode())),)},
        "namespaces": spaces,
        "services": services,
        "environments": {"dev": {}},
    }
    with deferred_validation():
        return Tenant(name=name, **plain | settings)


def environment(
    *services: Service,
    tenants: Sequence[Tenant] = (),
    identity: Identity | None = None,
    shards: dict[str, Shard] | None = None,
    admin_hosts: dict[AdminTool, str] | None = None,
    **changes: Any,
) -> Environment:
    """Return an environment as it is written down, with services of one tenant or with tenants."""
    one = written("dev").regions["eu-west-1"]
    with deferred_validation():
        platform = PlatformConfig(admin_hosts=admin_hosts or {})
        region = RegionSettings(network=one.network, cluster=one.cluster, platform=platform)
        edge = EdgeConfig(domain="dev.ekp.example", shards=shards or {})
    settings: dict[str, Any] = {
        "tenants": tuple(tenants) or (owner(*services),),
        "identity": identity or Identity(),
        "regions": {"eu-west-1": region},
        "edge": edge,
    }
    return written("dev", **settings | changes)


def problems(*services: Service, **changes: Any) -> tuple[str, ...]:
    """Return what is wrong with an environment of these services, or of these tenants."""
    with pytest.raises(SettingsError) as raised:
        validate((environment(*services, **changes),), TODAY)
    return raised.value.problems


def test_services_that_agree_are_valid() -> None:
    catalog = routed("catalog", Route(host="@"), callers=(Caller(service="shop/cart"),))
    cart = routed("cart", Route(host="api", path="/cart"), calls=("shop/catalog",))

    found, warnings = validate((environment(catalog, cart, shards=SHARDS),), TODAY)

    assert [one.ref for one in found["dev"].services] == ["shop/catalog", "shop/cart"]
    assert warnings == ()


def test_a_service_written_twice_is_refused_once() -> None:
    route = Route(host="shop")

    assert problems(routed("catalog", route), routed("catalog", route)) == (
        "dev.tenants[0]: services names catalog twice; remove one",
    )


def test_an_issuer_nobody_named_is_answered_with_those_there_are() -> None:
    access = Access(issuers=("partners",))

    assert problems(
        routed("catalog", Route(host="shop"), access=access),
        identity=Identity(issuers={"entra": ENTRA}),
    ) == (
        (
            "dev.services[shop/catalog].access.issuers: 'partners' is no issuer of the "
            "environment, whose identity.issuers has entra; use one of these or add it"
        ),
    )


def test_an_issuer_where_there_are_none_is_one_error_and_not_two() -> None:
    access = Access(issuers=("entra",))

    assert problems(routed("catalog", Route(host="shop"), access=access)) == (
        (
            "dev.services[shop/catalog].access.issuers: 'entra' is no issuer of the environment, "
            "whose identity.issuers has none; add it there"
        ),
    )


@pytest.mark.parametrize(
    "access",
    [
        Access(),
        Access(public=("/orders",)),
        Access(public=("/orders/*",)),
        Access(public=("/*",), rules=(AccessRule(paths=("/orders/7",)),)),
    ],
    ids=["nothing public", "the path alone", "all under it alone", "a rule inside what is public"],
)
def test_paths_that_ask_for_tokens_nobody_issues_are_refused(access: Access) -> None:
    assert problems(routed("orders", Route(host="shop", path="/orders"), access=access)) == (
        (
            "dev.services[shop/orders].routes: nobody could sign in, since identity.issuers of "
            "dev is empty; add an issuer, or let access.public open all paths"
        ),
    )


@pytest.mark.parametrize(
    "found",
    [
        routed("orders", Route(host="shop", path="/orders")),
        routed(
            "orders",
            Route(host="shop", path="/orders"),
            access=Access(public=("/orders", "/orders/*")),
        ),
        service("orders"),
    ],
    ids=["all paths public", "all paths of its route public", "met from inside alone"],
)
def test_a_service_whose_users_prove_nothing_needs_no_issuer(found: Service) -> None:
    assert validate((environment(found),), TODAY)[1] == ()


@pytest.mark.parametrize("label", ["origin", "grafana"])
def test_a_host_that_the_platform_answers_is_refused(label: str) -> None:
    message = (
        f"dev.services[shop/catalog].routes: {label}.dev.ekp.example is taken by the platform; use "
        "another host"
    )

    assert message in problems(
        routed("catalog", Route(host=label)),
        admin_hosts={AdminTool.GRAFANA: "grafana.dev.ekp.example"},
    )


@pytest.mark.parametrize(
    ("mine", "other"), [("/", "/orders"), ("/orders", "/orders"), ("/orders/new", "/orders")]
)
def test_a_path_inside_another_service_s_is_refused(mine: str, other: str) -> None:
    assert problems(
        routed("catalog", Route(host="shop", path=mine)),
        routed("orders", Route(host="shop", path=other)),
    ) == (
        (
            f"dev.services: shop/catalog has shop.dev.ekp.example{mine} and shop/orders has "
            f"shop.dev.ekp.example{other}, one inside the other; Istio asks the older one first, "
            "so give one of them another path or host"
        ),
    )


def test_paths_side_by_side_and_hosts_apart_are_taken() -> None:
    services = (
        routed("catalog", Route(host="shop", path="/order")),
        routed("orders", Route(host="shop", path="/orders")),
        routed("search", Route(host="search")),
    )

    assert validate((environment(*services),), TODAY)[1] == ()


@pytest.mark.parametrize("path", ["/orders/new", "/elsewhere"])
def test_a_host_of_another_tenant_is_refused_and_both_are_named(path: str) -> None:
    shop = owner(routed("catalog", Route(host="shop", path="/orders")))
    late = owner(routed("orders", Route(host="shop", path=path), namespace="late"), name="late")

    assert problems(tenants=(shop, late)) == (
        (
            "dev.services: shop/catalog of tenant shop and late/orders of tenant late both have "
            "shop.dev.ekp.example, and a host is of one tenant, whose routes may take any of its "
            "paths; give one of them another"
        ),
    )


def test_a_host_of_a_shard_is_one_service_s() -> None:
    assert problems(
        routed("catalog", Route(host="api", path="/catalog")),
        routed("orders", Route(host="api", path="/orders")),
        shards=SHARDS,
    ) == (
        (
            "dev.services: shop/catalog and shop/orders both have api.dev.ekp.example, which NGINX "
            "shard api serves for one service alone; give one of them another host, or take the "
            "host out of the shard"
        ),
    )


def test_two_services_whose_objects_at_the_gateway_would_be_one_are_refused() -> None:
    assert problems(service("c", "a-b"), service("b-c", "a")) == (
        (
            "dev.services: objects of a-b/c and a/b-c at the gateway would both be called a-b-c; "
            "rename one"
        ),
    )


def test_a_name_too_long_for_the_gateway_s_objects_is_refused() -> None:
    namespace, name = "n" * 40, "s" * 25

    assert problems(service(name, namespace)) == (
        (
            f"dev.services[{namespace}/{name}]: its objects at the gateway would be called "
            f"{namespace}-{name}, 66 characters of at most 63; shorten its name"
        ),
    )


@pytest.mark.parametrize("suffix", ["-preview", "-versions"])
def test_a_name_that_another_service_s_object_has_is_refused(suffix: str) -> None:
    assert problems(service(), service(f"catalog{suffix}")) == (
        (
            f"dev.services[shop/catalog{suffix}].name: an object of shop/catalog is called so; "
            f"use a name that does not end in {suffix}"
        ),
    )


def test_a_call_to_a_service_that_is_none_is_refused() -> None:
    assert problems(service(calls=("shop/stock",))) == (
        (
            "dev.services[shop/catalog].calls: shop/stock is no service of dev; correct it or add "
            "the service"
        ),
    )


def test_a_call_that_the_other_side_does_not_admit_is_refused() -> None:
    assert problems(service(), service("cart", calls=("shop/catalog",))) == (
        (
            "dev.services[shop/cart].calls: shop/catalog does not admit shop/cart; add it to "
            "callers of shop/catalog, whose team decides"
        ),
    )


def test_a_caller_that_is_no_service_is_refused() -> None:
    assert problems(service(callers=(Caller(service="shop/cart"),))) == (
        (
            "dev.services[shop/catalog].callers: shop/cart is no service of dev; correct it or "
            "remove it"
        ),
    )


@pytest.mark.requirement("R11")
def test_a_client_s_rate_above_the_gateway_s_would_never_act() -> None:
    assert problems(service(client_rate=Rate(requests=1300))) == (
        (
            "dev.services[shop/catalog].client_rate = 1300 requests in 60 s a client: the "
            "gateway's own is 1200 requests in 60 s a client, so it would never act; lower it, or "
            "raise edge.rates.gateway"
        ),
    )
    assert validate((environment(service(client_rate=Rate(requests=1200))),), TODAY)[1] == ()


def test_a_service_wrong_by_itself_hides_no_other_and_is_not_called_unknown() -> None:
    found = problems(
        service("stock", port=80),
        service("cart", calls=("shop/stock", "shop/stok")),
        service("orders", namespace="default", callers=(Caller(service="shop/stock"),)),
    )

    assert found == (
        (
            "dev.tenants[0].services[0].port = 80: Input should be greater than or equal to 1024; "
            "use a value in the range"
        ),
        (
            "tenants.shop.namespaces: namespace 'default' belongs to the platform; use one of the "
            "tenant's own"
        ),
        (
            "dev.services[shop/cart].calls: shop/stok is no service of dev; correct it or add the "
            "service"
        ),
    )


def test_every_error_of_services_comes_at_once_with_what_to_do() -> None:
    found = problems(
        routed("catalog", Route(host="origin"), calls=("shop/none",)),
        routed("orders", Route(host="shop"), access=Access(), client_rate=Rate(requests=9000)),
        routed("search", Route(host="shop", path="/search"), access=Access(issuers=("entra",))),
        service("catalog-preview", callers=(Caller(service="shop/none"),)),
        service("c", "kube-system"),
        owner=7,
    )

    assert len(found) == 10
    assert [message for message in found if message.count(";") != 1] == []


@pytest.mark.parametrize(
    ("strategy", "shown"),
    [
        ({"kind": "rolling"}, "{'kind': 'rolling'}"),
        ({"watched_seconds": 600}, "{'watched_seconds': 600}"),
        ("canary", "'canary'"),
    ],
    ids=["an unknown kind", "no kind", "the kind alone"],
)
def test_a_strategy_there_is_not_is_answered_with_those_there_are(
    strategy: object, shown: str
) -> None:
    assert problems(service(strategy=strategy)) == (
        (
            f"dev.tenants[0].services[0].strategy = {shown}: names no kind of strategy there is; "
            "use canary, header-canary or blue-green"
        ),
    )


def test_a_setting_that_a_strategy_does_not_have_is_answered_with_its_own() -> None:
    typo = {"kind": "blue-green", "watched": 300}

    assert problems(service(strategy=typo)) == (
        (
            "dev.tenants[0].services[0].strategy[blue-green].watched = 300: there is no such "
            "setting; did you mean watched_seconds? settings here are kind, watched_seconds"
        ),
    )


def test_a_strategy_s_own_settings_are_judged_by_their_limits() -> None:
    with deferred_validation():
        quick = BlueGreen(watched_seconds=30)
        falling = Canary(steps=(CanaryStep(weight=50), CanaryStep(weight=25)))

    assert problems(service("a", strategy=quick), service("b", strategy=falling)) == (
        (
            "dev.tenants[0].services[0].strategy[blue-green].watched_seconds = 30: Input should be "
            "greater than or equal to 120; use a value in the range"
        ),
        (
            "dev.tenants[0].services[1].strategy.canary: steps go from 50 to 25 percent, a canary "
            "only grows; put them in rising order"
        ),
    )
