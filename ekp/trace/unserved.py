"""Refusals whose cause is that somebody has not written something: a host, a route, an object."""

import difflib
from collections.abc import Collection, Iterable
from dataclasses import replace

from ekp.configured.environment import Configured
from ekp.evaluate.delivery import Call
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.istio.gateways import bound_gateways
from ekp.evaluate.istio.hosts import covers, without_port
from ekp.evaluate.request import Object, Request, named, of_kind
from ekp.evaluate.stage import Stage
from ekp.evaluate.world import World

from .serving import RENDER

_DENIED = (Stage.AUTHORIZATION, Stage.ROUTE, Stage.SHARD)
_LISTED = 3


def explained(
    hop: Hop, *, configured: Configured, world: World, request: Request, call: Call
) -> Hop:
    """Return a refusal as missing, where nobody serves the host or an object is not there.

    Args:
        hop: The refusal at the entrance, or between it and the pods.
        configured: The environment.
        world: The region's.
        request: As it came to the entrance.
        call: What became of it.
    """
    if hop.verdict is not Verdict.REFUSES:
        return hop
    host = without_port(request.host)
    gateways, shards = gateway_hosts(world), shard_hosts(world)
    if hop.stage in _DENIED and call.target is None and not _in(host, {*gateways, *shards}):
        return _nobody(hop, host, {*gateways, *shards}, configured.environment)
    if hop.stage in (Stage.ROUTE, Stage.SERVICE):
        return _without_object(hop, host, world, configured.environment)
    return hop


def gateway_hosts(world: World) -> set[str]:
    """Return the hosts that Gateways wait for."""
    return {
        str(entry).rpartition("/")[2].lower()
        for gateway in of_kind(world.objects, "networking.istio.io", "Gateway")
        for server in (gateway.get("spec") or {}).get("servers") or ()
        for entry in server.get("hosts") or ()
    }


def shard_hosts(world: World) -> set[str]:
    """Return the hosts of VirtualServers."""
    found = of_kind(world.objects, "k8s.nginx.org", "VirtualServer")
    return {str(each["spec"].get("host")).lower() for each in found}


def of_chart(configured: Configured, region: str, call: Call) -> tuple[str, str] | None:
    """Return the host that a route leads to and the chart that brings it; None: no chart does.

    What charts render is not among the objects: a route to it is well, and its end is not known.
    """
    if call.routed is None or call.routed.decision.allowed or not call.routed.destinations:
        return None
    host = call.routed.destinations[0].host
    namespace = host.partition(".")[2].partition(".")[0]
    found = configured.releases(region)
    charts = {one.name: one.chart for one in found if one.namespace == namespace}
    if not charts:
        return None
    # A chart's Services begin with its release's name.
    own = [name for name in charts if host.startswith((f"{name}-", f"{name}."))]
    return host, charts[own[0]] if own else f"one of {', '.join(sorted(charts.values()))}"


def _in(host: str, hosts: Iterable[str]) -> bool:
    return any(covers(each, host) for each in hosts)


def _nobody(hop: Hop, host: str, hosts: Iterable[str], environment: str) -> Hop:
    known = sorted(hosts)
    close = difflib.get_close_matches(host, known, n=_LISTED, cutoff=0.75)
    listed = f"; close to it: {', '.join(close)}" if close else f"; it has {', '.join(known)}"
    return replace(
        hop,
        stage=Stage.ROUTE,
        verdict=Verdict.MISSING,
        name=f"host {host}",
        why=f"nobody in {environment} serves {host}{listed}. The answer is {hop.status}, by who "
        f"asks first: {hop.why}",
        remedy=_route(host, {each.partition(".")[2] for each in known}),
    )


def _route(host: str, domains: Collection[str]) -> str:
    """Return how a service takes a host, which is one label under the environment's domain."""
    label, _, domain = host.partition(".")
    if domains and domain not in domains:
        return f"Ask for a host one label under {min(domains)}: services have no other."
    return (
        "A service takes a host in its tenant's file, environments/tenants/<tenant>.yaml: "
        f"`routes: [{{host: {label}}}]`."
    )


def _without_object(hop: Hop, host: str, world: World, environment: str) -> Hop:
    every = of_kind(world.objects, "networking.istio.io", "VirtualService")
    routing = [each for each in every if _routes(each, host)]
    lost = sorted(_delegates(routing) - {named(each) for each in every})
    told = ("selects no pods", "which there is not", "has no DestinationRule")
    if lost and hop.stage is Stage.ROUTE:
        hop = replace(hop, why=f"{hop.why}: there is no {', '.join(lost)}, which it delegates to")
    elif not any(words in hop.why for words in told) and (routing or hop.stage is Stage.SERVICE):
        return hop
    return replace(hop, verdict=Verdict.MISSING, remedy=RENDER.format(environment=environment))


def _delegates(found: Iterable[Object]) -> set[str]:
    """Return the VirtualServices that some leave their routes to."""
    return {
        f"VirtualService {to.get('namespace') or source['metadata']['namespace']}/{to.get('name')}"
        for source in found
        for entry in (source.get("spec") or {}).get("http") or ()
        if (to := entry.get("delegate"))
    }


def _routes(source: Object, host: str) -> bool:
    spec = source.get("spec") or {}
    gateways = bound_gateways(source, "spec.gateways", spec.get("gateways"))
    return gateways != ["mesh"] and any(
        covers(str(each).lower(), host) for each in spec.get("hosts") or ()
    )
