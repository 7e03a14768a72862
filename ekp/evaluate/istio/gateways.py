"""Gateways: which hosts a gateway's proxy serves, and for whose VirtualServices.

Sources: Istio, "Gateway" reference; istio/istio 1.30, ``pkg/config/host/names.go``.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ..request import Object, Unsupported, Workload, named, of_kind
from .hosts import covers, written_name
from .matching import NETWORKING, check_keys, namespace_of, spec_of, strings

MESH = "mesh"
"""The word for all sidecars among a VirtualService's gateways."""
_SERVER = {"hosts", "name", "port", "tls"}
_PROTOCOLS = ("HTTP", "HTTP2", "GRPC", "HTTPS")


def gateways_of(objects: Iterable[Object], workload: Workload, port: int) -> tuple[str, ...]:
    """Return the Gateways that a gateway's pods serve on a port, as ``<namespace>/<name>``.

    One proxy serves all of them together: hosts and routes of one port are joined.
    """
    return tuple(
        f"{namespace_of(each)}/{each['metadata']['name']}"
        for each in of_kind(objects, NETWORKING, "Gateway")
        if _selects(each, workload)
        and any(_port(each, server) == port for server in _servers(each))
    )


def bound_gateways(source: Object, where: str, gateways: object) -> list[str]:
    """Return a VirtualService's gateways by their full names; without any it is the mesh's."""
    if gateways is None:
        return [MESH]
    home = namespace_of(source)
    return [
        each if each == MESH or "/" in each else f"{home}/{each}"
        for each in strings(source, where, gateways)
    ]


def served_hosts(objects: Iterable[Object], gateway: str, source: Object, port: int) -> list[str]:
    """Return the hosts that a Gateway serves on a port for a VirtualService.

    They are what the hosts of the one and of the other have in common: of a wildcard and a name
    within it, the name.

    Raises:
        Unsupported: there is no such Gateway, or a server is not understood.
    """
    found = [
        each
        for each in of_kind(objects, NETWORKING, "Gateway")
        if f"{namespace_of(each)}/{each['metadata']['name']}" == gateway
    ]
    if not found:
        raise Unsupported(source, "spec.gateways", f"names {gateway}, which there is not")
    home = namespace_of(source)
    asked = [written_name(str(host), home) for host in source["spec"]["hosts"]]
    hosts: dict[str, None] = {}
    for server in _servers(found[0]):
        if _port(found[0], server) == port:
            for entry in strings(found[0], "spec.servers.hosts", server.get("hosts")):
                hosts.update(dict.fromkeys(_common(found[0], entry, asked, home)))
    return list(hosts)


def _common(gateway: Object, entry: str, asked: list[str], namespace: str) -> list[str]:
    of, slash, host = entry.rpartition("/")
    if slash and (namespace_of(gateway) if of == "." else of) not in ("*", namespace):
        return []
    host = host.lower()
    smaller = [(each if covers(host, each) else host) for each in asked if _overlap(host, each)]
    return list(dict.fromkeys(smaller))


def _overlap(one: str, other: str) -> bool:
    return covers(one, other) or covers(other, one)


def _servers(gateway: Object) -> list[Mapping[str, Any]]:
    servers = spec_of(gateway, {"selector", "servers"}).get("servers") or []
    for index, server in enumerate(servers):
        check_keys(gateway, f"spec.servers[{index}]", server, _SERVER)
        tls = server.get("tls") or {}
        if tls.get("httpsRedirect") or "PASSTHROUGH" in str(tls.get("mode")):
            raise Unsupported(gateway, f"spec.servers[{index}].tls", "is not understood")
    return list(servers)


def _port(gateway: Object, server: Mapping[str, Any]) -> int:
    port = server.get("port") or {}
    if port.get("protocol") not in _PROTOCOLS or not isinstance(port.get("number"), int):
        raise Unsupported(gateway, "spec.servers.port", f"{port!r} is no port for HTTP")
    return int(port["number"])


def _selects(gateway: Object, workload: Workload) -> bool:
    selector = spec_of(gateway, {"selector", "servers"}).get("selector")
    if not selector:
        raise Unsupported(gateway, "spec.selector", f"is missing: {named(gateway)} is everybody's")
    return all(workload.labels.get(label) == value for label, value in selector.items())
