"""What a region's load balancer does with a request: its listener's rules, in their order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ekp.configured.reading import Resource, own, resources
from ekp.evaluate.blocks import block, blocks
from ekp.runner.stacks import Stack


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; the first that matches counts."""

    priority: int | None
    """None: the listener's own answer, after every rule."""
    hosts: Sequence[str]
    """None given: any host."""
    headers: Sequence[str]
    """Names of headers that must hold one of certain values, which are secrets."""
    to: str
    """A target group with its port, or the fixed answer."""
    construct: str


@dataclass(frozen=True, slots=True)
class Balancer:
    """A load balancer with the rules of its HTTPS listener."""

    region: str
    name: str
    internal: bool
    web_acl: str | None
    open_to: Sequence[str]
    """Who may call at all: networks, or lists of them that AWS keeps (``pl-...``)."""
    rules: Sequence[Rule]


def balancers(stack: Stack) -> Sequence[Balancer]:
    """Return the load balancers of a stack."""
    return [
        Balancer(
            region=stack.region,
            name=found.label,
            internal=bool(found.body.get("internal")),
            web_acl=_web_acl(found),
            open_to=sorted({_source(rule.body) for rule in entrances(found)}),
            rules=[rule for listener in listeners(found) for rule in _rules(listener)],
        )
        for found in resources(stack, "aws_lb")
    ]


def entrances(balancer: Resource) -> Sequence[Resource]:
    """Return the rules of its security groups that let callers in."""
    groups = set(balancer.body.get("security_groups") or ())
    return [
        found
        for found in resources(balancer.stack, "aws_vpc_security_group_ingress_rule")
        if found.body.get("security_group_id") in groups
    ]


def listeners(balancer: Resource) -> Sequence[Resource]:
    """Return the listeners of a load balancer."""
    return _about(balancer, "aws_lb_listener", "load_balancer_arn")


def listener_rules(listener: Resource) -> Sequence[Resource]:
    """Return the rules of a listener in their order; the first that matches counts."""
    found = _about(listener, "aws_lb_listener_rule", "listener_arn")
    return sorted(found, key=lambda rule: int(rule.body["priority"]))


def association(balancer: Resource) -> Resource | None:
    """Return what puts a web ACL before a load balancer."""
    found = _about(balancer, "aws_wafv2_web_acl_association", "resource_arn")
    return found[0] if found else None


def _about(owner: Resource, kind: str, argument: str) -> list[Resource]:
    """Return the resources of a type whose argument names another resource of their stack."""
    return [
        found
        for found in resources(owner.stack, kind)
        if f"{owner.address}." in str(found.body.get(argument))
    ]


def _source(rule: Mapping[str, Any]) -> str:
    source = rule.get("cidr_ipv4") or rule.get("cidr_ipv6") or rule.get("prefix_list_id")
    return f"{source} ({rule['description']})" if rule.get("description") else str(source)


def _rules(listener: Resource) -> Iterator[Rule]:
    for rule in listener_rules(listener):
        conditions = blocks(rule.body, "condition")
        yield Rule(
            priority=int(rule.body["priority"]),
            hosts=_values(conditions, "host_header"),
            headers=[
                str(header["http_header_name"])
                for one in conditions
                if (header := block(one, "http_header"))
            ],
            to=_action(rule, "action"),
            construct=rule.path,
        )
    yield Rule(None, (), (), _action(listener, "default_action"), listener.path)


def _values(conditions: Sequence[Mapping[str, Any]], kind: str) -> Sequence[str]:
    return [
        str(value)
        for one in conditions
        if (found := block(one, kind))
        for value in found.get("values", ())
    ]


def _action(rule: Resource, name: str) -> str:
    action = (blocks(rule.body, name) or [{}])[-1]
    if answer := block(action, "fixed_response"):
        return f"{answer.get('status_code')} {answer.get('message_body', '')}".strip()
    group = own(rule.stack, action.get("target_group_arn"))
    if group is None:
        return str(action.get("type", "nothing"))
    return f"{group.label}, {group.body.get('protocol')} port {group.body.get('port')}"


def _web_acl(balancer: Resource) -> str | None:
    found = association(balancer)
    if found is None:
        return None
    acl = own(found.stack, found.body.get("web_acl_arn"))
    return acl.label if acl else str(found.body.get("web_acl_arn"))
