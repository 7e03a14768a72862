"""Addresses that a gateway has routes for: a host, a path and a port for each."""

from collections.abc import Iterable, Mapping
from typing import Any

from ekp.configured.hosts import hosts_of
from ekp.evaluate.istio.delegates import routes_of
from ekp.evaluate.istio.gateways import gateways_of
from ekp.evaluate.istio.matching import NETWORKING
from ekp.evaluate.request import Object, Workload, of_kind


def asked(objects: Iterable[Object], gateway: Workload) -> list[tuple[str, str, int]]:
    """Return a host, path and port for each route that the gateway has."""
    every = list(objects)
    served: dict[str, int] = {}
    for one in of_kind(every, NETWORKING, "Gateway"):
        for server in one["spec"]["servers"]:
            port = int(server["port"]["number"])
            name = f"{one['metadata']['namespace']}/{one['metadata']['name']}"
            if name in gateways_of(every, gateway, port):
                served[name] = port
    found: dict[tuple[str, str, int], None] = {}
    for one in of_kind(every, NETWORKING, "VirtualService"):
        ports = {served[name] for name in one["spec"].get("gateways") or () if name in served}
        if not ports or not hosts_of(one):
            continue
        matches = [match for each in routes_of(every, one) for match in each.matches or ({},)]
        paths = [_path(match) for match in matches if match.get("gateways") != ["mesh"]]
        for host in hosts_of(one):
            name = host.replace("*", "any")
            found.update(dict.fromkeys((name, path, port) for path in paths for port in ports))
    return list(found)


def _path(match: Mapping[str, Any]) -> str:
    uri = match.get("uri") or {}
    return str(uri.get("exact") or uri.get("prefix") or "/")
