"""The origin that CloudFront calls: a bucket, a load balancer, or a name of the zone.

Sources: CloudFront developer guide, "Origin settings", "Add custom headers to origin requests",
"Restrict access to an Amazon S3 origin" and "Require HTTPS for communication between CloudFront and
your custom origin" (the certificate must hold for the origin's name or, where ``Host`` goes on, for
the host; else 502).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from ekp.configured.environment import Configured
from ekp.configured.reading import Resource, resources
from ekp.evaluate.blocks import block, blocks
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.request import Request, Unsupported
from ekp.evaluate.stage import Stage

from .behavior import Chosen
from .call import CLOUDFRONT_ADDRESS, Call, Caller
from .dns import Resolved, resolve
from .forwarded import forwarded
from .question import Question


def call(
    configured: Configured, question: Question, chosen: Chosen, request: Request
) -> tuple[Resolved, Call | None]:
    """Return the hops to the origin of a behaviour, and the call that CloudFront makes there.

    Raises:
        Unsupported: the origin is of a kind that is not evaluated.
    """
    field, origin = _origin(chosen)
    if origin is None:
        return Resolved(hops=(_none(chosen),), target=None), None
    found = configured.reader.referred(chosen.distribution.stack, origin.get("domain_name"))
    if found is not None and found.address.startswith("aws_s3_bucket."):
        return Resolved(hops=(_bucket(chosen, field, found, request),), target=None), None
    sent = forwarded(
        chosen.policies,
        request,
        origin,
        cached=chosen.keeps(request.method),
        address=question.client.address,
    )
    scheme, port = _connection(origin, question.scheme)
    where = f"{chosen.distribution.path} {field}"
    called = found.label if found else str(origin["domain_name"])
    hop = _sent(where, called, chosen, origin, (request, sent))
    made = Call(
        request=replace(sent, port=port),
        scheme=scheme,
        caller=Caller.CLOUDFRONT,
        address=CLOUDFRONT_ADDRESS,
        certificate_names=tuple(dict.fromkeys((str(origin["domain_name"]), sent.host))),
    )
    hops = [hop] if blocks(origin, "custom_header") else [hop, _no_secret(where)]
    name = str(origin["domain_name"])
    if found is not None and found.address.startswith("aws_lb."):
        return Resolved(hops=tuple(hops), target=found), made
    if name.startswith("${"):
        raise Unsupported(where, "domain_name", f"{name} is no load balancer, bucket or name")
    # CloudFront calls origins by IPv4 unless an origin says otherwise.
    led = resolve(configured, question, name, kind="A", stage=Stage.ORIGIN)
    hops += led.hops
    if led.target is not None and not led.target.address.startswith("aws_lb."):
        return Resolved(hops=(*hops, _back(name, led)), target=None), None
    return Resolved(hops=tuple(hops), target=led.target), made


def _origin(chosen: Chosen) -> tuple[str, Mapping[str, Any] | None]:
    wanted, body = chosen.body.get("target_origin_id"), chosen.distribution.body
    if any(one.get("origin_id") == wanted for one in blocks(body, "origin_group")):
        raise Unsupported(chosen.by, "target_origin_id", "groups of origins are not evaluated")
    for number, one in enumerate(blocks(body, "origin")):
        if one.get("origin_id") == wanted:
            return f"origin[{number}]", one
    return "origin", None


def _connection(origin: Mapping[str, Any], scheme: str) -> tuple[str, int]:
    if block(origin, "vpc_origin_config"):
        # aws_cloudfront_vpc_origin has its ports; ours speaks HTTPS on 443 alone.
        return "https", 443
    config = block(origin, "custom_origin_config") or {}
    policy = config.get("origin_protocol_policy", "https-only")
    chosen = {"https-only": "https", "http-only": "http"}.get(str(policy), scheme)
    return chosen, int(config.get(f"{chosen}_port", 443 if chosen == "https" else 80))


def _sent(
    where: str, name: str, chosen: Chosen, origin: Mapping[str, Any], ways: tuple[Request, Request]
) -> Hop:
    before, sent = ways
    added = [str(one["name"]) for one in blocks(origin, "custom_header")]
    spoofed = [name for name in added if before.header(name) is not None]
    notes = [f"{chosen.policies.name} sends on {_kept(before, sent)}"]
    if added:
        notes.append(f"CloudFront adds {', '.join(added)}")
    if spoofed:
        notes.append(f"in place of what the client sent in {', '.join(spoofed)}")
    if before.token and not sent.token:
        notes.append("Authorization does not go on")
    return Hop(
        stage=Stage.ORIGIN,
        name=f"origin {name}",
        verdict=Verdict.PASSES,
        by=where,
        why="; ".join(notes),
    )


def _kept(before: Request, sent: Request) -> str:
    lost = sorted(name for name in before.headers if sent.header(name) is None)
    host = "Host" if sent.host == before.host else f"Host {sent.host}"
    return f"{host} and all headers" if not lost else f"{host}, and not {', '.join(lost)}"


def _bucket(chosen: Chosen, field: str, bucket: Resource, request: Request) -> Hop:
    key = unquote(request.path.partition("?")[0].removeprefix("/"))
    files = [
        one
        for one in resources(bucket.stack, "aws_s3_object")
        if f"{bucket.address}." in str(one.body.get("bucket")) and one.body.get("key") == key
    ]
    cause = f"Terraform puts no {key} there: S3 answers 403 for what is not there"
    if request.method not in ("GET", "HEAD"):
        cause = f"S3 answers a {request.method} with 403, as the bucket has no CORS rules"
        files = []
    return Hop(
        stage=Stage.ORIGIN,
        name=f"bucket {bucket.body.get('bucket') or bucket.label}",
        verdict=Verdict.ANSWERS if files else Verdict.REFUSES,
        by=files[0].path if files else f"{chosen.distribution.path} {field}",
        why="served from S3" if files else cause,
        status=200 if files else 403,
    )


def _back(name: str, led: Resolved) -> Hop:
    return Hop(
        stage=Stage.ORIGIN,
        name=f"record {name}",
        verdict=Verdict.MISSING,
        by=led.hops[-1].by,
        why=f"no region has a record of {name}, so the wildcard leads CloudFront back to itself",
        remedy="the regions whose ingress.share.serving is True make its records",
    )


def _none(chosen: Chosen) -> Hop:
    return Hop(
        stage=Stage.ORIGIN,
        name=f"origin {chosen.body.get('target_origin_id')}",
        verdict=Verdict.MISSING,
        by=f"{chosen.by} target_origin_id",
        why="the distribution has no such origin",
        remedy="edge.front = cloudfront makes it: synthesize the stack anew",
    )


def _no_secret(where: str) -> Hop:
    return Hop(
        stage=Stage.ORIGIN,
        name="secret header of the origin",
        verdict=Verdict.MISSING,
        by=f"{where} custom_header",
        why="CloudFront adds no header that proves where the request comes from",
        remedy="edge.front = cloudfront or vpc-origin adds it: synthesize the stack anew",
    )
