"""Envoy counts each client at the gateway and each pod's load, and never lets through more."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate
from math import ceil
from pathlib import Path
from typing import Any

from modules.core.hosts import Shard
from modules.core.rates import Key, Rate, Rates, Window
from modules.core.services import Route, Service
from modules.core.site import Site
from modules.kubernetes.istio.rate_buckets import (
    LIMITED_BY,
    STAT_PREFIX,
    client_bucket,
    pod_bucket,
)
from modules.kubernetes.istio.rate_limits import per_client, per_pod, per_route
from modules.kubernetes.manifest import Manifest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ekp.evaluate.istio import rate_settings
from ekp.evaluate.istio.buckets import admitted, fits
from ekp.evaluate.istio.rate_descriptors import Clusters, entries_of, taking
from ekp.evaluate.request import Request

from ...support.custom_resources import mistakes

DIRECT = Site(
    domain="example.org",
    shards={"media": Shard(hosts=("media.example.org",), slot=1)},
    rates=Rates(gateway=Rate(requests=1200)),
    gateway_replicas=3,
)
BEHIND_CDN = replace(DIRECT, client_header="true-client-ip")
SITES = pytest.mark.parametrize("site", [DIRECT, BEHIND_CDN], ids=["direct", "behind-cdn"])
HEADERS = {"true-client-ip": "203.0.113.7"}
CLUSTER = "outbound|80||cart.shop.svc.cluster.local"
Counted = tuple[tuple[str, str], ...]
clients = st.builds(Rate, requests=st.integers(10, 5000), window=st.sampled_from(Window))
pods = st.builds(
    Rate,
    requests=st.integers(10, 50_000),
    window=st.sampled_from(Window),
    key=st.just(Key.POD),
)
pauses = st.lists(st.fractions(min_value=0, max_value=20, max_denominator=50), max_size=100)


def service(name: str = "cart", **settings: Any) -> Service:
    return Service(
        name=name,
        namespace="shop",
        image="registry.example.org/shop/cart:1.0.0",
        **{
            "routes": (Route(host="shop"),),
            "client_rate": Rate(requests=60),
            "capacity": Rate(requests=6000, key=Key.POD),
            **settings,
        },
    )


def patch(found: Sequence[Manifest]) -> dict[str, Any]:
    (only,) = found
    (first,) = only.fields["spec"]["configPatches"]
    assert isinstance(first, dict)
    return first


def limit(found: Sequence[Manifest]) -> dict[str, Any]:
    config = patch(found)["patch"]["value"]["typed_config"]
    assert isinstance(config, dict)
    return config


def counted(
    config: Mapping[str, Any],
    *,
    headers: Mapping[str, str] | None = None,
    address: str = "198.51.100.1",
    cluster: str | None = CLUSTER,
) -> list[Counted]:
    """Return what a request is counted as, the way Envoy finds the buckets of a filter."""
    request = Request("any.example.org", "/", headers=headers or {})
    found = []
    for one in config["rate_limits"]:
        entries = entries_of({}, "actions", one["actions"], request, Clusters(cluster))
        if entries and taking({}, "descriptors", config["descriptors"], entries):
            found.append(
                tuple((e.key, address if e.client == "address" else e.value) for e in entries)
            )
    return found


def let_through(bucket: Mapping[str, Any], times: Sequence[Fraction]) -> list[Fraction]:
    """Return when requests pass a bucket, as Envoy counts."""
    passes = admitted(rate_settings.bucket({}, "token_bucket", bucket), times)
    return [time for time, passed in zip(times, passes, strict=True) if passed]


@pytest.mark.requirement("R12")
@given(rate=clients, gateways=st.integers(1, 12), waits=pauses)
def test_no_client_gets_more_than_its_rate_and_a_quarter_of_a_window_at_once(
    rate: Rate, gateways: int, waits: list[Fraction]
) -> None:
    share = ceil(Fraction(rate.requests, gateways))
    times = list(accumulate(waits, initial=Fraction(0)))
    passed = let_through(client_bucket(rate, gateways=gateways), times)

    assert fits(
        passed, at_once=ceil(Fraction(share, 4)), a_second=Fraction(share, int(rate.window))
    )


@pytest.mark.requirement("R12")
@pytest.mark.requirement("R30")
@given(rate=pods, waits=pauses)
def test_no_pod_gets_more_than_its_capacity_and_one_second_at_once(
    rate: Rate, waits: list[Fraction]
) -> None:
    a_second = Fraction(rate.requests, int(rate.window))
    times = list(accumulate((wait / 100 for wait in waits), initial=Fraction(0)))

    passed = let_through(pod_bucket(rate), times)

    assert fits(passed, at_once=ceil(a_second), a_second=a_second)


@pytest.mark.requirement("R30")
@given(rate=st.one_of(clients, pods))
def test_the_rate_itself_is_let_through_for_as_long_as_one_likes(rate: Rate) -> None:
    apart = Fraction(int(rate.window), rate.requests)
    times = [apart * n for n in range(300)]
    bucket = client_bucket(rate, gateways=1) if rate.key is Key.CLIENT else pod_bucket(rate)

    assert let_through(bucket, times) == times


@pytest.mark.requirement("R12")
@given(rate=clients, gateways=st.integers(1, 12))
def test_all_gateways_together_grant_the_rate_and_less_than_one_request_each_beside(
    rate: Rate, gateways: int
) -> None:
    bucket = client_bucket(rate, gateways=gateways)
    a_window = Fraction(bucket["tokens_per_fill"], int(bucket["fill_interval"][:-1])) * rate.window

    assert rate.requests <= a_window * gateways < rate.requests + gateways


@given(rate=st.one_of(clients, pods), gateways=st.integers(1, 12))
def test_envoy_takes_every_bucket(rate: Rate, gateways: int) -> None:
    for bucket in (client_bucket(rate, gateways=gateways), pod_bucket(rate)):
        assert 0 < bucket["max_tokens"] < 2**32
        assert 0 < bucket["tokens_per_fill"] < 2**32
        assert re.fullmatch(r"[1-9]\d*s", bucket["fill_interval"])


def test_a_round_capacity_is_filled_each_second() -> None:
    capacity = Rate(requests=6000, key=Key.POD)

    assert pod_bucket(capacity) == {
        "max_tokens": 100,
        "tokens_per_fill": 100,
        "fill_interval": "1s",
    }


@pytest.mark.requirement("R12")
@SITES
def test_clients_are_counted_each_by_itself(site: Site) -> None:
    config = limit(per_client(site))
    one = counted(config, headers={"true-client-ip": "203.0.113.7"}, address="198.51.100.1")
    other = counted(config, headers={"true-client-ip": "203.0.113.8"}, address="198.51.100.2")

    assert len(one) == len(other) == 1
    assert one != other


@pytest.mark.requirement("R12")
def test_behind_the_cdn_its_header_tells_the_client_whichever_edge_calls() -> None:
    config = limit(per_client(BEHIND_CDN))

    assert counted(config, headers=HEADERS, address="198.51.100.1") == counted(
        config, headers=HEADERS, address="198.51.100.2"
    )


def test_whoever_comes_without_the_header_is_counted_by_address() -> None:
    config = limit(per_client(BEHIND_CDN))

    assert counted(config, address="198.51.100.1") != []
    assert counted(config, address="198.51.100.1") != counted(config, address="198.51.100.2")


@pytest.mark.requirement("R12")
@SITES
def test_a_request_that_no_route_takes_counts_for_its_client_too(site: Site) -> None:
    assert counted(limit(per_client(site)), headers=HEADERS, cluster=None) != []


@SITES
def test_many_clients_are_remembered(site: Site) -> None:
    assert limit(per_client(site))["max_dynamic_descriptors"] >= 10_000


@pytest.mark.requirement("R12")
@SITES
@pytest.mark.parametrize("subset", ["", "stable", "canary"])
def test_a_services_rate_counts_its_requests_by_client_whichever_version_serves(
    site: Site, subset: str
) -> None:
    config = limit(per_route(service(), site))
    cluster = f"outbound|80|{subset}|cart.shop.svc.cluster.local"
    one = counted(config, headers=HEADERS, cluster=cluster)
    other = counted(
        config, headers={"true-client-ip": "::1"}, address="198.51.100.2", cluster=cluster
    )

    assert len(one) == len(other) == 1
    assert one != other


@SITES
@pytest.mark.parametrize(
    "cluster", ["outbound|80|stable|orders.shop.svc.cluster.local", "BlackHoleCluster", None]
)
def test_requests_for_another_service_on_the_same_host_are_not_counted(
    site: Site, cluster: str | None
) -> None:
    assert counted(limit(per_route(service(), site)), headers=HEADERS, cluster=cluster) == []


def test_a_service_without_a_rate_or_without_a_way_over_the_gateway_has_no_limit_there() -> None:
    assert per_route(service(client_rate=None), DIRECT) == []
    assert per_route(service(routes=()), DIRECT) == []
    assert per_route(service(routes=(Route(host="media"),)), DIRECT) == []


@pytest.mark.requirement("R11")
def test_a_services_rate_above_the_gateways_is_refused_as_dead_text() -> None:
    five_minutes = Rate(requests=6001, window=Window.FIVE_MINUTES)

    with pytest.raises(ValueError, match=r"^shop/cart: client_rate = 6001 .*\(1200 .*; lower"):
        per_route(service(client_rate=five_minutes), DIRECT)


@pytest.mark.requirement("R11")
def test_a_services_rate_as_wide_as_the_gateways_is_taken() -> None:
    five_minutes = Rate(requests=6000, window=Window.FIVE_MINUTES)

    assert per_route(service(client_rate=five_minutes), DIRECT)


@pytest.mark.requirement("R12")
@pytest.mark.parametrize(
    ("found", "by"),
    [
        (per_client(DIRECT), "gateway"),
        (per_route(service(), DIRECT), "service"),
        (per_pod(service()), "pod"),
    ],
    ids=["client", "route", "pod"],
)
def test_what_is_too_much_is_answered_429_and_told_by_whom(found: list[Manifest], by: str) -> None:
    config = limit(found)
    headers = {h["header"]["key"]: h["header"]["value"] for h in config["response_headers_to_add"]}

    assert config["status"] == {"code": "TooManyRequests"}
    assert headers[LIMITED_BY] == by
    assert int(headers["retry-after"]) >= 1
    for share in ("filter_enabled", "filter_enforced"):
        assert config[share] == {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
    # Callers' proxies would try again what gRPC calls UNAVAILABLE.
    assert config["rate_limited_as_resource_exhausted"] is True


def test_an_answer_has_one_set_of_headers_that_tell_what_is_left() -> None:
    found = [per_client(DIRECT), per_route(service(), DIRECT), per_pod(service())]

    assert [limit(one).get("enable_x_ratelimit_headers") for one in found] == [
        "DRAFT_VERSION_03",
        None,
        None,
    ]


@pytest.mark.requirement("R39")
def test_every_limit_has_metrics_and_a_filter_of_its_own() -> None:
    found = [
        per_client(DIRECT),
        per_route(service(), DIRECT),
        per_route(service("orders"), DIRECT),
        per_pod(service()),
    ]
    prefixes = [limit(one)["stat_prefix"] for one in found]

    assert len(set(prefixes)) == len(found)
    assert all(re.fullmatch(rf"{STAT_PREFIX}_[a-z0-9_-]+", prefix) for prefix in prefixes)
    assert len({patch(one)["patch"]["value"]["name"] for one in found}) == len(found)


def test_the_gateways_limits_come_before_all_else_and_every_clients_first() -> None:
    everyone, own = per_client(DIRECT), per_route(service(), DIRECT)

    for found in (everyone, own):
        assert patch(found)["patch"]["operation"] == "INSERT_FIRST"
        assert patch(found)["match"]["context"] == "GATEWAY"
        assert found[0].namespace == "istio-ingress"
    # The one that is put first last is first.
    assert everyone[0].fields["spec"]["priority"] > own[0].fields["spec"]["priority"]


@pytest.mark.requirement("R30")
def test_a_pods_limit_holds_on_its_services_port_for_what_may_call_it() -> None:
    (found,) = per_pod(service(port=9000))
    (first,) = found.fields["spec"]["configPatches"]
    listener = first["match"]["listener"]

    assert found.namespace == "shop"
    assert found.fields["spec"]["workloadSelector"]["labels"] == {"app.kubernetes.io/name": "cart"}
    assert first["match"]["context"] == "SIDECAR_INBOUND"
    # Probes and metrics come to the agent's port, which is another.
    assert listener["portNumber"] == 9000
    assert listener["filterChain"]["filter"]["subFilter"]["name"] == "envoy.filters.http.router"
    assert first["patch"]["operation"] == "INSERT_BEFORE"


@pytest.mark.requirement("R30")
def test_a_pods_limit_counts_everyone_together() -> None:
    config = limit(per_pod(service(capacity=Rate(requests=1200, key=Key.POD))))

    assert config["token_bucket"] == pod_bucket(Rate(requests=1200, key=Key.POD))
    assert "descriptors" not in config


def test_a_pod_whose_capacity_nobody_has_measured_takes_what_comes() -> None:
    assert per_pod(service(capacity=None)) == []


def test_no_other_services_objects_are_called_like_a_services_limits() -> None:
    (at_gateway,), (in_pod,) = per_route(service(), DIRECT), per_pod(service())

    assert (at_gateway.name, in_pod.name) == ("shop-cart.rate", "cart.capacity")


def test_the_definitions_of_the_charts_take_all_of_it(tmp_path: Path) -> None:
    found = [
        *(one for site in (DIRECT, BEHIND_CDN) for one in per_client(site)),
        *(one for site in (DIRECT, BEHIND_CDN) for one in per_route(service(), site)),
        *per_pod(service()),
    ]

    assert mistakes([one.as_dict() for one in found], tmp_path) == []
