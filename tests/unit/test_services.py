"""What teams say of a service: what is refused, and with which words."""

from typing import Any

from modules.core.delivery import BlueGreen, Canary, CanaryStep, HeaderCanary
from modules.core.hosts import Shard
from modules.core.rates import Key, Rate
from modules.core.services import (
    Access,
    AccessRule,
    Caller,
    Method,
    Protocol,
    Resources,
    Route,
    Scaling,
    Service,
    labels,
    selector,
)
from modules.core.site import Site

import pytest
from pydantic import TypeAdapter, ValidationError

IMAGE = "registry.example.org/shop/catalog:1.4.2"
DIGEST = f"registry.example.org:5000/shop/catalog@sha256:{'0a' * 32}"


def service(**changes: Any) -> Service:
    return Service(**{"name": "catalog", "namespace": "shop", "image": IMAGE} | changes)


def test_a_service_takes_three_settings_and_is_safe_by_default() -> None:
    plain = service()

    assert plain.routes == ()
    assert plain.callers == ()
    assert plain.access.public == ()
    assert plain.scaling.min_replicas == 3
    assert isinstance(plain.strategy, Canary)
    assert plain.capacity is None


@pytest.mark.parametrize("image", [IMAGE, DIGEST, f"{IMAGE}@sha256:{'0a' * 32}"])
def test_an_image_with_a_tag_or_a_digest_is_taken(image: str) -> None:
    assert service(image=image).image == image


@pytest.mark.parametrize(
    "image",
    [
        "registry.example.org/shop/catalog",
        "registry.example.org/shop/catalog:latest",
        "catalog:1.0",
        "registry.example.org/shop/catalog@sha256:0a0a",
        "https://registry.example.org/shop/catalog:1",
    ],
)
def test_an_image_that_may_change_under_its_name_is_refused(image: str) -> None:
    with pytest.raises(ValidationError, match="names no image for good; write the registry"):
        service(image=image)


@pytest.mark.parametrize(
    "pattern", ["orders", "/orders*", "/a/../b", "/a//b", "/a%2fb", "", "/*/a", "/a?b", "/./a"]
)
def test_a_path_that_would_be_read_in_two_ways_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError, match="is no path to guard; write one path such as"):
        Access(public=(pattern,))


@pytest.mark.parametrize("pattern", ["/", "/*", "/orders", "/orders/", "/orders/*", "/a.b/c-d~e/*"])
def test_one_path_and_all_under_one_are_taken(pattern: str) -> None:
    assert Access(public=(pattern,)).public == (pattern,)


@pytest.mark.parametrize("path", ["/orders/", "orders", "/a/../b", "/a*"])
def test_a_route_s_path_ends_without_a_slash(path: str) -> None:
    with pytest.raises(ValidationError, match="is not a plain path"):
        Route(host="shop", path=path)


def test_a_path_is_not_public_and_guarded_at_once() -> None:
    with pytest.raises(ValidationError, match="/admin is both public and in a rule"):
        Access(public=("/admin",), rules=(AccessRule(paths=("/admin",), mfa=True),))


def test_two_rules_for_one_path_and_method_are_refused_since_the_weaker_would_win() -> None:
    strict = AccessRule(paths=("/admin",), mfa=True)

    with pytest.raises(ValidationError, match=r"access\.rules names /admin twice"):
        Access(rules=(strict, AccessRule(paths=("/admin",))))
    with pytest.raises(ValidationError, match=r"access\.rules names /admin twice"):
        Access(rules=(strict, AccessRule(paths=("/admin",), methods=(Method.GET,))))


def test_rules_for_different_methods_of_one_path_are_taken() -> None:
    read = AccessRule(paths=("/orders",), methods=(Method.GET,))
    write = AccessRule(paths=("/orders",), methods=(Method.POST,), groups=("writers",))

    assert Access(rules=(read, write)).rules == (read, write)


def test_a_service_is_not_its_own_caller() -> None:
    with pytest.raises(ValidationError, match="shop/catalog is its own caller"):
        service(callers=(Caller(service="shop/catalog"),))
    with pytest.raises(ValidationError, match="shop/catalog is its own caller"):
        service(calls=("shop/catalog",))


def test_rates_are_of_the_kind_their_setting_is_for() -> None:
    with pytest.raises(ValidationError, match="capacity counts by client"):
        service(capacity=Rate(requests=100))
    with pytest.raises(ValidationError, match="client_rate counts by pod"):
        service(client_rate=Rate(requests=100, key=Key.POD))


def test_a_claim_takes_a_value_or_the_rule_would_ask_for_nothing() -> None:
    with pytest.raises(ValidationError, match="claims"):
        AccessRule(paths=("/x",), claims={"scope": ()})


@pytest.mark.parametrize("pattern", ["/admin", "/admin/*", "/order", "/ordersheet/*"])
def test_access_to_a_path_that_no_route_leads_to_is_refused(pattern: str) -> None:
    routes = (Route(host="shop", path="/orders"),)

    with pytest.raises(ValidationError, match="users are led to /orders; correct the path"):
        service(routes=routes, access=Access(public=(pattern,)))
    with pytest.raises(ValidationError, match="users are led to no path at all"):
        service(access=Access(rules=(AccessRule(paths=(pattern,), mfa=True),)))


@pytest.mark.parametrize("pattern", ["/orders", "/orders/*", "/orders/7", "/*"])
def test_access_to_what_a_route_leads_to_is_taken(pattern: str) -> None:
    routes = (Route(host="shop", path="/orders"),)

    assert service(routes=routes, access=Access(public=(pattern,))).routes == routes


@pytest.mark.parametrize("port", [15000, 15006, 15021, 15090])
def test_a_port_of_the_proxy_is_refused(port: int) -> None:
    with pytest.raises(ValidationError, match="Istio's proxy has 15000 to 15090; use another"):
        service(port=port)


def test_amounts_are_written_in_units_of_their_kind() -> None:
    assert Resources(cpu="1500m", memory="1Gi").cpu == "1500m"
    with pytest.raises(ValidationError, match="cpu"):
        Resources(cpu="256Mi")
    with pytest.raises(ValidationError, match="memory"):
        Resources(memory="256m")


def test_users_do_not_meet_a_service_that_speaks_grpc() -> None:
    inside = service(protocol=Protocol.GRPC)

    assert inside.routes == ()
    with pytest.raises(ValidationError, match="gRPC is for calls from inside alone"):
        service(protocol=Protocol.GRPC, routes=(Route(host="shop"),))


def test_a_ceiling_below_the_floor_is_refused() -> None:
    with pytest.raises(ValidationError, match="max_replicas = 2 is below min_replicas = 3"):
        Scaling(max_replicas=2)


@pytest.mark.parametrize("kind", [Canary, HeaderCanary])
def test_a_canary_only_grows(kind: type[Canary | HeaderCanary]) -> None:
    with pytest.raises(ValidationError, match="from 50 to 25 percent, a canary only grows"):
        kind(steps=(CanaryStep(weight=50), CanaryStep(weight=25)))


def test_the_strategy_is_chosen_by_its_kind_as_a_file_writes_it() -> None:
    written = {"name": "catalog", "namespace": "shop", "image": IMAGE}
    read = TypeAdapter(Service).validate_python({**written, "strategy": {"kind": "blue-green"}})

    assert isinstance(read.strategy, BlueGreen)


def test_the_same_service_is_met_over_a_shard_where_the_environment_has_one() -> None:
    found = service(routes=(Route(host="api", path="/catalog"), Route(host="@")))
    plain = Site(domain="dev.example.org")
    sharded = Site(
        domain="prod.example.org", shards={"api": Shard(hosts=("api.prod.example.org",), slot=1)}
    )

    assert plain.through_gateway(found) == found.routes
    assert plain.through_shards(found) == {}
    assert sharded.through_gateway(found) == (Route(host="@"),)
    assert sharded.through_shards(found) == {"api": (Route(host="api", path="/catalog"),)}
    assert found.hosts("prod.example.org") == ("api.prod.example.org", "prod.example.org")


def test_what_selects_pods_is_among_their_labels() -> None:
    found = service()

    assert selector(found).items() <= labels(found).items()
    assert found.ref == "shop/catalog"
    assert found.address == "catalog.shop.svc.cluster.local"
