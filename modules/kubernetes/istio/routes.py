"""VirtualServices of a service: which requests reach it, how long they may take, who is retried."""

from typing import Any

from ...core.delivery import BlueGreen
from ...core.mesh import GATEWAY_NAMESPACE
from ...core.services import Protocol, Service, labels
from ...core.site import Site
from ..manifest import Manifest
from .destinations import CANARY, STABLE
from .gateway import gateway_name

API = "networking.istio.io/v1"
SAFE = "safe"
"""Route of requests that change nothing, which may be sent again."""
UNSAFE = "unsafe"
"""Route of all others, and of gRPC, whose calls are all POST."""
MESH = "mesh"
"""The gateway that stands for all sidecars."""
# Envoy compares whole values: nothing stands before or after.
_SAFE_METHODS = "GET|HEAD|OPTIONS"
# A request that got no answer, or a 503 of a pod that goes. What the caller's own limits refuse is
# never sent again.
_RETRY_ON = "connect-failure,refused-stream,reset,503"

Match = dict[str, Any]


def versions(service: Service) -> str:
    """Return the name of the VirtualService that Rollouts writes the shares of both versions to."""
    return f"{service.name}-versions"


def routes(service: Service, site: Site) -> list[Manifest]:
    """Return the VirtualServices of a service.

    A canary has two. The first says what is asked and how it is treated, and delegates to the
    second, ``versions``, which holds nothing but the shares. Rollouts writes to that one alone:

    - A route for testers that it adds keeps paths, timeout and retries of the first. By itself it
      would match its header only, on every path of a host that services share
      (argoproj/argo-rollouts#3879).
    - Argo CD copies a list whole where it overlooks part of it (argoproj/argo-cd#27480), so that
      in one object a later timeout would never arrive.

    Raises:
        ValueError: the name of the service's Gateway would be too long.
    """
    http = []
    if service.protocol is Protocol.HTTP:
        safe = [{**way, "method": {"regex": _SAFE_METHODS}} for way in _ways(service, site)]
        http.append(_route(service, SAFE, safe, retries=service.resilience.retries))
    http.append(_route(service, UNSAFE, _ways(service, site), retries=0))
    through_gateway = site.through_gateway(service)
    hosts = [*dict.fromkeys(site.host(route) for route in through_gateway), service.address]
    gateways = [*([_gateway(service)] if through_gateway else []), MESH]
    found = [
        _virtual_service(
            service, service.name, {"hosts": hosts, "gateways": gateways, "http": http}
        )
    ]
    if not isinstance(service.strategy, BlueGreen):
        # Without a name it keeps the names of the routes that delegate to it.
        share = {"route": [_to(service, STABLE, 100), _to(service, CANARY, 0)]}
        found.append(_virtual_service(service, versions(service), {"http": [share]}))
    return found


def _virtual_service(service: Service, name: str, spec: dict[str, Any]) -> Manifest:
    return Manifest(
        api_version=API,
        kind="VirtualService",
        name=name,
        namespace=service.namespace,
        labels=labels(service),
        fields={"spec": spec},
    )


def _gateway(service: Service) -> str:
    return f"{GATEWAY_NAMESPACE}/{gateway_name(service)}"


def _route(service: Service, name: str, match: list[Match], *, retries: int) -> dict[str, Any]:
    if isinstance(service.strategy, BlueGreen):
        target: dict[str, Any] = {"route": [{"destination": {"host": service.address}}]}
    else:
        target = {"delegate": {"name": versions(service), "namespace": service.namespace}}
    return {
        "name": name,
        "match": match,
        **target,
        "timeout": f"{service.resilience.timeout_seconds}s",
        # Zero has to be said: Istio retries twice where nothing is.
        "retries": _retries(service, retries) if retries else {"attempts": 0},
    }


def _retries(service: Service, attempts: int) -> dict[str, Any]:
    """Return retries that all fit in the timeout, each try with an equal part of it."""
    milliseconds = service.resilience.timeout_seconds * 1000 // (attempts + 1)
    return {
        "attempts": attempts,
        "perTryTimeout": f"{milliseconds}ms",
        "retryOn": _RETRY_ON,
        # The caller's zone may have no second pod.
        "retryRemoteLocalities": True,
    }


def _to(service: Service, subset: str, weight: int) -> dict[str, Any]:
    return {"destination": {"host": service.address, "subset": subset}, "weight": weight}


def _ways(service: Service, site: Site) -> list[Match]:
    """Return a match for every path at the gateway, and one for all calls inside the mesh."""
    paths: dict[str, list[str]] = {}
    for route in site.through_gateway(service):
        paths.setdefault(site.host(route), []).append(route.path)
    if len({frozenset(found) for found in paths.values()}) > 1:
        # A path of one host must not open on another.
        asked = [
            {"authority": _host(host), "uri": uri}
            for host, found in paths.items()
            for uri in _uris(found)
        ]
    else:
        asked = [{"uri": uri} for uri in _uris(next(iter(paths.values()), []))]
    at_gateway: list[Match] = [{"gateways": [_gateway(service)], **match} for match in asked]
    return [*at_gateway, {"gateways": [MESH]}]


def _host(host: str) -> dict[str, str]:
    """Return a match of a host as Envoy finds it: in any case, with or without a port."""
    return {"regex": rf"(?i){host.replace('.', '[.]')}(:\d+)?"}


def _uris(paths: list[str]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for path in paths:
        if path == "/":
            found.append({"prefix": "/"})
        else:
            found += [{"exact": path}, {"prefix": f"{path}/"}]
    return found
