"""Local rate limits that hold for a request at a proxy, read from EnvoyFilters.

Sources: Istio, "EnvoyFilter" reference; Envoy, "Local rate limit" of HTTP filters and
``local_ratelimit_impl.cc``. Envoy counts in each pod by itself, over all of its threads and
connections.
"""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from ..request import Object, Request, Unsupported, Workload, named, of_kind
from . import rate_settings
from .buckets import Bucket
from .destinations import Destination
from .gateways import gateways_of
from .matching import check_keys, namespace_of
from .rate_descriptors import Clusters, entries_of, taking, told_apart
from .rate_filters import Settings, rate_filters, settings_of
from .rate_limit import CLIENT, POD, RateLimit
from .routing import Routed, route

_WHOLE = Fraction(1)
_UNKNOWN = "outbound|?|"


def limits_of(
    objects: Iterable[Object], workload: Workload, request: Request, *, gateway: bool
) -> list[RateLimit]:
    """Return the local rate limits that count a request at a workload's proxy, in their order.

    A filter that is enabled for no request, or switched off on the host or route of this one, is
    left out; one that only counts is there, with nothing ``enforced``. Where a route divides its
    requests among versions, a limit of one version is there with its ``share``.

    Args:
        objects: Objects of the cluster, of any kind.
        workload: Whose proxy it is.
        request: What is asked. Its ``port`` is the one that the proxy takes it on: of a Gateway's
            server, or the pod's own.
        gateway: Whether the proxy is a gateway's and no sidecar.

    Raises:
        Unsupported: a part of an EnvoyFilter is not understood, or a rate limit service is asked.
    """
    every = list(objects)
    added = rate_filters(every, workload, request, gateway=gateway)
    if not added:
        return []
    routed = _routed(every, workload, request) if gateway else None
    ways = _clusters(every, routed)
    taken = routed.route if routed else None
    return [
        limit
        for each in added
        if (settings := settings_of(every, workload, request, each, taken=taken, gateway=gateway))
        for limit in _limits(settings, request, ways)
    ]


def _routed(objects: list[Object], workload: Workload, request: Request) -> Routed:
    gateways = gateways_of(objects, workload, request.port)
    return route(objects, request, gateway=gateways, namespace=workload.namespace)


def _clusters(objects: list[Object], routed: Routed | None) -> list[tuple[Clusters, Fraction]]:
    """Return where a request may be sent, with the part of the requests that is."""
    if routed is None or not routed.destinations:
        return [(Clusters(None), _WHOLE)]
    whole = sum(each.weight for each in routed.destinations)
    return [
        (Clusters(_cluster(objects, each)), Fraction(each.weight, whole))
        for each in routed.destinations
        if each.weight
    ]


def _cluster(objects: list[Object], to: Destination) -> str:
    """Return Envoy's name of a destination; "?" for a port that no Service here tells."""
    ports = [
        port["port"]
        for each in of_kind(objects, "", "Service")
        if f"{each['metadata']['name']}.{namespace_of(each)}.svc.cluster.local" == to.host
        for port in each["spec"].get("ports") or ()
    ]
    port = ports[0] if len(ports) == 1 else "?"
    return f"outbound|{port}|{to.subset or ''}|{to.host}"


def _limits(
    of: Settings, request: Request, ways: list[tuple[Clusters, Fraction]]
) -> Iterator[RateLimit]:
    source, where, found = of.source, of.where, of.found
    rate_settings.check(source, where, found)
    if not rate_settings.part(source, f"{where}.filter_enabled", found.get("filter_enabled")):
        return
    counted: dict[str, RateLimit] = {}
    missed = False
    for to, share in ways:
        before = len(counted)
        for index, one in enumerate(found.get("rate_limits") or []):
            place = f"{where}.rate_limits[{index}]"
            check_keys(source, place, one, {"actions"})
            entries = entries_of(source, f"{place}.actions", one.get("actions"), request, to)
            if entries is None:
                continue
            descriptors = found.get("descriptors") or []
            if at := taking(source, f"{where}.descriptors", descriptors, entries):
                key = told_apart(at[1], entries)
                own = next((e.value for e in entries if e.key == "destination_cluster"), None)
                part = share if own else _WHOLE
                bucket = at[1]["token_bucket"]
                counted[at[0]] = _limit(of, at[0], bucket, key=key, own=own, share=part)
            else:
                _refuse_unknown_port(source, place, descriptors, to)
        missed = missed or len(counted) == before
    # The strictest is asked first, as Envoy does, then the bucket of all.
    yield from sorted(counted.values(), key=lambda limit: limit.bucket.per_second)
    always = found.get("always_consume_default_token_bucket", True)
    if found.get("token_bucket") and (missed or always):
        yield _limit(of, f"{where}.token_bucket", found["token_bucket"])


def _limit(
    of: Settings,
    place: str,
    found: Mapping[str, Any],
    *,
    key: str = "",
    own: str | None = None,
    share: Fraction = _WHOLE,
) -> RateLimit:
    where, settings = of.where, of.found
    bucket = rate_settings.bucket(of.source, place, found)
    return RateLimit(
        by=named(of.source),
        where=place,
        name=of.name,
        per=CLIENT if key else POD,
        key=key,
        cluster=own,
        bucket=bucket,
        status=rate_settings.status(of.source, f"{where}.status", settings.get("status")),
        told=rate_settings.headers(
            of.source, f"{where}.response_headers_to_add", settings.get("response_headers_to_add")
        ),
        enabled=rate_settings.part(
            of.source, f"{where}.filter_enabled", settings.get("filter_enabled")
        ),
        enforced=rate_settings.part(
            of.source, f"{where}.filter_enforced", settings.get("filter_enforced")
        ),
        share=share,
        remembered=int(settings.get("max_dynamic_descriptors", rate_settings.REMEMBERED))
        if key
        else None,
        why=_why(bucket, key, own),
    )


def _why(bucket: Bucket, key: str, own: str | None) -> str:
    whom = f"each client by its {key}" if key else "all requests together"
    what = f" to {own.rpartition('|')[2]}" if own else ""
    return (
        f"counts {whom}{what}: {bucket.tokens_per_fill} in {float(bucket.fill_seconds):g} s "
        f"({float(bucket.per_second):.4g} a second) and {bucket.max_tokens} at once in each pod, "
        "which counts for itself" + ("; over n pods, that much n times" if key else "")
    )


def _refuse_unknown_port(
    source: Object, place: str, descriptors: Iterable[Mapping[str, Any]], to: Clusters
) -> None:
    """Refuse a destination that a descriptor might name, were its port known."""
    if to.name is None or not to.name.startswith(_UNKNOWN):
        return
    ending = to.name.removeprefix(_UNKNOWN)
    for one in descriptors:
        if any(str(each.get("value", "")).endswith(ending) for each in one["entries"]):
            raise Unsupported(source, place, f"no Service here tells the port of {ending}")
