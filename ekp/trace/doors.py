"""Whether a caller gets a connection to a load balancer: its scheme, security groups, listeners.

Sources: VPC user guide, "Security group rules" (what no rule allows is dropped: nobody answers) and
"AWS-managed prefix lists" (CloudFront's list has the addresses of everyone's distributions);
CloudFront developer guide, "Restrict access with VPC origins".
"""

from ipaddress import ip_address, ip_network
from typing import Any

from modules.core.cloudfront import ORIGIN_FACING

from ekp.configured.reading import Resource
from ekp.evaluate.hop import Hop, Verdict
from ekp.traffic.balancers import entrances, listeners

from .call import Call, Caller


def address_hop(balancer: Resource, call: Call, here: dict[str, Any]) -> Hop | None:
    """Return why a load balancer cannot be reached at all; None: it can."""
    body = balancer.body
    if call.caller is Caller.CLOUDFRONT:
        return None
    if body.get("internal"):
        why = "it has no address in the internet: only the distribution's VPC origin reaches it"
        return Hop(**here, verdict=Verdict.REFUSES, by=f"{balancer.path} internal", why=why)
    version = ip_address(call.address).version
    if version == 6 and body.get("ip_address_type", "ipv4") == "ipv4":  # noqa: PLR2004 - IPv6
        why = "it has IPv4 addresses alone, so nobody calls it by IPv6"
        return Hop(**here, verdict=Verdict.REFUSES, by=f"{balancer.path} ip_address_type", why=why)
    return None


def security_hop(balancer: Resource, call: Call, here: dict[str, Any]) -> Hop:
    """Return what the security groups say of a caller."""
    port, rules = call.request.port, entrances(balancer)
    for rule in rules:
        if why := _admits(rule, call, port):
            return Hop(**here, verdict=Verdict.PASSES, by=rule.path, why=why)
    told = ", ".join(sorted({_source(rule) for rule in rules})) or "nobody"
    return Hop(
        **here,
        verdict=Verdict.REFUSES,
        by=f"{balancer.path} security_groups",
        why=f"{call.address}, {call.caller.value}, calls port {port}: the security group lets "
        f"{told} in and drops all else, without an answer",
    )


def _source(rule: Resource) -> str:
    body = rule.body
    source = body.get("cidr_ipv4") or body.get("cidr_ipv6") or body.get("prefix_list_id")
    first, last = body.get("from_port", 0), body.get("to_port", 65535)
    return f"{source} on {first if first == last else f'{first}-{last}'}"


def _admits(rule: Resource, call: Call, port: int) -> str:
    body = rule.body
    if str(body.get("ip_protocol")) not in ("tcp", "6", "-1"):
        return ""
    every = str(body.get("ip_protocol")) == "-1"
    if not every and not int(body.get("from_port", 0)) <= port <= int(body.get("to_port", 0)):
        return ""
    network = body.get("cidr_ipv4") or body.get("cidr_ipv6")
    if network:
        found, around = ip_address(call.address), ip_network(str(network))
        inside = found.version == around.version and found in around
        return f"{call.address} is in {network}, which may call port {port}" if inside else ""
    listed = body.get("prefix_list_id")
    if listed and call.caller is not Caller.CLIENT:
        whose = (
            "CloudFront's addresses, everyone's distributions among them"
            if listed in ORIGIN_FACING.values()
            else "a list that is taken for CloudFront's addresses"
        )
        return f"{listed} may call port {port}: {whose}"
    return ""


def listener_of(balancer: Resource, call: Call, here: dict[str, Any]) -> Resource | Hop:
    """Return the listener that takes a connection, or the hop that says why there is none."""
    found = listeners(balancer)
    port = call.request.port
    for one in found:
        if int(one.body.get("port", 0)) == port:
            return one
    if not found:
        region = balancer.stack.region
        return Hop(
            **here | {"name": f"listener on {port} in {region}"},
            verdict=Verdict.MISSING,
            by=balancer.path,
            why=f"it has no listener at all, so port {port} refuses the connection",
            remedy=f"regions[{region}].ingress.alb makes it: synthesize the stack anew",
        )
    ports = ", ".join(sorted(str(one.body.get("port")) for one in found))
    return Hop(
        **here,
        verdict=Verdict.REFUSES,
        by=balancer.path,
        why=f"it listens on {ports} alone: the connection to {port} is refused",
    )
