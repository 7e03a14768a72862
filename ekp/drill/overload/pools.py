"""Bounds of a service's callers: connections, requests that wait, retries, pods that fail.

Sources: Istio, "Destination Rule" reference, ``ConnectionPoolSettings`` and ``OutlierDetection``:
what is not written has no bound (2^32 - 1); each calling proxy counts for itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ekp.evaluate.istio.hosts import written_name
from ekp.evaluate.istio.matching import NETWORKING, namespace_of
from ekp.evaluate.request import Unsupported, named, of_kind
from ekp.evaluate.world import World

from .services import host_of

_BOUNDS = {
    "connectionPool.tcp.maxConnections": ("connectionPool", "tcp", "maxConnections"),
    "connectionPool.http.http1MaxPendingRequests": (
        "connectionPool",
        "http",
        "http1MaxPendingRequests",
    ),
    "connectionPool.http.http2MaxRequests": ("connectionPool", "http", "http2MaxRequests"),
    "connectionPool.http.maxRetries": ("connectionPool", "http", "maxRetries"),
}
_ERRORS = ("consecutive5xxErrors", "consecutiveGatewayErrors")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What bounds the callers of a service."""

    service: str
    by: tuple[str, ...]
    """The DestinationRules of its host."""
    bounds: Mapping[str, int]
    """Of each calling proxy, by the field's last name."""
    missing: tuple[str, ...]
    """Fields that are not written."""
    ejects: str
    """When a pod is taken out; "" never."""


def pool(world: World, service: str) -> Pool:
    """Return the bounds of a service's callers.

    Raises:
        Unsupported: several rules are for its host, or a subset has a policy of its own.
    """
    host = host_of(service)
    rules = [
        each
        for each in of_kind(world.objects, NETWORKING, "DestinationRule")
        if written_name(str(each["spec"].get("host")), namespace_of(each)) == host
    ]
    if len(rules) > 1:
        raise Unsupported(rules[1], "spec.host", f"{named(rules[0])} is for {host} as well")
    policy: Mapping[str, Any] = rules[0]["spec"].get("trafficPolicy") or {} if rules else {}
    for each in rules[0]["spec"].get("subsets") or () if rules else ():
        if each.get("trafficPolicy"):
            raise Unsupported(rules[0], f"subset {each['name']}", "has a policy of its own")
    bounds = {path: value for path, keys in _BOUNDS.items() if (value := _at(policy, keys))}
    outliers = policy.get("outlierDetection") or {}
    ejects = _ejects(outliers)
    return Pool(
        service=service,
        by=tuple(named(each) for each in rules),
        bounds={path.rpartition(".")[2]: value for path, value in bounds.items()},
        missing=(
            *(path for path in _BOUNDS if path not in bounds),
            *(("outlierDetection",) if not ejects else ()),
        ),
        ejects=ejects,
    )


def _at(policy: Mapping[str, Any], keys: tuple[str, ...]) -> int:
    found: Any = policy
    for key in keys:
        found = (found or {}).get(key)
    return int(found or 0)


def _ejects(outliers: Mapping[str, Any]) -> str:
    errors = next((key for key in _ERRORS if outliers.get(key)), None)
    if errors is None:
        return ""
    return (
        f"{errors} {outliers[errors]} within {outliers.get('interval', '10s')}, for "
        f"{outliers.get('baseEjectionTime', '30s')}, at most "
        f"{outliers.get('maxEjectionPercent', 10)} percent of its pods"
    )
