"""What a region's load balancer does with a request: its listener's rules, in their order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ekp.runner.stacks import Stack

from .resources import block, blocks, label, of_kind, path, referred


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
            name=label(body),
            internal=bool(body.get("internal")),
            web_acl=_web_acl(stack, name),
            open_to=sorted(set(_open_to(stack, body))),
            rules=sorted(
                _rules(stack, name),
                key=lambda rule: (rule.priority is None, rule.priority or 0),
            ),
        )
        for name, body in of_kind(stack, "aws_lb")
    ]


def _open_to(stack: Stack, balancer: Mapping[str, Any]) -> Iterator[str]:
    groups = set(balancer.get("security_groups") or ())
    for _, body in of_kind(stack, "aws_vpc_security_group_ingress_rule"):
        if body.get("security_group_id") in groups:
            source = body.get("cidr_ipv4") or body.get("cidr_ipv6") or body.get("prefix_list_id")
            yield f"{source} ({body['description']})" if body.get("description") else str(source)


def _rules(stack: Stack, balancer: str) -> Iterator[Rule]:
    for name, listener in of_kind(stack, "aws_lb_listener"):
        if f"aws_lb.{balancer}." not in str(listener.get("load_balancer_arn")):
            continue
        for _, body in of_kind(stack, "aws_lb_listener_rule"):
            if f"aws_lb_listener.{name}." in str(body.get("listener_arn")):
                conditions = blocks(body, "condition")
                yield Rule(
                    priority=int(body["priority"]),
                    hosts=_values(conditions, "host_header"),
                    headers=[
                        str(header["http_header_name"])
                        for one in conditions
                        if (header := block(one, "http_header"))
                    ],
                    to=_action(stack, body, "action"),
                    construct=path(body),
                )
        yield Rule(None, (), (), _action(stack, listener, "default_action"), path(listener))


def _values(conditions: Sequence[Mapping[str, Any]], kind: str) -> Sequence[str]:
    return [
        str(value)
        for one in conditions
        if (found := block(one, kind))
        for value in found.get("values", ())
    ]


def _action(stack: Stack, body: Mapping[str, Any], name: str) -> str:
    action = (blocks(body, name) or [{}])[-1]
    if answer := block(action, "fixed_response"):
        return f"{answer.get('status_code')} {answer.get('message_body', '')}".strip()
    group = referred(stack, action.get("target_group_arn"))
    if group is None:
        return str(action.get("type", "nothing"))
    found = group[1]
    return f"{label(found)}, {found.get('protocol')} port {found.get('port')}"


def _web_acl(stack: Stack, balancer: str) -> str | None:
    for _, body in of_kind(stack, "aws_wafv2_web_acl_association"):
        if f"aws_lb.{balancer}." in str(body.get("resource_arn")):
            acl = referred(stack, body.get("web_acl_arn"))
            return label(acl[1]) if acl else str(body.get("web_acl_arn"))
    return None
