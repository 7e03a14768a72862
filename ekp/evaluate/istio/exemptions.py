"""EnvoyFilters that switch authentication off on one host of a gateway.

Sources: Istio, "EnvoyFilter" reference, ``VIRTUAL_HOST``; Envoy, ``jwt_authn.v3.PerRouteConfig``.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ..request import Object, Request, Unsupported, Workload, named
from .headers import filters_of
from .hosts import without_port
from .matching import spec_of

_FILTER = "envoy.filters.http.jwt_authn"
_PER_ROUTE = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig"
_OFF = {"@type": _PER_ROUTE, "disabled": True}


def exempted_by(objects: Iterable[Object], workload: Workload, request: Request) -> str | None:
    """Return the EnvoyFilter by which a gateway looks at no token on a request's host, or None.

    Raises:
        Unsupported: one sets something else for authentication, or not for one host and port.
    """
    found = None
    for source in filters_of(objects, workload):
        for index, entry in enumerate(spec_of(source, source["spec"]).get("configPatches") or []):
            where = f"spec.configPatches[{index}]"
            value = (entry.get("patch") or {}).get("value") or {}
            settings = (value.get("typed_per_filter_config") or {}).get(_FILTER)
            if settings is not None and _is_for(source, where, entry, settings, request):
                found = found or named(source)
    return found


def _is_for(
    source: Object, where: str, entry: Mapping[str, Any], settings: object, request: Request
) -> bool:
    match = entry.get("match") or {}
    vhost = ((match.get("routeConfiguration") or {}).get("vhost") or {}).get("name", "")
    host, colon, port = str(vhost).rpartition(":")
    whole = entry.get("applyTo") == "VIRTUAL_HOST" and match.get("context") == "GATEWAY"
    if settings != _OFF or not whole or not colon or "*" in host:
        raise Unsupported(source, where, "switches authentication off other than on one host")
    return (host, port) == (without_port(request.host), str(request.port))
