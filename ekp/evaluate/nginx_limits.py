"""NGINX shards: how often a client may ask a location, and how long a body it takes.

Sources: F5 NGINX Ingress Controller 5.5, "Policy resources" (RateLimit) and "VirtualServer and
VirtualServerRoute resources" (Upstream); NGINX, ngx_http_limit_req_module and
ngx_http_core_module (client_max_body_size: 1m, answered 413).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .nginx import seen, upstream_of
from .nginx_locations import GROUP, Location, locations, normalized, refuse_unknown, taken
from .request import Object, Request, Unsupported, named, of_kind

_RATE_LIMIT = {
    *("burst", "delay", "dryRun", "key", "logLevel", "noDelay", "rate", "rejectCode", "scale"),
    "zoneSize",
}
# A client by its address, as real-ip-header has it.
_CLIENT = "$${binary_remote_addr}", "${binary_remote_addr}"
_SECONDS = {"s": 1, "m": 60}
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_DEFAULT_BODY = "1m"
# Addresses that a megabyte of a zone holds, on 64-bit machines.
# Source: NGINX documentation, ngx_http_limit_req_module.
_A_MEGABYTE = 8000
_UNAVAILABLE = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRate:
    """What one client may ask of a location."""

    by: str
    """The Policy."""
    per_second: float
    shared: bool
    """Whether all pods of the shard share it; else each allows it."""
    burst: int
    status: int
    remembered: int
    """Clients that a pod knows at a time; who was silent longest is forgotten, and starts anew."""

    def admits(self, rate: float, pods: int) -> bool:
        """Tell whether a client's rate, kept up and spread over all pods, stays below it."""
        return rate <= self.per_second * (1 if self.shared else pods)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What holds at a location."""

    by: str
    """The location."""
    rates: tuple[ClientRate, ...]
    body: str
    """As it is written: ``10m``."""
    body_bytes: int
    """0: bodies of any length."""


def limits_of(
    objects: Iterable[Object],
    namespaces: Mapping[str, Mapping[str, str]],
    shard: str,
    request: Request,
) -> Limits | None:
    """Return the limits of the location that takes a request; None: no location does.

    Args:
        objects: The cluster's objects.
        namespaces: The labels of each namespace.
        shard: The shard's name.
        request: The user's, as the load balancer sends it.

    Raises:
        Unsupported: a limit is not understood.
    """
    found = seen(objects, namespaces, shard)
    host, path = request.host.lower().partition(":")[0], normalized(request.path)
    for server in of_kind(found, GROUP, "VirtualServer"):
        if server["spec"].get("host") == host and path is not None:
            location = taken(list(locations(found, server)), path)
            return _limits(found, location) if location else None
    return None


def _limits(objects: list[Object], location: Location) -> Limits:
    rates = [
        _rate(each)
        for each in of_kind(objects, GROUP, "Policy")
        if (each["metadata"]["namespace"], each["metadata"]["name"]) in location.policies
        and each["spec"].get("rateLimit")
    ]
    upstream, _ = upstream_of(location)
    body = str(upstream.get("client-max-body-size") or _DEFAULT_BODY)
    return Limits(
        by=f"{named(location.source)} {location.where}",
        rates=tuple(rates),
        body=body,
        body_bytes=_bytes(location.source, "client-max-body-size", body),
    )


def _rate(policy: Object) -> ClientRate:
    limit: Mapping[str, Any] = policy["spec"]["rateLimit"]
    refuse_unknown(policy, "spec.rateLimit", limit, _RATE_LIMIT)
    if limit.get("dryRun"):
        raise Unsupported(policy, "spec.rateLimit.dryRun", "it counts and refuses nobody")
    if limit.get("key") not in _CLIENT:
        raise Unsupported(policy, "spec.rateLimit.key", f"{limit.get('key')!r} is no client")
    rate = re.fullmatch(r"(\d+)r/([sm])", str(limit.get("rate")))
    if rate is None:
        raise Unsupported(policy, "spec.rateLimit.rate", f"{limit.get('rate')!r} is no rate")
    return ClientRate(
        by=named(policy),
        per_second=int(rate[1]) / _SECONDS[rate[2]],
        shared=bool(limit.get("scale")),
        burst=int(limit.get("burst", 0)),
        status=int(limit.get("rejectCode") or _UNAVAILABLE),
        remembered=_bytes(policy, "spec.rateLimit.zoneSize", limit.get("zoneSize"))
        * _A_MEGABYTE
        // _UNITS["m"],
    )


def _bytes(source: Object, where: str, written: object) -> int:
    size = re.fullmatch(r"(\d+)([kmg]?)", str(written).lower())
    if size is None:
        raise Unsupported(source, where, f"{written!r} is no size")
    return int(size[1]) * _UNITS[size[2]]
