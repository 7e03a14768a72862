"""Where a name of the environment's zone leads, through aliases, while regions are out.

Sources: Route 53 developer guide, "Using an asterisk (*) in the names of hosted zones and records"
(a wildcard stands for one label or more) and "Choosing between alias and non-alias records"; RFC
4592, 2.2.1: a wildcard counts right above the asked name's missing part, not over a name that is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from ekp.configured.environment import Configured
from ekp.configured.reading import Resource, every
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.request import Unsupported
from ekp.evaluate.stage import Stage

from .answers import Answer, Asked, answer
from .health import Zone
from .question import Question

_LED_TO = ("aws_cloudfront_distribution", "aws_lb")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What a name leads to."""

    hops: tuple[Hop, ...]
    target: Resource | None
    """A distribution or a load balancer; None: the last hop says why there is none."""


def family(address: str) -> str:
    """Return the type of record that a client of an address asks for."""
    return "AAAA" if ip_address(address).version == 6 else "A"  # noqa: PLR2004 - IPv6


def domains(configured: Configured) -> list[str]:
    """Return the zones of an environment."""
    found = every(configured.stacks, "aws_route53_zone")
    return sorted({str(one.body.get("name")) for one in found})


def resolve(
    configured: Configured, question: Question, host: str, *, kind: str, stage: Stage
) -> Resolved:
    """Follow a name to the distribution or the load balancer behind it.

    Args:
        configured: The environment.
        question: Who asks, and which regions are out.
        host: The name.
        kind: ``A`` or ``AAAA``.
        stage: Whose name it is: users' or CloudFront's.

    Raises:
        Unsupported: a record or a health check is of a kind that is not evaluated.
    """
    zone = Zone.of(configured, question.out)
    asked = Asked(question.client.nearest, question.region)
    hops: list[Hop] = []
    name: str | None = _record_name(zone, host)
    if name is None:
        return _ends(hops, _unknown(configured, host, stage))
    seen: set[str] = set()
    while name not in seen:
        seen.add(name)
        _only_aliases(configured, name)
        group = zone.group(name, kind)
        if not group:
            return _ends(hops, _no_type(zone, name, kind, stage))
        hops += zone.unwatched(group, stage)
        sick = {one[1].construct: why for one in group if (why := zone.sick(one))}
        found = answer(group, sick, asked)
        target = zone.target(found.alias[0])
        if isinstance(target, Resource) and target.address.startswith(_LED_TO):
            hops.append(_hop(found, stage, f"leads to {_called(target)}"))
            return Resolved(hops=tuple(hops), target=target)
        if not isinstance(target, str):
            return _ends(hops, _nowhere(found, stage))
        hops.append(_hop(found, stage, f"leads to {target}"))
        name = target
    raise Unsupported(name, "alias", "it leads back to itself")


def _record_name(zone: Zone, host: str) -> str | None:
    names = {record.name for _, record in zone.records}
    if host in names:
        return host
    labels = host.split(".")
    for number in range(1, len(labels)):
        above = ".".join(labels[number:])
        if f"*.{above}" in names:
            return f"*.{above}"
        if any(name == above or name.endswith(f".{above}") for name in names):
            return None
    return None


def _only_aliases(configured: Configured, name: str) -> None:
    for found in every(configured.stacks, "aws_route53_record"):
        body = found.body
        leads = body.get("name") == name and body.get("type") in ("A", "AAAA", "CNAME")
        if leads and "alias" not in body:
            raise Unsupported(found.path, "records", "only alias records are followed")


def _called(found: Resource) -> str:
    kind = "load balancer" if found.address.startswith("aws_lb.") else "distribution"
    return f"{kind} {found.label}"


def _hop(found: Answer, stage: Stage, leads: str) -> Hop:
    resource, record = found.alias
    return Hop(
        stage=stage,
        region=None if record.region == "global" else record.region,
        name=f"record {record.name} {record.kind}",
        verdict=Verdict.PASSES,
        by=resource.path,
        why=f"{found.why}; it {leads}",
    )


def _ends(hops: Sequence[Hop], last: Hop) -> Resolved:
    return Resolved(hops=(*hops, last), target=None)


def _missing(stage: Stage, name: str, by: str, why: str, remedy: str) -> Hop:
    return Hop(stage=stage, name=name, verdict=Verdict.MISSING, by=by, why=why, remedy=remedy)


def _unknown(configured: Configured, host: str, stage: Stage) -> Hop:
    environment, under = configured.environment, domains(configured)
    own = [one for one in under if host == one or host.endswith(f".{one}")]
    if own:
        why = f"zone {own[0]} of {environment} has no alias record for it"
        remedy = (
            "edge.front says who makes its records: the distribution's, or, where it is direct or "
            "stage is origin, each region's whose ingress.share.serving is True"
        )
    else:
        zones = ", ".join(under) or "no zone"
        why = f"it is no name of {environment}, which has {zones}"
        remedy = (
            f"ask for {under[0] if under else 'a name'} or a name under it, or set edge.domain; a "
            "tenant's route has its host under it too"
        )
    return _missing(stage, f"record {host}", ", ".join(under) or environment, why, remedy)


def _no_type(zone: Zone, name: str, kind: str, stage: Stage) -> Hop:
    others = sorted({record.kind for _, record in zone.records if record.name == name})
    return _missing(
        stage,
        f"record {name} {kind}",
        name,
        f"it has no {kind} record, {' and '.join(others) or 'nor any other'} alone"
        if others
        else "it has no alias record at all, though another one leads to it",
        "edge.front = cloudfront is met by IPv6 too"
        if kind == "AAAA"
        else "the regions whose ingress.share.serving is True make its records",
    )


def _nowhere(found: Answer, stage: Stage) -> Hop:
    resource, record = found.alias
    what = str((resource.body.get("alias") or {}).get("name"))
    kind = "load balancer" if "aws_lb." in what else "distribution"
    setting = "edge.front" if kind == "distribution" else f"regions[{record.region}].ingress"
    return Hop(
        stage=stage,
        region=None if record.region == "global" else record.region,
        name=f"{kind} behind record {record.name} {record.kind}",
        verdict=Verdict.MISSING,
        by=f"{resource.path} alias.name",
        why=f"there is no {kind} {what}",
        remedy=f"{setting} makes it: synthesize the stack anew",
    )
