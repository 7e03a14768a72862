"""Requests find a service by host and path, within its timeout, and what changes is sent once."""

import re
from typing import Any

from modules.core.delivery import BlueGreen, Canary, HeaderCanary, Strategy
from modules.core.hosts import Shard
from modules.core.services import Method, Protocol, Resilience, Route, Service
from modules.core.site import Site
from modules.kubernetes.istio.destinations import destination
from modules.kubernetes.istio.routes import routes, versions
from modules.kubernetes.manifest import Manifest

import pytest
from hypothesis import given
from hypothesis import strategies as st

SITE = Site(domain="example.org", shards={"bulk": Shard(hosts=("bulk.example.org",), slot=1)})
ADDRESS = "orders.shop.svc.cluster.local"
GATEWAY = "istio-ingress/shop-orders"
STRATEGIES: list[Strategy] = [Canary(), HeaderCanary(), BlueGreen()]


def orders(*ways: tuple[str, str], **settings: Any) -> Service:
    return Service(
        name="orders",
        namespace="shop",
        image="registry.example.org/shop/orders:1.4.2",
        routes=tuple(Route(host=host, path=path) for host, path in ways),
        **settings,
    )


def first(service: Service) -> dict[str, Any]:
    spec = routes(service, SITE)[0].fields["spec"]
    assert isinstance(spec, dict)
    return spec


def holds(match: dict[str, Any], value: str) -> bool:
    """Tell whether a match of Istio's holds for a value."""
    if "regex" in match:
        return re.fullmatch(match["regex"], value) is not None
    if "exact" in match:
        return bool(value == match["exact"])
    return value.startswith(match["prefix"])


def taken(service: Service, method: str, host: str, path: str) -> dict[str, Any] | None:
    """Return the route that takes a request at the gateway; None: the service is not met by it."""
    spec = first(service)
    if GATEWAY not in spec["gateways"] or host.partition(":")[0].lower() not in spec["hosts"]:
        return None
    for route in spec["http"]:
        for match in route["match"]:
            if (
                GATEWAY in match["gateways"]
                and holds(match["uri"], path)
                and holds(match.get("method", {"prefix": ""}), method)
                and holds(match.get("authority", {"prefix": ""}), host)
            ):
                assert isinstance(route, dict)
                return route
    return None


def shares(found: list[Manifest]) -> list[list[int]]:
    return [
        [way.get("weight", 100) for way in route["route"]]
        for manifest in found
        for route in manifest.fields["spec"]["http"]
        if "route" in route
    ]


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("chosen", STRATEGIES, ids=lambda s: s.kind)
def test_shares_always_add_to_a_hundred(chosen: Strategy) -> None:
    found = shares(routes(orders(("shop", "/orders"), strategy=chosen), SITE))

    assert found
    assert all(sum(weights) == 100 for weights in found)


@pytest.mark.parametrize("method", list(Method))
@given(retries=st.integers(0, 5), timeout=st.integers(1, 300))
def test_what_may_change_something_is_never_sent_twice(
    method: Method, retries: int, timeout: int
) -> None:
    service = orders(
        ("shop", "/orders"), resilience=Resilience(retries=retries, timeout_seconds=timeout)
    )

    route = taken(service, method.value, "shop.example.org", "/orders/7")

    assert route is not None
    safe = method in (Method.GET, Method.HEAD, Method.OPTIONS)
    assert route["retries"]["attempts"] == (retries if safe else 0)


def test_a_method_that_only_begins_like_a_safe_one_is_not_retried() -> None:
    route = taken(orders(("shop", "/")), "GETANDDELETE", "shop.example.org", "/")

    assert route is not None
    assert route["retries"] == {"attempts": 0}


@given(retries=st.integers(1, 5), timeout=st.integers(1, 300))
def test_all_tries_together_fit_in_the_timeout(retries: int, timeout: int) -> None:
    service = orders(resilience=Resilience(retries=retries, timeout_seconds=timeout))
    safe, unsafe = first(service)["http"]

    each = int(safe["retries"]["perTryTimeout"].removesuffix("ms"))

    assert each >= 1
    assert each * (retries + 1) <= timeout * 1000
    assert safe["timeout"] == unsafe["timeout"] == f"{timeout}s"


def test_a_second_try_may_leave_the_zone_of_the_first() -> None:
    safe, _ = first(orders())["http"]

    assert safe["retries"]["retryRemoteLocalities"] is True


def test_calls_of_grpc_are_never_retried() -> None:
    (only,) = first(orders(protocol=Protocol.GRPC))["http"]

    assert only["name"] == "unsafe"
    assert only["retries"] == {"attempts": 0}


@pytest.mark.parametrize(
    ("path", "met"),
    [
        ("/orders", True),
        ("/orders/", True),
        ("/orders/7/lines", True),
        ("/ordersheet", False),
        ("/", False),
        ("/shop/orders", False),
    ],
)
def test_a_path_is_itself_and_all_under_it(path: str, *, met: bool) -> None:
    found = taken(orders(("shop", "/orders")), "GET", "shop.example.org", path)

    assert (found is not None) is met


def test_the_root_is_every_path() -> None:
    service = orders(("shop", "/"))

    assert taken(service, "POST", "shop.example.org", "/anything") is not None


def test_a_path_of_one_host_does_not_open_on_another() -> None:
    service = orders(("shop", "/orders"), ("partners", "/api"))

    assert taken(service, "GET", "shop.example.org", "/orders") is not None
    assert taken(service, "GET", "PARTNERS.example.org:443", "/api/orders") is not None
    assert taken(service, "GET", "partners.example.org", "/orders") is None
    assert taken(service, "POST", "shop.example.org", "/api") is None
    assert taken(service, "POST", "shopXexample.org", "/orders") is None


@pytest.mark.requirement("R14")
def test_a_service_is_bound_to_its_own_gateway_and_to_the_mesh() -> None:
    spec = first(orders(("shop", "/orders"), ("bulk", "/")))

    assert spec["gateways"] == [GATEWAY, "mesh"]
    assert spec["hosts"] == ["shop.example.org", ADDRESS]


def test_hosts_with_the_same_paths_need_not_be_told_apart() -> None:
    service = orders(("shop", "/orders"), ("@", "/orders"))

    spec = first(service)
    assert spec["hosts"] == ["shop.example.org", "example.org", ADDRESS]
    assert not any("authority" in match for route in spec["http"] for match in route["match"])
    assert taken(service, "GET", "example.org", "/orders") is not None


@pytest.mark.parametrize("ways", [(), (("bulk", "/"),)])
def test_a_service_without_a_route_over_the_gateway_is_met_inside_alone(
    ways: tuple[tuple[str, str], ...],
) -> None:
    spec = first(orders(*ways))

    assert spec["hosts"] == [ADDRESS]
    assert spec["gateways"] == ["mesh"]
    assert [route["match"] for route in spec["http"]] == [
        [{"gateways": ["mesh"], "method": {"regex": "GET|HEAD|OPTIONS"}}],
        [{"gateways": ["mesh"]}],
    ]


def test_calls_inside_the_mesh_reach_every_path() -> None:
    for route in first(orders(("shop", "/orders")))["http"]:
        (inside,) = (match for match in route["match"] if match["gateways"] == ["mesh"])
        assert not {"uri", "authority"} & set(inside)


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("chosen", [Canary(), HeaderCanary()], ids=lambda s: s.kind)
def test_what_rollouts_writes_to_holds_nothing_but_shares(chosen: Strategy) -> None:
    service = orders(("shop", "/orders"), strategy=chosen)
    asked, written = routes(service, SITE)

    assert {str(route["delegate"]) for route in asked.fields["spec"]["http"]} == {
        str({"name": written.name, "namespace": "shop"})
    }
    assert all("timeout" in route for route in asked.fields["spec"]["http"])
    assert set(written.fields["spec"]) == {"http"}
    (route,) = written.fields["spec"]["http"]
    assert set(route) == {"route"}


def test_settings_never_change_what_rollouts_writes_to() -> None:
    one = routes(orders(("shop", "/orders")), SITE)[1]
    other = routes(orders(("@", "/"), resilience=Resilience(retries=0, timeout_seconds=60)), SITE)[
        1
    ]

    assert one == other


def test_blue_green_has_one_way_to_its_service() -> None:
    (only,) = routes(orders(("shop", "/orders"), strategy=BlueGreen()), SITE)

    assert [route["route"] for route in only.fields["spec"]["http"]] == [
        [{"destination": {"host": ADDRESS}}]
    ] * 2
    assert "subsets" not in destination(orders(strategy=BlueGreen())).fields["spec"]


@pytest.mark.requirement("R13")
@pytest.mark.parametrize("chosen", STRATEGIES, ids=lambda s: s.kind)
def test_callers_speak_mtls_whatever_the_mesh_says(chosen: Strategy) -> None:
    policy = destination(orders(strategy=chosen)).fields["spec"]["trafficPolicy"]

    assert policy["tls"] == {"mode": "ISTIO_MUTUAL"}


@pytest.mark.requirement("R31")
def test_a_sick_pod_is_left_alone_and_half_of_them_always_stay() -> None:
    found = destination(orders(resilience=Resilience(errors_before_ejection=7)))
    policy = found.fields["spec"]["trafficPolicy"]

    assert policy["outlierDetection"]["consecutive5xxErrors"] == 7
    assert policy["outlierDetection"]["maxEjectionPercent"] == 50
    # Istio keeps to zones only where it can see who is sick.
    assert policy["loadBalancer"]["localityLbSetting"] == {"enabled": True}


def test_callers_wait_in_a_line_that_ends() -> None:
    found = destination(orders(resilience=Resilience(max_connections=50, max_waiting_requests=20)))
    pool = found.fields["spec"]["trafficPolicy"]["connectionPool"]

    assert pool["tcp"]["maxConnections"] == pool["http"]["http2MaxRequests"] == 50
    assert pool["http"]["http1MaxPendingRequests"] == 20
    assert pool["http"]["maxRetries"] < 50


def test_the_longest_name_still_makes_a_name() -> None:
    service = Service(
        name="o" * 40, namespace="shop", image="registry.example.org/shop/orders:1.4.2"
    )

    assert len(versions(service)) <= 63
