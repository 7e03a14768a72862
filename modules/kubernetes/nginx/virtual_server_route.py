"""Hosts of NGINX shards that several services share, each with an object of its own."""

from ...core.mesh import shard_class
from ...core.services import Service, labels
from ...core.site import Site
from ..manifest import Manifest
from .policies import API, client_policy
from .upstreams import host_served, object_name, proxied, upstream

HOST_LABEL = "nginx-host.ekp"
"""Label by which a shared host takes in its VirtualServerRoutes, with the host's first label."""


def shared_host(host: str, shard: str, *, namespace: str) -> Manifest:
    """Return a VirtualServer that takes in each ``delegated`` VirtualServerRoute of its host.

    It selects them by label and names none, so a service joins without a change to it.
    """
    label = host.partition(".")[0]
    return Manifest(
        api_version=API,
        kind="VirtualServer",
        name=label,
        namespace=namespace,
        fields={
            "spec": {
                **host_served(host, shard),
                "routes": [
                    {"path": "/", "routeSelector": {"matchLabels": {HOST_LABEL: label}}},
                ],
            }
        },
    )


def delegated(service: Service, site: Site, host: str) -> Manifest:
    """Return a service's part of a host of a shard that several services share.

    Below a shared host NGINX knows prefixes alone: ``/orders`` is ``/ordersheet`` too, unless
    another service has the longer path.

    Raises:
        ValueError: the service has no route on the host, or no shard serves it.
    """
    shard = site.shard_of(host)
    paths = [route.path for route in service.routes if site.host(route) == host]
    if shard is None or not paths:
        raise ValueError(
            f"{service.ref} has no route on {host} over an NGINX shard; add the route, or list the "
            "host in a shard"
        )
    policies = [{"name": client_policy(service, shard)}]
    return Manifest(
        api_version=API,
        kind="VirtualServerRoute",
        name=object_name(service, host),
        namespace=service.namespace,
        labels={**labels(service), HOST_LABEL: host.partition(".")[0]},
        fields={
            "spec": {
                "ingressClassName": shard_class(shard),
                "host": host,
                "upstreams": [upstream(service, service.name, service.name)],
                "subroutes": [
                    {
                        "path": path,
                        "policies": policies,
                        "action": proxied(service, service.name, site, host),
                    }
                    for path in paths
                ],
            }
        },
    )
