"""Envoy's local rate limit: buckets, how a client is told from others, what the refused hear.

Facts of the filter here are those of ``envoy.extensions.filters.http.local_ratelimit.v3`` at the
commit that Istio 1.30.3 is built against (go-control-plane 98966259b99a) and of its source,
``source/extensions/filters/common/local_ratelimit/local_ratelimit_impl.cc``.
"""

from collections.abc import Mapping
from math import ceil, gcd
from typing import Any

from ...core.rates import Rate
from ...core.site import Site

STAT_PREFIX = "ekp_rate"
"""What the limits' metrics begin with. A proxy keeps no such metrics unless the list
``proxyStatsMatcher.inclusionPrefixes`` of its ``ProxyConfig`` names the prefix. Prometheus sees
``envoy_<prefix>_http_local_rate_limit_<ok|rate_limited|enforced>``."""
LIMITED_BY = "x-ekp-limited-by"
"""Header of an answer 429: ``gateway``, ``service`` or ``pod``."""
# A client may ask for this part of a window's requests at once: a page with all that is in it.
BURST = 4
_ALWAYS = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
_LOCAL_RATE_LIMIT = "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"
_OVERWRITE = "OVERWRITE_IF_EXISTS_OR_ADD"
_Parts = list[dict[str, Any]]


def client_bucket(rate: Rate, *, gateways: int) -> dict[str, Any]:
    """Return a client's bucket at one of so many gateways.

    Of ``n`` requests a window, a gateway grants ``m = ceil(n / gateways)``; a quarter of these,
    rounded up, at once. So in any ``t`` seconds it lets through at most
    ``ceil(m / 4) + t * m / window``.
    """
    requests = ceil(rate.requests / gateways)
    return _bucket(requests, rate.window, at_once=ceil(requests / BURST))


def pod_bucket(rate: Rate) -> dict[str, Any]:
    """Return a pod's bucket: the requests of one second at once, rounded up.

    Of ``n`` requests a window, in any ``t`` seconds it lets through at most
    ``ceil(n / window) + t * n / window``.
    """
    return _bucket(rate.requests, rate.window, at_once=ceil(rate.per_second))


def client_keys(site: Site) -> list[tuple[_Parts, _Parts]]:
    """Return how a client is told: actions that read a key, and entries that take any value.

    An entry without a value stands for each value that comes. Who comes without the header is
    counted by the address that the gateway believes.
    """
    read_address: _Parts = [{"remote_address": {}}]
    address: _Parts = [{"key": "remote_address"}]
    if site.client_header is None:
        return [(read_address, address)]
    header = site.client_header
    missing = {
        "descriptor_key": "client",
        "descriptor_value": "unnamed",
        "expect_match": False,
        "headers": [{"name": header, "present_match": True}],
    }
    return [
        (
            [{"request_headers": {"header_name": header, "descriptor_key": "client"}}],
            [{"key": "client"}],
        ),
        (
            [{"header_value_match": missing}, *read_address],
            [{"key": "client", "value": "unnamed"}, *address],
        ),
    ]


def limiting(prefix: str, by: str, bucket: Mapping[str, Any]) -> dict[str, Any]:
    """Return the filter's settings that every limit has; how it counts is for the caller to add.

    Args:
        prefix: what its metrics begin with, after Envoy's own; it begins with ``STAT_PREFIX``.
        by: what ``LIMITED_BY`` says in an answer.
        bucket: whose pace ``retry-after`` tells.
    """
    seconds_a_token = int(bucket["fill_interval"].removesuffix("s")) / bucket["tokens_per_fill"]
    told = {LIMITED_BY: by, "retry-after": str(ceil(seconds_a_token))}
    return {
        "@type": f"type.googleapis.com/{_LOCAL_RATE_LIMIT}",
        "stat_prefix": prefix,
        "status": {"code": "TooManyRequests"},
        # gRPC's UNAVAILABLE, the other choice, is what callers' proxies try again.
        "rate_limited_as_resource_exhausted": True,
        "filter_enabled": _ALWAYS,
        "filter_enforced": _ALWAYS,
        "response_headers_to_add": [
            {"append_action": _OVERWRITE, "header": {"key": key, "value": value}}
            for key, value in told.items()
        ],
    }


def _bucket(requests: int, seconds: int, *, at_once: int) -> dict[str, Any]:
    # The rate as a fraction in lowest terms, for a bucket is filled in whole tokens and seconds;
    # rounding would lose up to half of a small rate. Envoy fills without steps, at tokens_per_fill
    # / fill_interval a second, so that the bucket may hold less than one filling.
    step = gcd(requests, seconds)
    return {
        "max_tokens": at_once,
        "tokens_per_fill": requests // step,
        "fill_interval": f"{seconds // step}s",
    }
