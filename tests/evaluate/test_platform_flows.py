"""What the platform needs gets through the network of a real cluster, and nothing else does."""

from collections.abc import Iterable, Iterator
from itertools import product

from modules.core.flows import Flow, Place
from modules.core.mesh import GATEWAY, GATEWAY_NAMESPACE, NGINX_NAMESPACE, shard_release
from modules.core.services import Service

import pytest

from tests.support.mesh_world import Cluster

from .network_spots import Spot, ends, one_side, places, pods

# Ports that no flow names.
OTHERS = (1, 9229, 15006, 65_535)
Port = tuple[str, int]
"""Transport and number."""


def asked(flow: Flow) -> tuple[int, ...]:
    return flow.ports or (8080,)


@pytest.fixture(params=["production", "hub"])
def cluster(request: pytest.FixtureRequest) -> Cluster:
    found: Cluster = request.getfixturevalue(
        {"production": "prod", "hub": "hub_cluster"}[request.param]
    )
    return found


@pytest.mark.requirement("R35")
def test_every_flow_gets_through_on_every_port(cluster: Cluster) -> None:
    world = cluster.world()
    spots = [*pods(world), *places(cluster)]
    refused, tried = [], set()
    for flow in cluster.flows:
        # A flow without ports says what a way in may try; services say on which port they answer.
        if not flow.ports and flow.source is not Place.OWN_NODE:
            continue
        for source, target in product(ends(flow.source, spots), ends(flow.target, spots)):
            for port in asked(flow):
                tried.add(flow.name)
                decision = world.policies.network(source.end, target.end, port, flow.transport)
                if not decision.allowed:
                    refused.append((flow.name, source.name, target.name, port, decision.by))

    assert refused == []
    peerless = {flow.name for flow in cluster.flows if flow.target is Place.PEERED}
    any_port = {flow.name for flow in cluster.flows if not flow.ports} - {"kubelet-probes"}
    missing = any_port | (set() if cluster.networks.peered else peerless)
    assert tried == {flow.name for flow in cluster.flows} - missing


@pytest.mark.requirement("R35")
@pytest.mark.parametrize("side", ["Egress", "Ingress"])
def test_each_side_opens_what_flows_and_services_name_and_nothing_else(
    cluster: Cluster, side: str
) -> None:
    world = cluster.world()
    spots = [*pods(world), *places(cluster)]
    wrong, allowed = [], 0
    for own in [spot for spot in spots if spot.is_guarded]:
        policies = one_side(world.policies, own, side)
        for other in spots:
            source, target = (own, other) if side == "Egress" else (other, own)
            opened = (leaving if side == "Egress" else entering)(cluster, source, target)
            for port in probes(cluster, source, target):
                decision = policies.network(source.end, target.end, port[1], port[0])
                allowed += decision.allowed
                if decision.allowed != (port in opened):
                    wrong.append((source.name, target.name, port, decision.by))

    assert wrong == []
    assert allowed > 50


@pytest.mark.requirement("R35")
def test_both_sides_agree_on_what_gets_through(cluster: Cluster) -> None:
    spots = [*pods(cluster.world()), *places(cluster)]
    differing = []
    for source, target in product(spots, spots):
        if source.is_guarded and target.is_guarded:
            both = leaving(cluster, source, target) & entering(cluster, source, target)
            tried = set(probes(cluster, source, target))
            if both & tried != entering(cluster, source, target):
                differing.append((source.name, target.name))

    assert differing == []


def leaving(cluster: Cluster, source: Spot, target: Spot) -> set[Port]:
    """Return what flows and services let a pod try; some of it any port."""
    caller = services(cluster).get(source.name)
    flows = list(between(cluster, source, target))
    if any(not flow.ports for flow in flows) or (caller and target.name in caller.calls):
        return {port for port in probes(cluster, source, target) if port[0] == "TCP"} | named(flows)
    if caller and caller.ref in cluster.granted and Place.POD_IDENTITY in target.places:
        return named(flows) | {("TCP", 80)}
    external = caller.external if caller and Place.INTERNET in target.places else ()
    return named(flows) | {("TCP", to.port) for to in external}


def entering(cluster: Cluster, source: Spot, target: Spot) -> set[Port]:
    """Return what flows and services let into a pod: a service its ways in and its callers."""
    opened = named(between(cluster, source, target))
    if called := services(cluster).get(target.name):
        shards, site = cluster.site.through_shards(called), cluster.site
        callers = {caller.service for caller in called.callers}
        callers |= {f"{NGINX_NAMESPACE}/{shard_release(shard)}" for shard in shards}
        callers |= {f"{GATEWAY_NAMESPACE}/{GATEWAY}"} if site.through_gateway(called) else set()
        opened |= {("TCP", called.port)} if source.name in callers else set()
    return opened


def services(cluster: Cluster) -> dict[str, Service]:
    return {service.ref: service for service in cluster.services}


def between(cluster: Cluster, source: Spot, target: Spot) -> Iterator[Flow]:
    return (f for f in cluster.flows if source.is_of(f.source) and target.is_of(f.target))


def named(flows: Iterable[Flow]) -> set[Port]:
    return {(flow.transport.value, port) for flow in flows for port in flow.ports}


def probes(cluster: Cluster, source: Spot, target: Spot) -> list[Port]:
    """Return ports to try: of flows that touch one of the ends, of services, and some more."""
    touching = (f for f in cluster.flows if source.is_of(f.source) or target.is_of(f.target))
    tried = named(touching) | {("TCP", service.port) for service in cluster.services}
    return sorted(tried | set(product(("TCP", "UDP"), OTHERS)))
