"""VirtualServices: where a proxy sends a request, at a gateway and inside the mesh.

Sources: Istio, "Virtual Service" and "Gateway" references; istio/istio 1.30,
``networking/core/gateway.go`` and ``networking/core/route/route.go``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..request import Decision, Object, Request, Unsupported, named, of_kind
from .delegates import Route, routes_of
from .destinations import Destination, destinations, missing
from .gateways import MESH, bound_gateways, served_hosts
from .hosts import asked_names, covers, known_hosts, most_specific, without_port, written_name
from .matching import NETWORKING, exported, namespace_of, refused_path
from .requests import is_catch_all, is_for_proxy, matches_request, with_headers

_NOT_FOUND, _BAD_GATEWAY, _UNAVAILABLE = 404, 502, 503


@dataclass(frozen=True, slots=True)
class Routed:
    """Where a request goes."""

    virtual_service: str | None
    """``VirtualService <namespace>/<name>``; None: none holds, the service's own route does."""
    route: str | None
    """The name of the route in it, ``http[0]`` where it has none; a delegate's joined to it."""
    destinations: tuple[Destination, ...]
    decision: Decision
    request: Request
    """As it leaves: with the headers that the route sets and removes."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    source: Object
    route: Route
    match: Mapping[str, Any] | None
    """One of the route's matches; None: it has none, so it takes everything."""
    catch_all: bool


def route(
    objects: Iterable[Object],
    request: Request,
    *,
    gateway: str | Sequence[str] | None,
    namespace: str,
) -> Routed:
    """Return where a proxy sends a request.

    Args:
        objects: Objects of the cluster, of any kind; Services and ServiceEntries are the registry.
        request: What is asked; its ``port`` is the one that a Gateway's server has.
        gateway: ``<namespace>/<name>`` of a Gateway, or all that one proxy serves
            (``gateways_of``), whose routes it joins; None: a sidecar inside the mesh sends it.
        namespace: The namespace of the proxy that sends: the caller's, or the gateway's pods'.

    Raises:
        Unsupported: a VirtualService is not understood, or two answer and Istio goes by their age.
    """
    if refused := refused_path(request):
        return Routed(None, None, (), refused, request)
    every = list(objects)
    gateways = (gateway,) if isinstance(gateway, str) else gateway
    if gateways is None:
        return _in_mesh(every, request, namespace)
    domains: dict[str, list[tuple[Object, str]]] = {}
    for name in gateways:
        for source in _bound(every, name, namespace):
            for domain in served_hosts(every, name, source, request.port):
                domains.setdefault(domain, []).append((source, name))
    serving = most_specific(sorted(domains), without_port(request.host))
    if serving is None:
        by = ", ".join(gateways) or "of no name"
        why = f"nothing is routed for {request.host} on port {request.port}"
        return Routed(None, None, (), Decision(False, f"Gateway {by}", why, _NOT_FOUND), request)
    return _sent(every, request, domains[serving], namespace)


def _in_mesh(objects: list[Object], request: Request, namespace: str) -> Routed:
    names = asked_names(request.host, namespace)
    domains: dict[str, list[tuple[Object, str]]] = {}
    for source in _bound(objects, MESH, namespace):
        # One without a route for this proxy leaves its hosts to their services.
        if _candidates(objects, source, MESH, namespace, request.port):
            for host in source["spec"]["hosts"]:
                domain = written_name(str(host), namespace_of(source))
                domains.setdefault(domain, []).append((source, MESH))
    for name in names:
        if serving := most_specific(sorted(domains), name):
            return _sent(objects, request, domains[serving], namespace)
    for host in sorted(known_hosts(objects, namespace), key=lambda each: each.by):
        if any(covers(host.name, name) for name in names):
            why = "no VirtualService holds, so it goes to the service as it is"
            to = (Destination(host.name, None, 100),)
            return Routed(None, None, to, Decision(True, host.by, why), request)
    why = f"nothing exported to {namespace} is called {request.host}; a mesh that lets calls out to"
    why += " anybody (ALLOW_ANY) sends it there, any other answers 502"
    return Routed(
        None, None, (), Decision(False, "the mesh's registry", why, _BAD_GATEWAY), request
    )


def _bound(objects: list[Object], gateway: str, namespace: str) -> list[Object]:
    """Return the VirtualServices that are bound to a gateway and exported to its proxy."""
    found = []
    for source in of_kind(objects, NETWORKING, "VirtualService"):
        spec = source.get("spec") or {}
        # Without hosts it is there to be delegated to.
        if (
            spec.get("hosts")
            and exported(source, spec.get("exportTo"), "spec.exportTo", namespace)
            and (gateway in bound_gateways(source, "spec.gateways", spec.get("gateways")))
        ):
            found.append(source)
    return found


def _sent(
    objects: list[Object], request: Request, bound: list[tuple[Object, str]], namespace: str
) -> Routed:
    """Return the first match among the routes of one host; catch-alls come after all others."""
    by = ", ".join(dict.fromkeys(named(source) for source, _ in bound))
    first: dict[tuple[bool, str], _Candidate] = {}
    for source, proxy in bound:
        for each in _candidates(objects, source, proxy, namespace, request.port):
            if _matches(each, request):
                first.setdefault((each.catch_all, named(source)), each)
                break
    for catch_all in (False, True):
        found = [each for (late, _), each in sorted(first.items()) if late is catch_all]
        if len(found) > 1:
            other = named(found[1].source)
            raise Unsupported(found[0].source, "spec.http", f"answers it as well as {other} does")
        if found:
            return _taken(objects, found[0], request, namespace)
    why = f"no route is for {request.method} {request.path}"
    return Routed(None, None, (), Decision(False, by, why, _NOT_FOUND), request)


def _candidates(
    objects: list[Object], source: Object, proxy: str, namespace: str, port: int
) -> list[_Candidate]:
    """Return the routes of a VirtualService for a proxy, up to the first that takes everything."""
    found: list[_Candidate] = []
    for each in routes_of(objects, source):
        for at, match in enumerate(each.matches or (None,)):
            place = f"{each.where}.match[{at}]"
            if match and not is_for_proxy(
                each.source, place, match, proxy=proxy, namespace=namespace, port=port
            ):
                continue
            found.append(_Candidate(source, each, match, is_catch_all(match or {})))
            if found[-1].catch_all:
                return found
    return found


def _matches(candidate: _Candidate, request: Request) -> bool:
    of, match = candidate.route, candidate.match
    return match is None or matches_request(of.source, f"{of.where}.match", match, request)


def _taken(
    objects: list[Object], candidate: _Candidate, request: Request, namespace: str
) -> Routed:
    source, of = candidate.source, candidate.route
    to = destinations(of.source, f"{of.where}.route", of.entry.get("route"))
    name = of.name or of.where.removeprefix("spec.")
    by = f"{named(source)} {name}"
    lost = [what for each in to if each.weight and (what := missing(objects, each, namespace))]
    if lost:
        decision = Decision(False, by, f"sends to {', '.join(lost)}", _UNAVAILABLE)
    else:
        decision = Decision(True, by, "is the first route that matches")
    leaving = with_headers(of.source, f"{of.where}.headers", of.entry.get("headers"), request)
    return Routed(named(source), name, to, decision, leaving)
