"""Hops of rate limits inside a cluster: at the gateway, at a shard, at a service's pods."""

from collections.abc import Iterator

from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.istio.rate_limit import CLIENT, RateLimit
from ekp.evaluate.istio.rate_limits import limits_of
from ekp.evaluate.nginx_limits import limits_of as shard_limits_of
from ekp.evaluate.request import Request, Unsupported, Workload
from ekp.evaluate.stage import Stage
from ekp.evaluate.world import World

from .binding import Entrance
from .figures import pods
from .figures import rate as shown

# Source: NGINX, ngx_http_core_module, client_max_body_size.
_TOO_LARGE = 413


def at_gateway(
    world: World,
    region: str,
    entered: Entrance,
    request: Request,
    *,
    rate: float | None,
    lost: bool,
) -> Iterator[Hop]:
    """Yield the limits of clients at the gateway, in the order in which its proxies ask them.

    Args:
        world: The region's.
        region: Its name.
        entered: The gateway.
        request: As it comes to it.
        rate: Requests of the client a second.
        lost: Whether its route leads to what there is not: a service's limits go by the route.

    Raises:
        Unsupported: a limit is not understood.
    """
    where = f"clients of {entered.name}"
    try:
        found = list(limits_of(world.objects, entered.workload, request, gateway=True))
    except Unsupported as error:
        if not lost:
            raise
        yield _hop(region, where, error.source, "which limits count it hangs on its route")
        return
    for limit in found:
        yield _of_clients(limit, region, entered, rate)
    if not found:
        why = "no limit of the gateway counts requests for this host"
        yield _hop(region, where, "no EnvoyFilter", why)


def at_shard(
    world: World,
    region: str,
    entered: Entrance,
    request: Request,
    *,
    rate: float | None,
    body_bytes: int,
) -> Iterator[Hop]:
    """Yield what a shard's location allows a client: how long a body, how many requests."""
    found = shard_limits_of(world.objects, world.namespaces, entered.word, request)
    if found is None:
        return
    if found.body_bytes and body_bytes > found.body_bytes:
        yield Hop(
            stage=Stage.SHARD,
            region=region,
            name=entered.name,
            verdict=Verdict.REFUSES,
            by=f"{found.by} client-max-body-size",
            why=f"a body of {body_bytes} bytes is above {found.body}",
            status=_TOO_LARGE,
        )
        return
    for limit in found.rates:
        where = "all pods of the shard together" if limit.shared else "each pod of the shard"
        allowed = rate is None or limit.admits(rate, entered.pods.fewest)
        yield _hop(
            region,
            f"clients of {entered.name}",
            f"{limit.by} spec.rateLimit",
            f"a client has {shown(limit.per_second)} at {where}, {limit.burst} more at once at"
            f" each of {pods(entered.pods.fewest)}{_asked(rate)}",
            None if allowed else limit.status,
        )


def at_pods(
    world: World,
    region: str,
    target: Workload,
    request: Request,
    *,
    pods: tuple[int, int],
    rate: float | None,
) -> Iterator[Hop]:
    """Yield the limits of what a service's pods take; one client is refused if it fills all."""
    for limit in limits_of(world.objects, target, request, gateway=False):
        fewest, most = pods
        allowed = rate is None or limit.admits(rate, pods=most)
        several = f" with {fewest} pods, {shown(most * limit.per_second)} with {most}"
        together = f"{shown(fewest * limit.per_second)}{several if most > fewest else ''}"
        yield _hop(
            region,
            f"capacity of {target.namespace}/{target.name}",
            _by(limit),
            f"a pod takes {shown(limit.per_second)} of everybody, {limit.burst} at once: "
            f"{together}{_asked(rate)}",
            None if allowed else limit.status,
        )


def _of_clients(limit: RateLimit, region: str, entered: Entrance, rate: float | None) -> Hop:
    allowed = rate is None or limit.admits(rate, pods=entered.pods.fewest)
    whole = limit.per_second * entered.pods.fewest / float(limit.share or 1)
    whom = f"a client (by its {limit.key})" if limit.per == CLIENT else "everybody together"
    what = _to(limit.cluster) if limit.cluster else "all hosts together"
    return _hop(
        region,
        f"clients of {entered.name}",
        _by(limit),
        f"{whom} has {shown(whole)} for {what}, {limit.burst} at once at each of"
        f" {pods(entered.pods.fewest)}{_asked(rate)}",
        None if allowed else limit.status,
    )


def _hop(region: str, name: str, by: str, why: str, status: int | None = None) -> Hop:
    """Return the hop of a limit; with a status it refuses."""
    return Hop(
        stage=Stage.RATE_LIMIT,
        region=region,
        name=name,
        verdict=Verdict.PASSES if status is None else Verdict.REFUSES,
        by=by,
        why=why,
        status=status,
    )


def _by(limit: RateLimit) -> str:
    return f"{limit.by} {limit.where.rpartition('.')[2]}"


def _to(cluster: str) -> str:
    """Return where requests go to, of Envoy's name ``outbound|80|stable|<host>``."""
    *_, subset, host = cluster.split("|")
    service = host.removesuffix(".svc.cluster.local")
    return f"requests to {service}{f', {subset}' if subset else ''}"


def _asked(rate: float | None) -> str:
    return f"; it asks {shown(rate)}" if rate is not None else ""
