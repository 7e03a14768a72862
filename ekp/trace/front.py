"""The AWS side of a request's way: from its client to the target group of a region."""

from collections.abc import Iterator
from dataclasses import dataclass

from ekp.configured.environment import Configured
from ekp.configured.reading import Resource, every
from ekp.evaluate.blocks import blocks
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.request import Request
from ekp.evaluate.stage import Stage

from .balancer import Entered, enter
from .call import CLOUDFRONT_ADDRESS, Call, Caller
from .cdn import no_web_acl, serve
from .dns import family, resolve
from .headers import as_sent, with_hop
from .origin import call
from .question import Entry, Question

__all__ = ["Entered", "Front", "front"]

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What a request met before a cluster."""

    hops: tuple[Hop, ...]
    entered: Entered | None
    """None: the last hop answered or refused, or something is missing."""


def front(configured: Configured, question: Question) -> Front:
    """Follow a request from its client to a target group.

    Raises:
        Unsupported: something on its way is of a kind that is not evaluated.
    """
    request = Request(
        host=question.host.lower().rstrip("."),
        path=question.path,
        method=question.method,
        headers=as_sent(question.headers),
        token=question.token,
        port=_PORTS[question.scheme],
    )
    if question.entry is not Entry.NAME:
        return _straight(configured, question, request)
    kind = family(question.client.address)
    led = resolve(configured, question, request.host, kind=kind, stage=Stage.DNS)
    if led.target is None:
        return Front(hops=led.hops, entered=None)
    if led.target.address.startswith("aws_lb."):
        made = _of_client(question, request)
        bare = [] if _is_origin(configured, request.host) else _no_cdn(led.target)
        return _into(configured, question, [*led.hops, *bare], led.target, made)
    served = serve(configured, question, led.target, request)
    hops = [*led.hops, *served.hops]
    if served.chosen is None:
        return Front(hops=tuple(hops), entered=None)
    origin, sent = call(configured, question, served.chosen, served.request)
    hops += origin.hops
    if origin.target is None or sent is None:
        return Front(hops=tuple(hops), entered=None)
    return _into(configured, question, hops, origin.target, sent)


def _into(
    configured: Configured, question: Question, hops: list[Hop], balancer: Resource, made: Call
) -> Front:
    more, entered = enter(configured, question, balancer, made)
    return Front(hops=(*hops, *more), entered=entered)


def _of_client(question: Question, request: Request) -> Call:
    return Call(
        request=request,
        scheme=question.scheme,
        caller=Caller.CLIENT,
        address=question.client.address,
        certificate_names=(request.host,),
    )


def _straight(configured: Configured, question: Question, request: Request) -> Front:
    """Follow a request that comes to a load balancer past DNS and our distribution."""
    found = {one.stack.region: one for one in every(configured.stacks, "aws_lb")}
    region = question.region or min(found, default="")
    if region not in found:
        known = ", ".join(sorted(found)) or "no region"
        hop = Hop(
            stage=Stage.BALANCER,
            region=question.region,
            name=f"load balancer in {region or configured.environment}",
            verdict=Verdict.MISSING,
            by=configured.environment,
            why=f"there is none; {known} of {configured.environment} has one",
            remedy="a region gets one where it stands under regions",
        )
        return Front(hops=(hop,), entered=None)
    made = _of_client(question, request)
    if question.entry is Entry.FOREIGN_CDN:
        # Whoever owns the distribution writes every header as they like, and opens HTTPS.
        made = Call(
            request=with_hop(request, question.client.address),
            scheme=question.scheme,
            caller=Caller.FOREIGN,
            address=CLOUDFRONT_ADDRESS,
            certificate_names=(request.host,),
        )
    return _into(configured, question, [], found[region], made)


def _is_origin(configured: Configured, host: str) -> bool:
    """Return whether a name is CloudFront's own, by which it finds a load balancer."""
    return any(
        origin.get("domain_name") == host
        for one in every(configured.stacks, "aws_cloudfront_distribution")
        for origin in blocks(one.body, "origin")
    )


def _no_cdn(balancer: Resource) -> Iterator[Hop]:
    """Yield what users lack who meet a load balancer without CloudFront."""
    yield Hop(
        stage=Stage.CDN,
        name="distribution",
        verdict=Verdict.MISSING,
        by=balancer.path,
        why="the name leads straight to the load balancer: no CloudFront before it",
        remedy="edge.front = cloudfront puts a distribution before it",
    )
    yield no_web_acl(balancer.path)
