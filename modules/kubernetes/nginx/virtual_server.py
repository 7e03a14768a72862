"""Hosts of NGINX shards: each leads into the mesh, where the same checks wait as elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...core.services import Service, labels
from ...core.site import Site
from ..manifest import Manifest
from .policies import API, client_policy, limited_per_client
from .upstreams import host_served, locations, object_name, proxied, upstream


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A share of a host's requests for another service, as when that one is to replace it.

    It is not for new versions of one service: their share is Istio's, which Argo Rollouts moves and
    takes back. A second number here would multiply the first, and the analysis would not know.
    The other service must let the shard's service account in, and its namespace must carry the
    shard's label.
    """

    service: Service
    """Who gets the share."""
    percent: int
    """1 to 99; the first service gets the rest."""

    def __post_init__(self) -> None:
        """Refuse a share that leaves one of the two nothing."""
        if not 1 <= self.percent <= 99:  # noqa: PLR2004 - percent
            raise ValueError(
                f"split: percent = {self.percent} leaves one of two services nothing; use 1 to 99, "
                "or move the route"
            )


def served_by_shards(service: Service, site: Site, *, split: Split | None = None) -> list[Manifest]:
    """Return the hosts of a service that NGINX shards serve, and the rate limit at each shard.

    A VirtualServer is one host with all its paths, so a shard's host belongs to one service: with
    two, adding the second would change an object of the first (see ``check_shard_hosts``). NGINX
    calls the service's cluster IP under its cluster name, so its sidecar finds the service's
    VirtualService: canaries, mTLS, tokens and rate limits hold as for any other caller.

    Source: F5 NGINX Ingress Controller, "VirtualServer and VirtualServerRoute resources" and
    "NGINX Ingress Controller and Istio Service Mesh".
    """
    found = []
    for shard, routes in site.through_shards(service).items():
        found.append(limited_per_client(service, site, shard))
        for host in dict.fromkeys(site.host(route) for route in routes):
            paths = [route.path for route in routes if site.host(route) == host]
            found.append(
                _virtual_server(service, site, host, shard=shard, paths=paths, split=split)
            )
    return found


def shard_conflicts(services: Iterable[Service], site: Site) -> Iterator[str]:
    """Yield where NGINX would serve one service and drop another.

    They are on one host of a shard, or would write one object.
    """
    hosts: dict[str, str] = {}
    objects: dict[tuple[str, str, str], str] = {}
    for service in services:
        for shard, routes in site.through_shards(service).items():
            for host in dict.fromkeys(site.host(route) for route in routes):
                other = hosts.setdefault(host, service.ref)
                if other != service.ref:
                    yield (
                        f"{other} and {service.ref} both have {host}, which NGINX shard {shard} "
                        "serves for one service alone; give one of them another host, or take the "
                        "host out of the shard"
                    )
        for found in served_by_shards(service, site):
            other = objects.setdefault((found.kind, service.namespace, found.name), service.ref)
            if other != service.ref:
                yield (
                    f"{found.kind} {found.name} would be made by {other} and by {service.ref}; "
                    "rename one of the services"
                )


def _virtual_server(
    service: Service,
    site: Site,
    host: str,
    *,
    shard: str,
    paths: Sequence[str],
    split: Split | None,
) -> Manifest:
    upstreams = [upstream(service, service.name, service.name)]
    leads: dict[str, Any] = {"action": proxied(service, service.name, site, host)}
    if split is not None:
        other = f"{service.name}-split"
        upstreams.append(
            upstream(split.service, other, f"{split.service.namespace}/{split.service.name}")
        )
        leads = {
            "splits": [
                {"weight": 100 - split.percent, **leads},
                {"weight": split.percent, "action": proxied(split.service, other, site, host)},
            ]
        }
    return Manifest(
        api_version=API,
        kind="VirtualServer",
        name=object_name(service, host),
        namespace=service.namespace,
        labels=labels(service),
        fields={
            "spec": {
                **host_served(host, shard),
                "policies": [{"name": client_policy(service, shard)}],
                "upstreams": upstreams,
                "routes": [{"path": found, **leads} for path in paths for found in locations(path)],
            }
        },
    )
