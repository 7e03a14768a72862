"""NGINX shards: which upstream a VirtualServer sends a request to, and what it makes of it.

Source: F5 NGINX Ingress Controller 5.5, "VirtualServer and VirtualServerRoute resources"; NGINX,
ngx_http_core_module (ignore_invalid_headers, underscores_in_headers).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from modules.core.mesh import shard_class, shard_watch_label

from .nginx_locations import GROUP, Location, locations, normalized, refuse_unknown, taken
from .request import Decision, Object, Request, Unsupported, named, of_kind

_NOT_FOUND, _SERVER_ERROR, _BAD_REQUEST = 404, 500, 400


@dataclass(frozen=True, slots=True)
class Sent:
    """What a shard does with a request."""

    decision: Decision
    request: Request | None = None
    """As NGINX sends it on; None: NGINX answers itself."""
    upstream: tuple[str, str] | None = None
    """Namespace and name of the Service whose cluster address NGINX calls."""


def send(
    objects: Iterable[Object],
    namespaces: Mapping[str, Mapping[str, str]],
    shard: str,
    request: Request,
) -> Sent:
    """Return what a shard does with a user's request: where it leads, and with which headers.

    Rate limits let a single request through. The upstream is a Service's cluster address, so that
    the shard's sidecar sees the address and the Host that NGINX writes.

    Args:
        objects: The cluster's objects.
        namespaces: The labels of each namespace: a shard sees those alone that carry its own.
        shard: The shard's name.
        request: The user's, as the load balancer sends it.

    Raises:
        Unsupported: an object that answers says something that is not evaluated.
    """
    found = seen(objects, namespaces, shard)
    host = request.host.lower().partition(":")[0]
    servers = [
        each for each in of_kind(found, GROUP, "VirtualServer") if each["spec"].get("host") == host
    ]
    if not servers:
        why = f"no VirtualServer of class {shard_class(shard)} has the host {host}"
        return Sent(Decision(False, f"NGINX shard {shard}", why, _NOT_FOUND))
    if len(servers) > 1:
        raise Unsupported(servers[1], "spec.host", f"{named(servers[0])} has {host} as well")
    path = normalized(request.path)
    if path is None:
        return Sent(Decision(False, f"NGINX shard {shard}", "the path leads up", _BAD_REQUEST))
    location = taken(list(locations(found, servers[0])), path)
    if location is None:
        why = f"no location is for {path}"
        return Sent(Decision(False, named(servers[0]), why, _NOT_FOUND))
    by = f"{named(location.source)} {location.where}"
    for key in location.policies:
        if refused := _refused(found, key, by):
            return Sent(refused)
    upstream, headers = upstream_of(location)
    return Sent(
        Decision(True, by, f"{location.path} takes {path}"),
        _written(location, headers, replace(request, port=int(upstream["port"]))),
        _service(location.source, upstream),
    )


def seen(
    objects: Iterable[Object], namespaces: Mapping[str, Mapping[str, str]], shard: str
) -> list[Object]:
    """Return the objects that a shard reads: of its class, in namespaces with its label."""
    label, value = shard_watch_label(shard)
    return [
        each
        for each in objects
        if str(each.get("apiVersion", "")).startswith(f"{GROUP}/")
        and namespaces.get(each["metadata"].get("namespace", ""), {}).get(label) == value
        and each.get("spec", {}).get("ingressClassName", "") in ("", shard_class(shard))
    ]


def _refused(objects: list[Object], key: tuple[str, str], by: str) -> Decision | None:
    for each in of_kind(objects, GROUP, "Policy"):
        if (each["metadata"]["namespace"], each["metadata"]["name"]) == key:
            refuse_unknown(each, "spec", each["spec"], {"ingressClassName", "rateLimit"})
            return None
    return Decision(False, by, f"there is no Policy {'/'.join(key)}", _SERVER_ERROR)


def upstream_of(location: Location) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the upstream of a location and what is told it in headers."""
    source, where = location.source, f"spec.{location.where}.action"
    action = location.action or {}
    refuse_unknown(source, where, action, {"pass", "proxy"})
    proxy = action.get("proxy") or {"upstream": action.get("pass")}
    refuse_unknown(source, f"{where}.proxy", proxy, {"upstream", "requestHeaders"})
    upstreams = {each["name"]: each for each in source["spec"].get("upstreams") or ()}
    if (upstream := upstreams.get(proxy["upstream"])) is None:
        raise Unsupported(source, where, f"there is no upstream {proxy['upstream']}")
    if not upstream.get("use-cluster-ip"):
        raise Unsupported(source, f"upstream {upstream['name']}", "it leads around the mesh")
    return upstream, proxy.get("requestHeaders") or {}


def _service(source: Object, upstream: Mapping[str, Any]) -> tuple[str, str]:
    namespace, slash, name = str(upstream["service"]).rpartition("/")
    return (namespace if slash else source["metadata"]["namespace"], name)


def _written(location: Location, headers: Mapping[str, Any], request: Request) -> Request:
    """Return a request as NGINX writes it for its upstream."""
    written = {each["name"].lower(): each.get("value", "") for each in headers.get("set") or ()}
    if variables := sorted(name for name, value in written.items() if "$" in value):
        raise Unsupported(location.source, location.where, f"{variables[0]} has NGINX's variables")
    # Names with other characters, an underscore among them, are dropped on the way in.
    kept = {
        name: value
        for name, value in request.headers.items()
        if headers.get("pass", True)
        and re.fullmatch(r"[A-Za-z0-9-]+", name)
        and name.lower() not in written
    }
    # A header whose value is empty is not sent at all.
    told = {name: value for name, value in written.items() if value and name != "host"}
    return replace(request, host=written.get("host") or request.host, headers={**kept, **told})
