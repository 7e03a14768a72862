"""Rate limits that Envoy counts itself: of clients at the gateway, and of what a pod takes."""

from collections.abc import Mapping
from typing import Any

from ...core.mesh import GATEWAY_LABELS, GATEWAY_NAMESPACE
from ...core.services import Service, labels, selector
from ...core.site import Site
from ..manifest import Manifest
from .gateway import gateway_name
from .http_filters import CONNECTION_MANAGER, put_first
from .rate_buckets import STAT_PREFIX, client_bucket, client_keys, limiting, pod_bucket

CLIENTS = "clients"
"""Name of the object with the limit of every client; one word, so no service's."""
CLIENT_FILTER = f"{STAT_PREFIX}.client"
"""The filter's name in the gateway's proxies, by which a host is left out of that limit."""
# A client that comes again after so many others were counted starts anew. Each takes about half a
# kilobyte (its key twice and a bucket): 10 MB of the gateway's 1 GiB, and as much for each service
# that has a rate of its own.
REMEMBERED_CLIENTS = 20_000
# Subsets of a service that its routes lead to: none, or the versions of a canary.
_SUBSETS = ("", "stable", "canary")
_API = "networking.istio.io/v1alpha3"


def per_client(site: Site) -> list[Manifest]:
    """Return the limit of each client at the gateway, over all services together.

    Hosts of the platform's tools are left out of it (``admin_hosts.py``).

    Each gateway counts for itself and is given its share of the rate; where more gateways run than
    the fewest, a client may ask for more. Answers tell what is left: ``x-ratelimit-limit``,
    ``-remaining`` and ``-reset``, of the gateway that answered.
    """
    bucket = client_bucket(site.rates.gateway, gateways=site.gateway_replicas)
    keys = client_keys(site)
    limit = {
        **limiting(f"{STAT_PREFIX}_client", "gateway", bucket),
        "max_dynamic_descriptors": REMEMBERED_CLIENTS,
        "rate_limits": [{"actions": actions} for actions, _ in keys],
        "descriptors": [{"entries": entries, "token_bucket": bucket} for _, entries in keys],
        "enable_x_ratelimit_headers": "DRAFT_VERSION_03",
    }
    # Each is put before all others, so that the last is first: a flood meets this one alone.
    return [_at_gateway(CLIENTS, CLIENT_FILTER, limit, own={}, priority=10)]


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
    keys = client_keys(site)
    # The only action that looks at the route and minds that there is none: "metadata" does not.
    # Source: envoy, source/common/router/router_ratelimit.cc.
    cluster: dict[str, Any] = {"destination_cluster": {}}
    names = [f"outbound|80|{subset}|{service.address}" for subset in _SUBSETS]
    limit = {
        **limiting(f"{STAT_PREFIX}_service_{service.namespace}__{service.name}", "service", bucket),
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
    """Return the limit of what one pod takes, whoever asks; without a ``capacity`` there is none.

    Only what may call the pod is counted, on the service's port alone. Probes are not: kubelet
    asks the agent on 15020, which asks the container itself, past the proxy.
    """
    if service.capacity is None:
        return []
    bucket = pod_bucket(service.capacity)
    limit = {**limiting(f"{STAT_PREFIX}_pod", "pod", bucket), "token_bucket": bucket}
    chain = {
        "filter": {"name": CONNECTION_MANAGER, "subFilter": {"name": "envoy.filters.http.router"}}
    }
    match = {
        "context": "SIDECAR_INBOUND",
        "listener": {"portNumber": service.port, "filterChain": chain},
    }
    # Last before the container, so that what is not let in uses up nothing.
    value = {"name": f"{STAT_PREFIX}.pod", "typed_config": limit}
    patch = {
        "applyTo": "HTTP_FILTER",
        "match": match,
        "patch": {"operation": "INSERT_BEFORE", "value": value},
    }
    return [
        Manifest(
            api_version=_API,
            kind="EnvoyFilter",
            name=f"{service.name}.capacity",
            namespace=service.namespace,
            labels=labels(service),
            fields={"spec": _spec(selector(service), patch)},
        )
    ]


def _at_gateway(
    name: str, filter_name: str, limit: Mapping[str, Any], *, own: Mapping[str, str], priority: int
) -> Manifest:
    patch = put_first("GATEWAY", filter_name, limit)
    return Manifest(
        api_version=_API,
        kind="EnvoyFilter",
        name=name,
        namespace=GATEWAY_NAMESPACE,
        labels=own,
        fields={"spec": {**_spec(GATEWAY_LABELS, patch), "priority": priority}},
    )


def _spec(pods: Mapping[str, str], patch: Mapping[str, Any]) -> dict[str, Any]:
    return {"workloadSelector": {"labels": dict(pods)}, "configPatches": [dict(patch)]}
