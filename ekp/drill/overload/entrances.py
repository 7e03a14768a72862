"""Finds the ways into a region: hosts of the gateway and of NGINX shards, with their limits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ekp.charts.releases import Release
from ekp.configured.environment import Configured
from ekp.configured.replicas import Replicas, of_way_in
from ekp.evaluate.istio.gateways import gateways_of
from ekp.evaluate.istio.rate_limits import limits_of
from ekp.evaluate.istio.routing import route
from ekp.evaluate.nginx import seen, send
from ekp.evaluate.nginx_limits import limits_of as shard_limits_of
from ekp.evaluate.nginx_locations import GROUP, locations
from ekp.evaluate.request import Request, Workload, of_kind
from ekp.evaluate.workloads import is_gateway, shard_of
from ekp.evaluate.world import World

from .addresses import asked
from .guards import at_shard, of_client
from .services import capacity_of, pods_of
from .ways import Guard, Way, Ways, joined

_CLIENT = "198.51.100.7"


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One region's cluster, asked for its ways in."""

    name: str
    world: World
    releases: list[Release]
    header: str | None
    """By which the web ACL before it tells clients; None: by the connection's address."""

    @property
    def senders(self) -> Mapping[str, Mapping[str, str]]:
        """What requests may tell of their client, with what is said of an address then."""
        if self.header is None:
            return {"": {}}
        return {"": {self.header: _CLIENT}, f" without {self.header}": {}}


def regions(configured: Configured, headers: Mapping[str, str | None]) -> list[Region]:
    """Return the regions of an environment.

    Args:
        configured: The environment.
        headers: By region: the header by which its web ACL tells clients.
    """
    return [
        Region(
            name=region,
            world=configured.world(region),
            releases=configured.releases(region),
            header=headers.get(region),
        )
        for region in configured.regions
    ]


def ways(region: Region) -> Ways:
    """Return the ways into a region.

    Raises:
        Unsupported: an object would change an answer and is not evaluated.
    """
    services: list[Way] = []
    tools: dict[str, str] = {}
    for each in region.world.pods:
        workload = each.workload
        if is_gateway(workload):
            services += _at_gateway(region, workload, tools)
        elif shard := shard_of(workload):
            services += _at_shard(region, workload, shard)
    return Ways(region.name, joined(services), tuple(sorted(tools.items())))


def _at_gateway(region: Region, gateway: Workload, tools: dict[str, str]) -> Iterator[Way]:
    objects = region.world.objects
    door = of_way_in(region.releases, gateway)
    for host, path, port in asked(objects, gateway):
        served = gateways_of(objects, gateway, port)
        for sender, headers in region.senders.items():
            request = Request(host, path, headers=headers, port=port)
            routed = route(objects, request, gateway=served, namespace=gateway.namespace)
            limits = limits_of(objects, gateway, request, gateway=True)
            guards = tuple(of_client(one) for one in limits if one.binds)
            services = dict.fromkeys(
                f"{found['metadata']['namespace']}/{found['metadata']['name']}"
                for to in routed.destinations
                if (found := region.world.service(to.host))
            )
            if routed.destinations and not services:
                counted = [one.by for one in guards]
                tools[host] = "" if tools.get(host) == "" else ", ".join(counted)
            for service in services:
                yield _way(
                    region,
                    service,
                    entrance="gateway",
                    url=f"{host}{path}{sender}",
                    door=door,
                    guards=guards,
                    loose=tuple(f"{one.by} {one.where}" for one in limits if not one.binds),
                    versions=len(routed.destinations),
                )


def _at_shard(region: Region, workload: Workload, shard: str) -> Iterator[Way]:
    world = region.world
    door = of_way_in(region.releases, workload)
    found = seen(world.objects, world.namespaces, shard)
    for server in of_kind(found, GROUP, "VirtualServer"):
        for location in locations(found, server):
            path = location.path.removeprefix("=")
            request = Request(server["spec"]["host"], path, headers={}, port=80)
            sent = send(world.objects, world.namespaces, shard, request)
            limits = shard_limits_of(world.objects, world.namespaces, shard, request)
            if sent.upstream is None:
                continue
            yield _way(
                region,
                "/".join(sent.upstream),
                entrance=f"shard {shard}",
                url=f"{request.host}{path}",
                door=door,
                guards=tuple(at_shard(one, door) for one in (limits.rates if limits else ())),
            )


def _way(
    region: Region,
    service: str,
    *,
    entrance: str,
    url: str,
    door: Replicas,
    guards: tuple[Guard, ...],
    loose: tuple[str, ...] = (),
    versions: int = 1,
) -> Way:
    capacity, uncounted = capacity_of(region.world, service)
    return Way(
        service=service,
        entrance=entrance,
        urls=(url,),
        door=door,
        pods=pods_of(region.world, service),
        guards=guards,
        capacity=capacity,
        loose=(*loose, *uncounted),
        versions=versions,
    )
