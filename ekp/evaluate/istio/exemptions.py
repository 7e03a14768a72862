"""EnvoyFilters that switch authentication, or a rate limit, off on one host of a gateway.

Sources: Istio, "EnvoyFilter" reference, ``VIRTUAL_HOST``; Envoy, ``jwt_authn.v3.PerRouteConfig``
and ``config.route.v3.FilterConfig``.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ..request import Object, Request, Unsupported, Workload, named
from .filters import filters_of, http_filters
from .hosts import without_port
from .matching import spec_of

_FILTER = "envoy.filters.http.jwt_authn"
_PER_ROUTE = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig"
_OFF = {"@type": _PER_ROUTE, "disabled": True}
_ANY_OFF = {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": True}


def exempted_by(objects: Iterable[Object], workload: Workload, request: Request) -> str | None:
    """Return the EnvoyFilter by which a gateway looks at no token on a request's host, or None.

    A rate limit that is switched off for a host is passed over.

    Raises:
        Unsupported: one sets something else for authentication, or not for one host and port, or
            sets anything for a filter that is no rate limit.
    """
    every = list(objects)
    found = None
    for source in filters_of(every, workload):
        for index, entry in enumerate(spec_of(source, source["spec"]).get("configPatches") or []):
            where = f"spec.configPatches[{index}]"
            value = (entry.get("patch") or {}).get("value") or {}
            settings = dict(value.get("typed_per_filter_config") or {})
            own = settings.pop(_FILTER, None)
            if settings:
                _check_others(source, where, settings, _rate_limits(every, workload))
            if own is not None and _is_for(source, where, entry, own, request):
                found = found or named(source)
    return found


def _rate_limits(objects: Iterable[Object], workload: Workload) -> set[str]:
    added = http_filters(objects, workload, gateway=True)
    return {str(each.value.get("name")) for each in added if each.is_rate_limit}


def _check_others(
    source: Object, where: str, settings: Mapping[str, Any], rate_limits: Iterable[str]
) -> None:
    limits = set(rate_limits)
    for name, setting in settings.items():
        if setting != _ANY_OFF or name not in limits:
            raise Unsupported(source, where, f"sets {name!r} on a host, which is not understood")


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
