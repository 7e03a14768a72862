"""What EnvoyFilters set for a filter on hosts and routes of a gateway: off, or settings of its own.

Sources: Istio, "EnvoyFilter" reference, ``RouteConfigurationMatch``; Envoy,
``config.route.v3.FilterConfig`` and ``resolveMostSpecificPerFilterConfig``: a route's settings
stand in for its host's, these for those of all hosts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..request import Object, Request, Unsupported, Workload
from .filters import GATEWAY, filters_of
from .hosts import without_port
from .matching import check_keys, spec_of

_FILTER = "type.googleapis.com/envoy.config.route.v3.FilterConfig"
_LEVELS = ("HTTP_ROUTE", "VIRTUAL_HOST", "ROUTE_CONFIGURATION")
_CONTEXTS = (GATEWAY, "ANY")


@dataclass(frozen=True, slots=True)
class Switch:
    """What holds for a filter on the route of a request."""

    source: Object
    where: str
    settings: Mapping[str, Any] | None
    """In place of the filter's own; None: it is switched off."""


def switch_of(
    objects: Iterable[Object],
    workload: Workload,
    request: Request,
    *,
    name: str,
    route: str | None,
    gateway: bool,
) -> Switch | None:
    """Return what hosts and routes set for a filter; None: nothing, so that its own settings hold.

    Args:
        objects: Objects of the cluster, of any kind.
        workload: Whose proxy it is.
        request: What is asked; its ``port`` is the one that a Gateway's server has.
        name: The filter's.
        route: The name of the route that takes the request; None: none does.
        gateway: Whether the proxy is a gateway's.

    Raises:
        Unsupported: something is set that is not understood, or a sidecar's routes set it.
    """
    found: dict[str, Switch] = {}
    for source in filters_of(objects, workload):
        for index, entry in enumerate(spec_of(source, source["spec"]).get("configPatches") or []):
            where = f"spec.configPatches[{index}]"
            patch = entry.get("patch") or {}
            settings = (patch.get("value") or {}).get("typed_per_filter_config") or {}
            if name not in settings:
                continue
            if not gateway and (entry.get("match") or {}).get("context") == GATEWAY:
                continue
            level = entry.get("applyTo")
            if not gateway or level not in _LEVELS or patch.get("operation") != "MERGE":
                raise Unsupported(source, where, f"sets {name} where it is not understood")
            if _holds(source, where, entry.get("match") or {}, request, route):
                if level in found:
                    raise Unsupported(source, where, f"sets {name} a second time")
                found[level] = Switch(source, where, _settings(source, where, settings[name]))
    return next((found[level] for level in _LEVELS if level in found), None)


def _holds(
    source: Object, where: str, match: Mapping[str, Any], request: Request, route: str | None
) -> bool:
    check_keys(source, f"{where}.match", match, {"context", "routeConfiguration"})
    if match.get("context", "ANY") not in _CONTEXTS:
        return False
    configuration = match.get("routeConfiguration") or {}
    place = f"{where}.match.routeConfiguration"
    check_keys(source, place, configuration, {"portNumber", "vhost"})
    if configuration.get("portNumber") not in (None, request.port):
        return False
    vhost = configuration.get("vhost") or {}
    check_keys(source, f"{place}.vhost", vhost, {"name", "route"})
    if name := vhost.get("name"):
        host, _, port = str(name).rpartition(":")
        if "*" in host:
            raise Unsupported(source, f"{place}.vhost.name", f"{name} is no host's own name")
        if (host, port) != (without_port(request.host), str(request.port)):
            return False
    wanted = vhost.get("route") or {}
    check_keys(source, f"{place}.vhost.route", wanted, {"name"})
    return not wanted or wanted["name"] == route


def _settings(source: Object, where: str, found: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if found.get("@type") != _FILTER:
        return found
    check_keys(source, where, found, {"@type", "config", "disabled"})
    if found.get("disabled"):
        return None
    if not found.get("config"):
        raise Unsupported(source, where, "neither switches the filter off nor sets anything")
    config: Mapping[str, Any] = found["config"]
    return config
