"""Limits as the evaluators find them, made one kind of guard."""

from fractions import Fraction

from ekp.configured.replicas import Replicas
from ekp.evaluate.istio.buckets import Bucket
from ekp.evaluate.istio.rate_limit import POD, RateLimit
from ekp.evaluate.nginx_limits import ClientRate
from ekp.evaluate.request import Unsupported

from .ways import LIMITED_BY, Guard

_MINUTE = 60


def of_limit(limit: RateLimit) -> Guard:
    """Return the guard of an Envoy's limit."""
    told = dict(limit.told).get(LIMITED_BY)
    own = POD if limit.per == POD else "gateway" if limit.cluster is None else "service"
    return Guard(
        name=told or own,
        by=limit.by,
        bucket=limit.bucket,
        widest=limit.bucket,
        status=limit.status,
        told=told,
        whole=limit.cluster is None,
        remembered=limit.remembered,
    )


def of_client(limit: RateLimit) -> Guard:
    """Return the guard of an Envoy's limit of each client.

    Raises:
        Unsupported: it counts all clients together, or a part of a service's requests alone.
    """
    if limit.per == POD:
        raise Unsupported(limit.by, limit.where, "counts all clients of an entrance together")
    if limit.share != 1:
        raise Unsupported(limit.by, limit.where, "counts one of two versions that both serve")
    return of_limit(limit)


def at_shard(limit: ClientRate, door: Replicas) -> Guard:
    """Return the guard of a shard, whose controller divides the rate by its pods.

    NGINX's leaky bucket with ``burst`` and without delay lets the same requests through as a token
    bucket that holds one more: a request passes while no more than ``burst`` others are ahead of
    the rate. Sources: NGINX, ngx_http_limit_req_module (``excess = excess - rate * ms + 1``, which
    is refused above ``burst``); F5 NGINX Ingress Controller 5.5, "Policy resources", ``scale``:
    whole requests a minute, the burst is each pod's own.
    """
    return Guard(
        name="shard",
        by=limit.by,
        bucket=_bucket(limit, door.fewest),
        widest=_bucket(limit, door.most),
        status=limit.status,
        remembered=limit.remembered,
    )


def _bucket(limit: ClientRate, pods: int) -> Bucket:
    a_minute = round(limit.per_second * _MINUTE)
    share = max(1, a_minute // pods) if limit.shared else a_minute
    return Bucket(limit.burst + 1, share, Fraction(_MINUTE))
