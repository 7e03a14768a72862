"""Filters of local rate limits in a proxy, with the settings that hold for one request.

Source: Istio, "EnvoyFilter" reference, ``configPatches``, ``Patch.Operation`` and ``priority``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..request import Object, Request, Unsupported, Workload
from .filters import HttpFilter, http_filters
from .matching import check_keys
from .rate_switches import switch_of

_ROUTER = "envoy.filters.http.router"
_MANAGER = "envoy.filters.network.http_connection_manager"
_FIRST = "INSERT_FIRST"
_ADDS = (_FIRST, "INSERT_BEFORE")


@dataclass(frozen=True, slots=True)
class Settings:
    """A filter's settings as they hold for one request, with their place."""

    source: Object
    where: str
    name: str
    found: Mapping[str, Any]


def rate_filters(
    objects: list[Object], workload: Workload, request: Request, *, gateway: bool
) -> list[HttpFilter]:
    """Return the filters of rate limits in the order in which requests meet them.

    Raises:
        Unsupported: a patch puts one where its place is not known, or changes one.
    """
    found = list(http_filters(objects, workload, gateway=gateway))
    names = {each.value.get("name") for each in found if each.is_rate_limit}
    first: list[HttpFilter] = []
    late: list[HttpFilter] = []
    # Later patches come to lie before earlier ones where each is put first.
    for each in sorted(found, key=lambda one: one.source["spec"].get("priority", 0)):
        operation = each.patch.get("operation")
        changed = ((each.match.get("listener") or {}).get("filterChain") or {}).get("filter") or {}
        target = (changed.get("subFilter") or {}).get("name")
        if target in names:
            raise Unsupported(each.source, each.where, f"changes {target}, a rate limit")
        if not each.is_rate_limit or not _at(each, request.port):
            continue
        if operation not in _ADDS or (operation != _FIRST) != (target == _ROUTER):
            raise Unsupported(each.source, each.where, f"{operation} there is not understood")
        if operation == _FIRST:
            first.insert(0, each)
        else:
            late.append(each)
    return [*first, *late]


def _at(found: HttpFilter, port: int) -> bool:
    """Return whether a filter is put into the listener of a port."""
    source, where = found.source, f"{found.where}.match"
    check_keys(source, where, found.match, {"context", "listener"})
    listener = found.match.get("listener") or {}
    check_keys(source, f"{where}.listener", listener, {"filterChain", "portNumber"})
    chain = listener.get("filterChain") or {}
    check_keys(source, f"{where}.listener.filterChain", chain, {"filter"})
    if (chain.get("filter") or {"name": _MANAGER}).get("name") != _MANAGER:
        raise Unsupported(source, f"{where}.listener.filterChain", "is no filter of HTTP's")
    return listener.get("portNumber") in (None, 0, port)


def settings_of(
    objects: list[Object],
    workload: Workload,
    request: Request,
    added: HttpFilter,
    *,
    taken: str | None,
    gateway: bool,
) -> Settings | None:
    """Return what holds for a filter; None: it is switched off on the host or the route.

    Args:
        objects: Objects of the cluster, of any kind.
        workload: Whose proxy it is.
        request: What is asked.
        added: The filter.
        taken: The name of the route that takes the request; None: none does.
        gateway: Whether the proxy is a gateway's.

    Raises:
        Unsupported: something else is set than is understood.
    """
    name = str(added.value.get("name"))
    switch = switch_of(objects, workload, request, name=name, route=taken, gateway=gateway)
    if switch is None:
        where = f"{added.where}.patch.value.typed_config"
        return Settings(added.source, where, name, added.settings)
    if switch.settings is None:
        return None
    where = f"{switch.where}.patch.value.typed_per_filter_config.{name}"
    return Settings(switch.source, where, name, switch.settings)
