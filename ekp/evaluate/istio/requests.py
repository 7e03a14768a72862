"""Matches of a VirtualService's routes: which requests they take.

Sources: Istio, "Virtual Service" reference, ``HTTPMatchRequest``; istio/istio 1.30,
``networking/core/route/route.go``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..paths import normalized
from ..request import Object, Request, Unsupported
from .gateways import bound_gateways
from .matching import check_keys, matches_regex

_MATCH = {
    "authority",
    "gateways",
    "headers",
    "ignoreUriCase",
    "method",
    "name",
    "port",
    "sourceNamespace",
    "statPrefix",
    "uri",
    "withoutHeaders",
}
_ALL_PATHS = ({"prefix": "/"}, {"regex": ".*"})


def is_for_proxy(
    source: Object, where: str, match: Mapping[str, Any], *, proxy: str, namespace: str, port: int
) -> bool:
    """Return whether a match is handed to a proxy at all.

    Args:
        source: The VirtualService.
        where: The match's place in it.
        match: The match.
        proxy: ``<namespace>/<name>`` of a Gateway, or ``mesh``.
        namespace: The proxy's own. It counts only where the match names no gateways, as in Istio.
        port: The one that the proxy listens on.

    Raises:
        Unsupported: the match has a field that is not understood.
    """
    check_keys(source, where, match, _MATCH)
    if match.get("port") not in (None, 0, port):
        return False
    if match.get("gateways"):
        return proxy in bound_gateways(source, f"{where}.gateways", match["gateways"])
    return match.get("sourceNamespace") in (None, "", namespace)


def is_catch_all(match: Mapping[str, Any]) -> bool:
    """Return whether a match takes every request: any path, and nothing else asked."""
    asks = {"authority", "headers", "method", "withoutHeaders"}
    return match.get("uri", _ALL_PATHS[0]) in _ALL_PATHS and not any(match.get(key) for key in asks)


def matches_request(source: Object, where: str, match: Mapping[str, Any], request: Request) -> bool:
    """Return whether a request is as a match asks; all that it asks has to hold.

    Raises:
        Unsupported: a part of it is not understood.
    """
    found: list[bool] = []
    if "uri" in match:
        path, uri = normalized(request.path), match["uri"]
        if match.get("ignoreUriCase"):
            path, uri = path.lower(), {kind: str(text).lower() for kind, text in uri.items()}
            if "regex" in uri:
                raise Unsupported(source, f"{where}.ignoreUriCase", "has no effect on a regex")
        found.append(_is(source, f"{where}.uri", uri, path))
    for key, value in (("method", request.method), ("authority", request.host)):
        if key in match:
            found.append(_is(source, f"{where}.{key}", match[key], value))
    for name, wanted in (match.get("headers") or {}).items():
        place = f"{where}.headers.{name}"
        found.append(_header(source, place, name, wanted, request, missing=None))
    for name, wanted in (match.get("withoutHeaders") or {}).items():
        place = f"{where}.withoutHeaders.{name}"
        found.append(not _header(source, place, name, wanted, request, missing=""))
    return all(found)


def _header(
    source: Object, where: str, name: str, wanted: object, request: Request, *, missing: str | None
) -> bool:
    """Compare a header; ``missing`` is what one that is not there counts as."""
    if name.startswith(("@", ":")):
        raise Unsupported(source, where, "is no header of the request")
    value = request.header(name)
    if not wanted or wanted == {"regex": "*"}:
        return value is not None
    if value is None and missing is None:
        return False
    return _is(source, where, wanted, value or "")


def _is(source: Object, where: str, wanted: object, value: str) -> bool:
    match wanted:
        case {"exact": str(text), **rest} if not rest:
            return value == text
        case {"prefix": str(text), **rest} if not rest:
            return value.startswith(text)
        case {"regex": str(text), **rest} if not rest:
            return matches_regex(source, where, text, value)
    raise Unsupported(source, where, f"{wanted!r} is none of exact, prefix and regex")


def with_headers(source: Object, where: str, changes: object, request: Request) -> Request:
    """Return a request with the headers that a route sets, adds and removes.

    Raises:
        Unsupported: a change is not understood, or its value is one that Envoy fills in.
    """
    if changes is None:
        return request
    check_keys(source, where, changes, {"request", "response"})
    asked = changes.get("request") or {} if isinstance(changes, Mapping) else {}
    check_keys(source, f"{where}.request", asked, {"add", "remove", "set"})
    written = {**(asked.get("set") or {}), **(asked.get("add") or {})}
    for name, value in written.items():
        if "%" in str(value) or name.startswith(":") or name.lower() in ("host", "authority"):
            raise Unsupported(source, f"{where}.request", f"{name}: {value!r} is not understood")
    gone = {name.lower() for name in (*(asked.get("set") or {}), *(asked.get("remove") or []))}
    kept = {name: value for name, value in request.headers.items() if name.lower() not in gone}
    for name, value in written.items():
        before = next((each for each in kept if each.lower() == name.lower()), name)
        kept[before] = f"{kept[before]},{value}" if before in kept else str(value)
    return replace(request, headers=kept)
