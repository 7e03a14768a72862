"""EKP_ALB_2: a load balancer with public addresses serves our own CloudFront, or listed networks.

CloudFront's addresses are everyone's who has a distribution. Its requests must carry a secret: the
web ACL asks for it before it believes what a request says of its caller, and each listener rule
asks for it before it forwards. Networks that are listed one by one need no secret.
"""

from typing import Any

from policies.checks import Entity, Everything, is_true, listed, stack_check
from policies.links import blocks
from policies.load_balancer_is_closed_to_the_internet import (
    LISTS,
    RULE,
    admitted_networks,
    is_wide,
)
from policies.references import is_open, targets
from policies.web_acls import asks_for_header

BALANCERS = ("aws_lb", "aws_alb")
LISTENERS = ("aws_lb_listener", "aws_alb_listener")
WILDCARDS = frozenset("*?")


@stack_check(
    "EKP_ALB_2",
    "Ensure a public load balancer has a web ACL and asks for the origin's secret header",
    *BALANCERS,
)
def load_balancer_asks_for_the_header(balancer: Entity, everything: Everything) -> bool:
    """Pass an internal one; others need a web ACL, and a secret unless they list their callers."""
    if is_true(balancer.body.get("internal")):
        return True
    acls = _web_acls(balancer, everything)
    if not acls:
        return False
    if _lists_its_callers(balancer, everything):
        return True
    return all(acl is None or asks_for_header(acl, everything) for acl in acls) and _listeners_ask(
        balancer, everything
    )


def _web_acls(balancer: Entity, everything: Everything) -> list[Entity | None]:
    """Return the web ACLs before a load balancer; None for one that is made elsewhere."""
    found: list[Entity | None] = []
    for association in everything.of("aws_wafv2_web_acl_association"):
        if balancer in targets(association.body.get("resource_arn"), everything, balancer.kind):
            acls = targets(association.body.get("web_acl_arn"), everything, "aws_wafv2_web_acl")
            found += acls or [None]
    return found if all(acl is None or _is_regional(acl) for acl in found) else []


def _is_regional(acl: Entity) -> bool:
    return acl.body.get("scope") == "REGIONAL"


def _lists_its_callers(balancer: Entity, everything: Everything) -> bool:
    groups = targets(balancer.body.get("security_groups"), everything, "aws_security_group")
    rules = [part for group in groups for part in _ingress(group, everything)]
    return bool(rules) and not any(_is_anyone(rule, everything) for rule in rules)


def _ingress(group: Entity, everything: Everything) -> list[Any]:
    apart = [
        rule.body
        for rule in everything.of(RULE, "aws_security_group_rule")
        if rule.body.get("type", "ingress") == "ingress"
        and group in targets(rule.body.get("security_group_id"), everything, group.kind)
    ]
    return [*apart, *blocks(group.body.get("ingress"))]


def _is_anyone(rule: Any, everything: Everything) -> bool:
    if any(listed(rule.get(key)) for key in LISTS):
        return True
    return any(is_wide(network) for network in admitted_networks(rule, everything))


def _listeners_ask(balancer: Entity, everything: Everything) -> bool:
    listeners = [
        one
        for one in everything.of(*LISTENERS)
        if balancer in targets(one.body.get("load_balancer_arn"), everything, balancer.kind)
    ]
    rules = [
        rule
        for rule in everything.of("aws_lb_listener_rule", "aws_alb_listener_rule")
        for one in targets(rule.body.get("listener_arn"), everything, *LISTENERS)
        if one in listeners
    ]
    return not any(_forwards(one.body.get("default_action")) for one in listeners) and all(
        _asks(rule, everything) for rule in rules if _forwards(rule.body.get("action"))
    )


def _forwards(actions: Any) -> bool:
    return any(action.get("type") == "forward" for action in blocks(actions))


def _asks(rule: Entity, everything: Everything) -> bool:
    return any(
        all(
            # A load balancer reads both as wildcards.
            not WILDCARDS & set(str(value)) and not is_open(value, rule, everything)
            for value in listed(header.get("values"))
        )
        for condition in blocks(rule.body.get("condition"))
        for header in blocks(condition.get("http_header"))
        if listed(header.get("values"))
    )
