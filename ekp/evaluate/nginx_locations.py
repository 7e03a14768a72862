"""Locations of an NGINX host: which of them takes a path.

Source: F5 NGINX Ingress Controller 5.5, "VirtualServer and VirtualServerRoute resources"; NGINX,
ngx_http_core_module (location) and ngx_http_parse.c (normalized URI).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from .request import Object, Unsupported, of_kind

GROUP = "k8s.nginx.org"
_SERVER = {"ingressClassName", "host", "tls", "policies", "upstreams", "routes"}
_SERVER_ROUTE = {"ingressClassName", "host", "upstreams", "subroutes"}
_ROUTE = {"path", "policies", "action", "route", "routeSelector"}


@dataclass(frozen=True, slots=True)
class Location:
    """A path of a host and what happens with requests for it."""

    source: Object
    where: str
    path: str
    policies: tuple[tuple[str, str], ...]
    action: Mapping[str, Any] | None


def locations(objects: list[Object], server: Object) -> Iterator[Location]:
    """Yield the locations of a VirtualServer and of the VirtualServerRoutes that it takes in."""
    spec = server["spec"]
    refuse_unknown(server, "spec", spec, _SERVER)
    if ((spec.get("tls") or {}).get("redirect") or {}).get("enable"):
        raise Unsupported(server, "spec.tls.redirect", "redirects are not evaluated")
    everywhere = _policies(server, spec)
    for number, route in enumerate(spec.get("routes") or ()):
        where = f"routes[{number}]"
        refuse_unknown(server, f"spec.{where}", route, _ROUTE)
        # A route's own policies stand in for the server's of the same type.
        own = (*_policies(server, route), *everywhere)
        if route.get("route") or route.get("routeSelector"):
            for each in _delegates(objects, server, route):
                yield from _subroutes(each, route["path"], own)
        else:
            yield Location(server, where, route["path"], own, route.get("action"))


def _delegates(objects: list[Object], server: Object, route: Mapping[str, Any]) -> Iterator[Object]:
    selector = route.get("routeSelector") or {}
    refuse_unknown(server, "spec.routes.routeSelector", selector, {"matchLabels"})
    wanted = (selector.get("matchLabels") or {}).items()
    for each in of_kind(objects, GROUP, "VirtualServerRoute"):
        metadata = each["metadata"]
        path = str(route.get("route") or "").rpartition("/")
        listed = (path[0] or server["metadata"]["namespace"], path[2]) == (
            metadata["namespace"],
            metadata["name"],
        )
        chosen = bool(wanted) and wanted <= (metadata.get("labels") or {}).items()
        if (listed or chosen) and each["spec"].get("host") == server["spec"]["host"]:
            yield each


def _subroutes(
    source: Object, above: str, policies: tuple[tuple[str, str], ...]
) -> Iterator[Location]:
    refuse_unknown(source, "spec", source["spec"], _SERVER_ROUTE)
    for number, route in enumerate(source["spec"].get("subroutes") or ()):
        where = f"subroutes[{number}]"
        refuse_unknown(source, f"spec.{where}", route, _ROUTE)
        if not route["path"].startswith(above):
            raise Unsupported(source, f"spec.{where}.path", f"it is not under {above}")
        own = (*_policies(source, route), *policies)
        yield Location(source, where, route["path"], own, route.get("action"))


def taken(found: list[Location], path: str) -> Location | None:
    """Return the location of a path: the one that is exactly it, or the longest prefix."""
    for each in found:
        if each.path == f"={path}":
            return each
    for each in found:
        if each.path.startswith("~"):
            raise Unsupported(each.source, each.where, "regular expressions are not evaluated")
        if each.path == f"{path}/":
            raise Unsupported(each.source, each.where, f"NGINX redirects {path} to {each.path}")
    prefixes = [each for each in found if each.path[0] == "/" and path.startswith(each.path)]
    return max(prefixes, key=lambda each: len(each.path), default=None)


def _policies(source: Object, part: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    own = source["metadata"]["namespace"]
    return tuple((each.get("namespace", own), each["name"]) for each in part.get("policies") or ())


def normalized(path: str) -> str | None:
    """Return the path that locations are compared with; None: NGINX answers 400."""
    found = unquote(path.partition("?")[0].partition("#")[0])
    done: list[str] = []
    parts = re.sub("/+", "/", found).split("/")[1:]
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part in (".", ".."):
            if part == "..":
                if not done:
                    return None
                done.pop()
            if last:
                done.append("")
        else:
            done.append(part)
    return "/" + "/".join(done) if "\0" not in found else None


def refuse_unknown(source: Object, where: str, part: Mapping[str, Any], known: set[str]) -> None:
    """Refuse a field that is set and not among the known ones."""
    if unknown := sorted(key for key in part if key not in known and part[key]):
        raise Unsupported(source, f"{where}.{unknown[0]}", "it is not evaluated")
