"""What CloudFront does with a request, up to the origin that it calls.

The order: first CloudFront's geographic restrictions, then AWS WAF, then functions (AWS developer
center, "Geo-Blocking"). AWS does not say where a redirect to HTTPS stands among them; here it comes
after the web ACL and before functions.

A URL has 8,192 bytes at most, else the answer is 413. Source: CloudFront developer guide, "Request
and response behavior for custom origins", "Maximum length of a request and maximum length of a
URL".

A wildcard among the alternate domain names holds for any depth, the certificate's for one label
alone. Source: CloudFront developer guide, "Using wildcards in alternate domain names".
"""

from dataclasses import dataclass
from typing import Any

from ekp.configured.environment import Configured
from ekp.configured.reading import Resource
from ekp.evaluate.blocks import block
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.request import Request
from ekp.evaluate.stage import Stage

from .behavior import Chosen, behave, choose
from .certificates import certificate, covering
from .question import Question
from .web_acl import inspected, judged

_LONGEST = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What came of a request at a distribution."""

    hops: tuple[Hop, ...]
    request: Request
    """As it came out of the functions of its behaviour."""
    chosen: Chosen | None
    """The behaviour that calls an origin; None: the last hop answers, refuses or is missing."""


def serve(
    configured: Configured, question: Question, distribution: Resource, request: Request
) -> Served:
    """Follow a request through a distribution.

    Raises:
        Unsupported: a part of it is not evaluated.
    """
    here: dict[str, Any] = {
        "stage": Stage.CDN,
        "name": f"distribution {distribution.label}",
    }
    hops = [_host(configured, distribution, request.host, here)]
    if hops[-1].verdict is not Verdict.PASSES:
        return Served(hops=tuple(hops), request=request, chosen=None)
    for found in (
        _length(question, distribution, here),
        _country(distribution, question, here),
        _web_acl(configured, question, distribution, request),
    ):
        hops += found
        if any(hop.ends for hop in found):
            return Served(hops=tuple(hops), request=request, chosen=None)
    chosen = choose(configured.reader, distribution, request.path)
    found, request = behave(configured.reader, chosen, question, request, here)
    hops += found
    ends = any(hop.ends for hop in found)
    return Served(hops=tuple(hops), request=request, chosen=None if ends else chosen)


def _host(configured: Configured, found: Resource, host: str, here: dict[str, Any]) -> Hop:
    body = found.body
    missing = {**here, "verdict": Verdict.MISSING}
    domain = "edge.domain has the names that it is made for, one label deep"
    if not body.get("enabled"):
        return Hop(
            **missing,
            by=f"{found.path} enabled",
            why="it is not enabled, so CloudFront answers nobody",
            remedy="edge.front = cloudfront makes an enabled one: synthesize the stack anew",
        )
    aliases = [str(name) for name in body.get("aliases") or ()]
    alias = next((name for name in aliases if _holds(name, host)), None)
    if alias is None:
        return Hop(
            **missing,
            by=f"{found.path} aliases",
            why=f"none of its names holds for {host} ({', '.join(aliases) or 'it has none'}), so "
            "CloudFront refuses it",
            remedy=domain,
        )
    viewer = block(body, "viewer_certificate") or {}
    proof = certificate(configured.reader, found.stack, viewer.get("acm_certificate_arn"))
    name = covering(proof, host) if proof else None
    if proof is None or name is None:
        return Hop(
            **missing,
            by=f"{(proof or found).path} "
            f"{'subject_alternative_names' if proof else 'viewer_certificate'}",
            why=f"its certificate does not hold for {host}"
            if proof
            else "there is no certificate that was issued for it",
            remedy=domain,
        )
    return Hop(
        **here,
        verdict=Verdict.PASSES,
        by=f"{found.path} aliases",
        why=f"its name {alias} and its certificate's {name} hold for the host",
    )


def _holds(alias: str, host: str) -> bool:
    return host.endswith(alias[1:]) if alias.startswith("*.") else host == alias


def _length(question: Question, found: Resource, here: dict[str, Any]) -> list[Hop]:
    length = len(f"{question.scheme}://{question.host}{question.path}")
    if length <= _LONGEST:
        return []
    why = f"a URL of {length:,} bytes: CloudFront takes {_LONGEST:,} at most"
    return [Hop(**here, verdict=Verdict.REFUSES, by=found.path, why=why, status=413)]


def _country(found: Resource, question: Question, here: dict[str, Any]) -> list[Hop]:
    geo = block(block(found.body, "restrictions") or {}, "geo_restriction") or {}
    kind = geo.get("restriction_type", "none")
    if kind == "none":
        return []
    listed = sorted(geo.get("locations") or ())
    country = question.client.country
    by = f"{found.path} restrictions.geo_restriction"
    if country is None:
        return [
            Hop(
                **here,
                verdict=Verdict.MAY_REFUSE,
                by=by,
                why=f"a {kind} of {len(listed)} countries; nobody said from which one it comes",
            )
        ]
    allowed = (country in listed) is (kind == "whitelist")
    return [
        Hop(
            **here,
            verdict=Verdict.PASSES if allowed else Verdict.REFUSES,
            by=by,
            why=f"{country} is {'in' if country in listed else 'not in'} its {kind} of "
            f"{len(listed)} countries",
            status=None if allowed else 403,
        )
    ]


def _web_acl(
    configured: Configured, question: Question, distribution: Resource, request: Request
) -> list[Hop]:
    reader = configured.reader
    acl = reader.referred(distribution.stack, distribution.body.get("web_acl_id"))
    if acl is None:
        return [no_web_acl(f"{distribution.path} web_acl_id")]
    seen = inspected(request, question, question.client.address)
    return list(judged(reader, acl, seen, stage=Stage.GLOBAL_WAF))


def no_web_acl(by: str) -> Hop:
    """Return the hop of a web ACL that is not there, before CloudFront's cache."""
    return Hop(
        stage=Stage.GLOBAL_WAF,
        name="web ACL of CloudFront",
        verdict=Verdict.MISSING,
        by=by,
        why="no web ACL stands before CloudFront: the request goes on without a look",
        remedy="edge.front = cloudfront makes one, with the rules of edge.web_acl",
    )
