"""Who tries a refused or failed request again, and how far that multiplies.

Sources: Istio, "Virtual Service" reference, ``HTTPRetry``, and "Mesh-wide retry policy" (two
attempts where nothing is written); Envoy, ``x-envoy-retry-on``; istio/istio 1.30,
``networking/core/route/retry/retry.go`` (a status in ``retryOn`` is retried).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ekp.evaluate.istio.delegates import Route, routes_of
from ekp.evaluate.istio.hosts import written_name
from ekp.evaluate.istio.matching import NETWORKING, namespace_of
from ekp.evaluate.istio.requests import matches_request
from ekp.evaluate.istio.routing import route
from ekp.evaluate.istio.scope import may_see
from ekp.evaluate.nginx_locations import GROUP
from ekp.evaluate.request import Object, Request, Workload, named, of_kind
from ekp.evaluate.world import World

from .services import host_of

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# Source: istio/istio 1.30, retry.go, DefaultPolicy.
_DEFAULT_ATTEMPTS = 2
_ON_REFUSALS = {"429", "resource-exhausted", "retriable-4xx"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """How often proxies try a request to a service."""

    service: str
    by: tuple[str, ...]
    """The VirtualServices that lead there."""
    safe: int
    """The most tries of one request whose method changes nothing, the first among them."""
    unsafe: tuple[str, ...]
    """Routes that try another method again."""
    refusals: tuple[str, ...]
    """Routes that try again what a limit refused."""


def tries(world: World, service: str) -> Tries:
    """Return how often a request to a service is tried, over all routes that lead there."""
    host, namespace = host_of(service), service.partition("/")[0]
    found = [
        (source, each)
        for source in of_kind(world.objects, NETWORKING, "VirtualService")
        if (source.get("spec") or {}).get("hosts")
        for each in routes_of(world.objects, source)
        if _leads_to(each, host)
    ]
    attempts = [_attempts(each.entry) for _, each in found]
    routed = route(world.objects, Request(host, "/", "POST"), gateway=None, namespace=namespace)
    bare = () if routed.virtual_service else (f"no VirtualService for {host}",)
    return Tries(
        service=service,
        by=tuple(dict.fromkeys(named(source) for source, _ in found)),
        safe=1 + max((*attempts, *(_DEFAULT_ATTEMPTS for _ in bare)), default=_DEFAULT_ATTEMPTS),
        unsafe=(
            *(
                f"{_where(source, each)}: {_attempts(each.entry)} attempts of {', '.join(methods)}"
                for source, each in found
                if _attempts(each.entry) and (methods := _unsafe(each))
            ),
            *(f"{one}: {_DEFAULT_ATTEMPTS} attempts, the mesh's own" for one in bare),
        ),
        refusals=tuple(_where(source, each) for source, each in found if _refusals(each.entry)),
    )


def at_shards(world: World) -> list[str]:
    """Return the upstreams of NGINX shards that try the next pod: each Service is one address."""
    return [
        f"{named(each)} upstream {upstream['name']}: next-upstream {again}"
        for kind in ("VirtualServer", "VirtualServerRoute")
        for each in of_kind(world.objects, GROUP, kind)
        for upstream in each["spec"].get("upstreams") or ()
        if (again := upstream.get("next-upstream", "error timeout")) != "off"
    ]


def chains(world: World, found: Mapping[str, Tries], of: Mapping[str, Workload]) -> dict[str, int]:
    """Return for each service how often one request of a user may be tried there at most.

    A service that calls another one is tried itself; each try calls anew, and is tried anew.

    Args:
        world: The cluster.
        found: The tries of each service.
        of: The workload behind each service.
    """
    calls = {
        one: [other for other in found if other != one and _calls(world, of[one], other)]
        for one in found
    }

    def most(service: str, above: tuple[str, ...]) -> int:
        callers = [one for one in calls if service in calls[one] and one not in above]
        upstream = max((most(one, (*above, service)) for one in callers), default=1)
        return found[service].safe * upstream

    return {service: most(service, ()) for service in found}


def _calls(world: World, caller: Workload, service: str) -> bool:
    return may_see(world.objects, caller, host_of(service), mesh=world.outbound).allowed


def _leads_to(found: Route, host: str) -> bool:
    home = namespace_of(found.source)
    return any(
        written_name(str(each["destination"]["host"]), home) == host
        for each in found.entry.get("route") or ()
    )


def _attempts(entry: Mapping[str, Any]) -> int:
    retries = entry.get("retries")
    return _DEFAULT_ATTEMPTS if retries is None else int(retries.get("attempts", _DEFAULT_ATTEMPTS))


def _unsafe(found: Route) -> list[str]:
    return [method for method in UNSAFE if any(_takes(found, method, one) for one in _of(found))]


def _of(found: Route) -> Iterator[Mapping[str, Any]]:
    yield from found.matches or ({},)


def _takes(found: Route, method: str, match: Mapping[str, Any]) -> bool:
    asked = {"method": match["method"]} if "method" in match else {}
    return matches_request(found.source, found.where, asked, Request("any", "/", method))


def _refusals(entry: Mapping[str, Any]) -> bool:
    asked = str((entry.get("retries") or {}).get("retryOn") or "")
    return bool(_attempts(entry) and _ON_REFUSALS & {one.strip() for one in asked.split(",")})


def _where(source: Object, found: Route) -> str:
    return f"{named(source)} {found.name or found.where}"
