"""Rate limits that Envoy counts itself: of clients at the gateway, and of what a pod takes.

Facts of Envoy's filter here are those of ``envoy.extensions.filters.http.local_ratelimit.v3`` at
the commit that Istio 1.30.3 is built against (go-control-plane 98966259b99a) and of its source,
``source/extensions/filters/common/local_ratelimit/local_ratelimit_impl.cc``.
"""

from collections.abc import Mapping
from math import ceil, gcd
from typing import Any

from ...core.mesh import GATEWAY_LABELS, GATEWAY_NAMESPACE
from ...core.rates import Rate
from ...core.services import Service, labels, selector
from ...core.site import Site
from ..manifest import Manifest
from .gateway import gateway_name

STAT_PREFIX = "ekp_rate"
"""What the limits' metrics begin with. A proxy keeps no such metrics unless the list
``proxyStatsMatcher.inclusionPrefixes`` of its ``ProxyConfig`` names the prefix. Prometheus sees
``envoy_<prefix>_http_local_rate_limit_<ok|rate_limited|enforced>``."""
CLIENTS = "clients"
"""Name of the object with the limit of every client; one word, so no service's."""
LIMITED_BY = "x-ekp-limited-by"
"""Header of an answer 429: ``gateway``, ``service`` or ``pod``."""
# A client that comes again after so many others were counted starts anew. Each takes about half a
# kilobyte (its key twice and a bucket): 10 MB of the gateway's 1 GiB, and as much for each service
# that has a rate of its own.
REMEMBERED_CLIENTS = 20_000
# A client may ask for this part of a window's requests at once: a page with all that is in it.
BURST = 4
# Subsets of a service that its routes lead to: none, or the versions of a canary.
_SUBSETS = ("", "stable", "canary")
_ALWAYS = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
_LOCAL_RATE_LIMIT = "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"
_API = "networking.istio.io/v1alpha3"
_HTTP = "envoy.filters.network.http_connection_manager"
_OVERWRITE = "OVERWRITE_IF_EXISTS_OR_ADD"
_Parts = list[dict[str, Any]]


def per_client(site: Site) -> list[Manifest]:
    """Return the limit of each client at the gateway, over all services together.

    Each gateway counts for itself and is given its share of the rate; where more gateways run than
    the fewest, a client may ask for more. Answers tell what is left: ``x-ratelimit-limit``,
    ``-remaining`` and ``-reset``, of the gateway that answered.
    """
    bucket = client_bucket(site.rates.gateway, gateways=site.gateway_replicas)
    keys = _client_keys(site)
    limit = {
        **_limit(f"{STAT_PREFIX}_client", "gateway", bucket),
        "max_dynamic_descriptors": REMEMBERED_CLIENTS,
        "rate_limits": [{"actions": actions} for actions, _ in keys],
        "descriptors": [{"entries": entries, "token_bucket": bucket} for _, entries in keys],
        "enable_x_ratelimit_headers": "DRAFT_VERSION_03",
    }
    # Each is put before all others, so that the last is first: a flood meets this one alone.
    return [_at_gateway(CLIENTS, f"{STAT_PREFIX}.client", limit, own={}, priority=10)]


def per_route(service: Service, site: Site) -> list[Manifest]:
    """Return the limit of each client for one service's routes, where the service sets one.

    A request is the service's when the route that was found for it leads there, so that services
    may share a host, and one's paths lie under another's. While two versions serve, a client has
    the rate at each. Answers say what is left of the gateway's own limit alone: these headers may
    stand once in an answer.

    Raises:
        ValueError: the rate is above the gateway's, or the object's name is too long.
    """
    rate = service.client_rate
    if rate is None or not site.through_gateway(service):
        return []
    widest = site.rates.gateway
    if rate.per_second > widest.per_second:
        raise ValueError(
            f"{service.ref}: client_rate = {rate} ({rate.per_second:g} a second) is above "
            f"rates.gateway ({widest}, {widest.per_second:g} a second), so it would never act; "
            "lower client_rate, or raise rates.gateway of the environment"
        )
    bucket = client_bucket(rate, gateways=site.gateway_replicas)
    keys = _client_keys(site)
    # The only action that looks at the route and minds that there is none: "metadata" does not.
    # Source: envoy, source/common/router/router_ratelimit.cc.
    cluster: dict[str, Any] = {"destination_cluster": {}}
    names = [f"outbound|80|{subset}|{service.address}" for subset in _SUBSETS]
    limit = {
        **_limit(f"{STAT_PREFIX}_service_{service.namespace}__{service.name}", "service", bucket),
        "max_dynamic_descriptors": REMEMBERED_CLIENTS,
        "rate_limits": [{"actions": [cluster, *actions]} for actions, _ in keys],
        "descriptors": [
            {
                "entries": [{"key": "destination_cluster", "value": name}, *entries],
                "token_bucket": bucket,
            }
            for name in names
            for _, entries in keys
        ],
    }
    called = f"{STAT_PREFIX}.service.{service.namespace}.{service.name}"
    # A dot is in no service's name, so that no other object is called like it.
    name = f"{gateway_name(service)}.rate"
    return [_at_gateway(name, called, limit, own=labels(service), priority=0)]


def per_pod(service: Service) -> list[Manifest]:
    """Return the limit of what one pod takes, whoever asks.

    Only what may call the pod is counted, on the service's port alone. Probes are not: kubelet
    asks the agent on 15020, which asks the container itself, past the proxy.
    """
    bucket = pod_bucket(service.capacity)
    limit = {**_limit(f"{STAT_PREFIX}_pod", "pod", bucket), "token_bucket": bucket}
    chain = {"filter": {"name": _HTTP, "subFilter": {"name": "envoy.filters.http.router"}}}
    match = {
        "context": "SIDECAR_INBOUND",
        "listener": {"portNumber": service.port, "filterChain": chain},
    }
    # Last before the container, so that what is not let in uses up nothing.
    value = {"name": f"{STAT_PREFIX}.pod", "typed_config": limit}
    patch = {"operation": "INSERT_BEFORE", "value": value}
    return [
        Manifest(
            api_version=_API,
            kind="EnvoyFilter",
            name=f"{service.name}.capacity",
            namespace=service.namespace,
            labels=labels(service),
            fields={"spec": _spec(selector(service), match, patch)},
        )
    ]


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


def _client_keys(site: Site) -> list[tuple[_Parts, _Parts]]:
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


def _limit(prefix: str, by: str, bucket: Mapping[str, Any]) -> dict[str, Any]:
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


def _at_gateway(
    name: str, filter_name: str, limit: Mapping[str, Any], *, own: Mapping[str, str], priority: int
) -> Manifest:
    match = {"context": "GATEWAY", "listener": {"filterChain": {"filter": {"name": _HTTP}}}}
    patch = {"operation": "INSERT_FIRST", "value": {"name": filter_name, "typed_config": limit}}
    return Manifest(
        api_version=_API,
        kind="EnvoyFilter",
        name=name,
        namespace=GATEWAY_NAMESPACE,
        labels=own,
        fields={"spec": {**_spec(GATEWAY_LABELS, match, patch), "priority": priority}},
    )


def _spec(
    pods: Mapping[str, str], match: Mapping[str, Any], patch: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "workloadSelector": {"labels": dict(pods)},
        "configPatches": [{"applyTo": "HTTP_FILTER", "match": match, "patch": patch}],
    }
