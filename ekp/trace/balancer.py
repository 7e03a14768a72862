"""What a region's load balancer does with a call, down to the target group."""

from dataclasses import dataclass
from typing import Any

from ekp.configured.environment import Configured
from ekp.configured.reading import Reader, Resource
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.request import Request
from ekp.evaluate.stage import Stage
from ekp.traffic.balancers import association

from .call import Call, Caller
from .certificates import certificate, covering
from .doors import address_hop, listener_of, security_hop
from .onward import sent, source
from .question import Question
from .routed import routed
from .web_acl import inspected, judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A request as it comes out of a load balancer."""

    region: str
    target_group: Resource
    request: Request
    """As the load balancer sends it; ``port`` is the target group's."""
    source: str
    """An IPv4 address in a subnet where the load balancer stands."""


def enter(
    configured: Configured, question: Question, balancer: Resource, call: Call
) -> tuple[tuple[Hop, ...], Entered | None]:
    """Follow a call through a load balancer.

    Raises:
        Unsupported: a part of it is not evaluated.
    """
    reader, region = configured.reader, balancer.stack.region
    here: dict[str, Any] = {
        "stage": Stage.BALANCER,
        "region": region,
        "name": f"load balancer {balancer.label}",
    }
    hops, listener = _connected(reader, balancer, call, here)
    if listener is None:
        return tuple(hops), None
    hops += _web_acl(reader, question, balancer, call)
    if hops[-1].ends:
        return tuple(hops), None
    done, group = routed(reader, listener, call, here)
    if group is None:
        return (*hops, done), None
    entered = Entered(
        region=region,
        target_group=group,
        request=sent(balancer, call, int(group.body.get("port", 0))),
        source=source(reader, balancer),
    )
    return (*hops, done), entered


def _connected(
    reader: Reader, balancer: Resource, call: Call, here: dict[str, Any]
) -> tuple[list[Hop], Resource | None]:
    """Return the hops of a connection, and the listener that takes it."""
    unreachable = address_hop(balancer, call, here)
    if unreachable is not None:
        return [unreachable], None
    admitted = security_hop(balancer, call, here)
    if admitted.ends:
        return [admitted], None
    listener = listener_of(balancer, call, here)
    if isinstance(listener, Hop):
        return [admitted, listener], None
    if str(listener.body.get("protocol")) != "HTTPS":
        return [admitted], listener
    proven = _certificate(reader, listener, call, here)
    return [admitted, proven], listener if proven.verdict is Verdict.PASSES else None


def _certificate(reader: Reader, listener: Resource, call: Call, here: dict[str, Any]) -> Hop:
    region = listener.stack.region
    found = certificate(reader, listener.stack, listener.body.get("certificate_arn"))
    named = [name for host in call.certificate_names if found and (name := covering(found, host))]
    hosts = " or ".join(one for one in call.certificate_names if not one.startswith("${"))
    if found and named:
        return Hop(
            **here,
            verdict=Verdict.PASSES,
            by=found.path,
            why=f"listener on {listener.body['port']}: its certificate's {named[0]} holds for "
            f"{hosts}",
        )
    answer = ": CloudFront answers 502" if call.caller is not Caller.CLIENT else ""
    return Hop(
        **here | {"name": f"certificate in {region}"},
        verdict=Verdict.MISSING,
        by=f"{listener.path} certificate_arn",
        why=(
            f"its certificate does not hold for {hosts}{answer}"
            if found
            else f"there is no certificate that was issued{answer}"
        ),
        remedy="edge.domain has the names that it is made for, one label deep",
        status=502 if answer else None,
    )


def _web_acl(reader: Reader, question: Question, balancer: Resource, call: Call) -> list[Hop]:
    region = balancer.stack.region
    found = association(balancer)
    acl = reader.referred(found.stack, found.body.get("web_acl_arn")) if found else None
    if acl is None:
        return [
            Hop(
                stage=Stage.REGIONAL_WAF,
                region=region,
                name=f"web ACL in {region}",
                verdict=Verdict.MISSING,
                by=(found or balancer).path,
                why="no web ACL stands before the load balancer: the request goes on without a "
                "look",
                remedy=f"regions[{region}].ingress.web_acl has its rules: synthesize the stack "
                "anew",
            )
        ]
    seen = inspected(call.request, question, call.address)
    return list(judged(reader, acl, seen, stage=Stage.REGIONAL_WAF, region=region))
