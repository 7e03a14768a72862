"""EKP_ALB_1: no security group lets the whole internet in.

Load balancers are called by CloudFront or by listed networks; nothing else is called from outside.
"""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from policies.checks import Entity, Everything, Verdict, listed, stack_check
from policies.links import blocks
from policies.references import targets

RULE = "aws_vpc_security_group_ingress_rule"
GROUPS = ("aws_security_group", "aws_default_security_group")
LIST = "aws_ec2_managed_prefix_list"
# Networks wider than this are most of the internet. fc00::/7 is nobody's internet.
WIDEST_PREFIX = {4: 8, 6: 7}
NETWORKS = ("cidr_ipv4", "cidr_ipv6", "cidr_blocks", "ipv6_cidr_blocks")
LISTS = ("prefix_list_id", "prefix_list_ids")


@stack_check(
    "EKP_ALB_1",
    "Ensure no security group admits the whole internet",
    RULE,
    "aws_security_group_rule",
    *GROUPS,
)
def load_balancer_is_closed_to_the_internet(rule: Entity, everything: Everything) -> Verdict:
    """Judge a rule that lets in, of any security group; of a group the rules written inside it."""
    if rule.kind == "aws_security_group_rule" and rule.body.get("type") != "ingress":
        return None
    parts = blocks(rule.body.get("ingress")) if rule.kind in GROUPS else [rule.body]
    if not parts:
        return None
    return not any(
        is_wide(network) for part in parts for network in admitted_networks(part, everything)
    )


def admitted_networks(part: Any, everything: Everything) -> Iterator[Any]:
    """Yield the networks that a rule admits, with those of prefix lists made beside it."""
    for key in NETWORKS:
        yield from listed(part.get(key))
    for key in LISTS:
        for found in targets(part.get(key), everything, LIST):
            yield from (entry.get("cidr") for entry in blocks(found.body.get("entry")))
            yield from (
                entry.body.get("cidr")
                for entry in everything.of(f"{LIST}_entry")
                if found in targets(entry.body.get("prefix_list_id"), everything, LIST)
            )


def is_wide(network: Any) -> bool:
    """Tell whether a network is most of the internet; what is known later is none."""
    try:
        found = ip_network(str(network), strict=False)
    except ValueError:
        return False
    return found.prefixlen < WIDEST_PREFIX[found.version]
