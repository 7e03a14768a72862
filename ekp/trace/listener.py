"""What a load balancer's listener does with a request: its rules in their order, then its own.

Sources: Elastic Load Balancing user guide for Application Load Balancers, "Listener rules" and
"Condition types for listener rules" (hosts and header values do not hang on case, paths do; ``*``
and ``?`` are wildcards in all three; a condition holds when one of its values does, a rule when all
of its conditions do).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from ekp.configured.reading import Resource
from ekp.evaluate.blocks import block, blocks
from ekp.evaluate.request import Request, Unsupported
from ekp.traffic.balancers import listener_rules

from .call import Call
from .patterns import matches


@dataclass(frozen=True, slots=True)
class Matched:
    """The action that a listener takes, and what decided."""

    action: Mapping[str, Any]
    by: str
    why: str
    rule: bool
    """False: no rule matched, so the listener's own action counts."""


def action(listener: Resource, call: Call) -> Matched:
    """Return what a listener does with a call.

    Raises:
        Unsupported: a condition or an action is not evaluated.
    """
    rules = listener_rules(listener)
    almost = ""
    for rule in rules:
        failed = [
            _named(one)
            for one in blocks(rule.body, "condition")
            if not _holds(rule, one, call.request, call.address)
        ]
        if not failed:
            held = ", ".join(_named(one) for one in blocks(rule.body, "condition"))
            return Matched(
                _one(blocks(rule.body, "action"), rule),
                rule.path,
                f"the rule of priority {rule.body['priority']} matches by {held}",
                rule=True,
            )
        if not almost and not any(one.startswith("host") for one in failed):
            almost = f"; that of priority {rule.body['priority']} is for the host, not without "
            almost += ", ".join(failed)
    default = _one(blocks(listener.body, "default_action"), listener)
    why = f"none of {len(rules)} rules matches {call.request.host}{almost}"
    return Matched(default, f"{listener.path} default_action", why, rule=False)


def _one(actions: Any, source: Resource) -> Mapping[str, Any]:
    if len(actions) != 1 or str(actions[0].get("type", "")).startswith("authenticate"):
        raise Unsupported(source.path, "action", "only a single, last action is evaluated")
    found: Mapping[str, Any] = actions[0]
    return found


def target_group(found: Mapping[str, Any], by: str) -> object:
    """Return the expression of the target group that an action forwards to.

    Raises:
        Unsupported: it shares requests out to several.
    """
    if group := found.get("target_group_arn"):
        return group
    groups = blocks(block(found, "forward") or {}, "target_group")
    if len(groups) != 1:
        raise Unsupported(by, "action.forward", f"{len(groups)} target groups are not evaluated")
    return groups[0].get("arn")


def _named(condition: Mapping[str, Any]) -> str:
    if header := block(condition, "http_header"):
        return f"header {header['http_header_name']}"
    return {"host_header": "host", "path_pattern": "path"}.get(
        found := next(iter(condition), "nothing"), found
    )


def _holds(rule: Resource, condition: Mapping[str, Any], request: Request, address: str) -> bool:
    kinds = [name for name, value in condition.items() if value]
    kind = kinds[0] if len(kinds) == 1 else ", ".join(kinds)
    values = [str(one) for one in (block(condition, kind) or {}).get("values", ())]
    match kind:
        case "host_header":
            host = request.host.lower()
            return any(matches(one.lower(), host) for one in values)
        case "path_pattern":
            return any(matches(one, request.path.partition("?")[0]) for one in values)
        case "http_request_method":
            return request.method in values
        case "source_ip":
            return any(_within(address, one) for one in values)
        case "http_header":
            name = str((block(condition, kind) or {})["http_header_name"])
            return _has(request.header(name), values)
        case _:
            raise Unsupported(rule.path, f"condition.{kind}", "it is not evaluated")


def _has(sent: str | None, values: list[str]) -> bool:
    """Tell whether a header has a value; an expression of Terraform's is like itself alone."""
    if sent is None:
        return False
    plain = [one for one in values if "${" not in one]
    return sent in values or (
        "${" not in sent and any(matches(one.lower(), sent.lower()) for one in plain)
    )


def _within(address: str, network: str) -> bool:
    found, around = ip_address(address), ip_network(network)
    return found.version == around.version and found in around
