"""What a shard's location allows a client is read from its policies and its upstream."""

from typing import Any

import pytest

from ekp.evaluate.nginx_limits import Limits, limits_of
from ekp.evaluate.request import Request, Unsupported

from .test_nginx_shards import HOST, NAMESPACES, made, route, server, upstream

KEY = "$${binary_remote_addr}"


def policy(**limit: Any) -> dict[str, Any]:
    usual = {"key": KEY, "rate": "600r/m", "burst": 50, "rejectCode": 429, "zoneSize": "10m"}
    settings = {**usual, **limit}
    return made("Policy", "rate", {"rateLimit": settings})


def limits(*objects: dict[str, Any], path: str = "/") -> Limits | None:
    return limits_of(objects, NAMESPACES, "fast", Request(HOST, path))


def limited(**limit: Any) -> Limits:
    found = limits(server(route("/"), policies=[{"name": "rate"}]), policy(**limit))
    assert found is not None
    return found


def test_a_client_has_a_rate_by_its_address() -> None:
    (rate,) = limited().rates

    assert (rate.by, rate.per_second, rate.burst, rate.status) == ("Policy shop/rate", 10, 50, 429)
    assert limited(rate="7r/s").rates[0].per_second == 7
    assert limited(rejectCode=None, burst=0).rates[0].status == 503


@pytest.mark.parametrize(("size", "clients"), [("10m", 80_000), ("32k", 250), ("1g", 8_192_000)])
def test_a_pod_remembers_as_many_clients_as_its_zone_holds(size: str, clients: int) -> None:
    assert limited(zoneSize=size).rates[0].remembered == clients


@pytest.mark.parametrize(("shared", "allowed"), [(True, 10), (False, 30)])
def test_pods_share_a_rate_that_scales_and_each_has_one_that_does_not(
    *, shared: bool, allowed: float
) -> None:
    (rate,) = limited(scale=shared).rates

    assert rate.admits(allowed, pods=3)
    assert not rate.admits(allowed + 0.1, pods=3)


@pytest.mark.parametrize(
    ("written", "size"),
    [(None, 1024**2), ("10m", 10 * 1024**2), ("8k", 8192), ("1G", 1024**3), ("99", 99), ("0", 0)],
)
def test_a_body_has_the_length_that_its_upstream_says(written: str | None, size: int) -> None:
    own = upstream() if written is None else {**upstream(), "client-max-body-size": written}
    found = limits(server(route("/"), upstreams=[own]))

    assert found is not None
    assert found.body_bytes == size
    assert found.rates == ()


def test_a_path_that_no_location_takes_has_no_limits() -> None:
    assert limits(server(route("/orders/")), path="/") is None
    assert limits(server(route("/")), path="/../x") is None
    assert limits() is None


@pytest.mark.parametrize(
    ("limit", "where"),
    [
        ({"key": "${request_uri}"}, "spec.rateLimit.key"),
        ({"rate": "5r/h"}, "spec.rateLimit.rate"),
        ({"dryRun": True}, "spec.rateLimit.dryRun"),
        ({"zoneSize": "much"}, "spec.rateLimit.zoneSize"),
        ({"condition": {"jwt": {}}}, "spec.rateLimit.condition"),
    ],
)
def test_a_limit_that_is_not_understood_is_refused(limit: dict[str, Any], where: str) -> None:
    with pytest.raises(Unsupported) as error:
        limited(**limit)

    assert error.value.where == where


def test_a_size_that_is_none_is_refused() -> None:
    with pytest.raises(Unsupported, match="client-max-body-size"):
        limits(server(route("/"), upstreams=[{**upstream(), "client-max-body-size": "much"}]))
