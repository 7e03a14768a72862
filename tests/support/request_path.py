"""Follows a request through synthesized JSON, hop by hop, and names the hop that is missing.

It looks only at what the stacks emit: no settings, no constructs. A value that Terraform computes
is followed by the address inside its expression.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from modules.core.hosts import covers

from .synth import Synth


class MissingHopError(AssertionError):
    """A request would end here."""


@dataclass
class Path:
    """What a request meets, in order, and the target groups it may end at by region."""

    hops: list[str] = field(default_factory=list)
    target_groups: dict[str, str] = field(default_factory=dict)


def follow(stacks: Mapping[str, Synth], environment: str, host: str) -> Path:
    """Follow a host of an environment from its alias record to each region's target group.

    Raises:
        MissingHopError: with the name of the hop that is missing.
    """
    path = Path()
    edge = stacks[f"{environment}-edge"]
    distribution = _distribution(edge, host, path)
    origin = _origin(edge, distribution, path)
    regions = {
        stack_id.removeprefix(f"{environment}-").removesuffix("-ingress"): plan
        for stack_id, plan in stacks.items()
        if stack_id.startswith(f"{environment}-") and stack_id.endswith("-ingress")
    }
    for region, plan in regions.items():
        path.target_groups[region] = _region(plan, region, origin, host, path)
    return path


def _distribution(edge: Synth, host: str, path: Path) -> Mapping[str, Any]:
    records = edge.all("aws_route53_record").values()
    for kind in ("A", "AAAA"):
        found = [r for r in records if r["type"] == kind and covers(r["name"], host)]
        _need(found, f"{kind} alias record for {host}")
        alias = _at(edge, found[0]["alias"]["name"], "aws_cloudfront_distribution")
        _need(alias, f"distribution behind the {kind} record of {host}")
    path.hops.append(f"records {found[0]['name']}")
    distribution: Mapping[str, Any] = alias or {}
    _need([a for a in distribution["aliases"] if covers(a, host)], f"alias for {host}")
    acl = _at(edge, distribution["web_acl_id"], "aws_wafv2_web_acl")
    _need(acl and acl["scope"] == "CLOUDFRONT", "web ACL of the distribution")
    certificate = distribution["viewer_certificate"]["acm_certificate_arn"]
    _certificate(edge, certificate, host, "certificate of the distribution")
    path.hops += ["web ACL CLOUDFRONT", "distribution"]
    return distribution


def _origin(edge: Synth, distribution: Mapping[str, Any], path: Path) -> str:
    target = distribution["default_cache_behavior"]["target_origin_id"]
    (origin,) = [o for o in distribution["origin"] if o["origin_id"] == target]
    sent = [h["value"] for h in origin.get("custom_header", [])]
    _need(sent, "secret header of the origin")
    variable = sent[0].removeprefix("${var.").removesuffix("}")
    declared = edge.json.get("variable", {}).get(variable)
    _need(declared and declared["sensitive"], f"sensitive variable {variable}")
    path.hops.append(f"origin {origin['domain_name']}")
    return str(origin["domain_name"])


def _region(plan: Synth, region: str, origin: str, host: str, path: Path) -> str:
    record = _leaf(plan, region, origin)
    alb = _at(plan, record["alias"]["name"], "aws_lb")
    _need(alb, f"load balancer behind the record of {origin} in {region}")
    address = _address(record["alias"]["name"])
    acls = [
        _at(plan, a["web_acl_arn"], "aws_wafv2_web_acl")
        for a in plan.all("aws_wafv2_web_acl_association").values()
        if _address(a["resource_arn"]) == address
    ]
    _need(acls and acls[0] and acls[0]["scope"] == "REGIONAL", f"web ACL in {region}")
    listeners = {
        _listener_address(plan, name): listener
        for name, listener in plan.all("aws_lb_listener").items()
        if _address(listener["load_balancer_arn"]) == address and listener["port"] == 443
    }
    _need(listeners, f"listener on 443 in {region}")
    ((listener_address, listener),) = listeners.items()
    _certificate(plan, listener["certificate_arn"], host, f"certificate in {region}")
    rules = sorted(
        (
            r
            for r in plan.all("aws_lb_listener_rule").values()
            if _address(r["listener_arn"]) == listener_address and _takes(r, host)
        ),
        key=lambda rule: rule["priority"],
    )
    _need(rules, f"listener rule for {host} in {region}")
    (action,) = rules[0]["action"]
    group = _at(plan, action["target_group_arn"], "aws_lb_target_group")
    _need(group, f"target group of {host} in {region}")
    path.hops += [f"record {region}", f"load balancer {region}", f"target group {region}"]
    return str((group or {})["name"])


def _leaf(plan: Synth, region: str, name: str) -> Mapping[str, Any]:
    """Return the record that names the load balancer, through the branches of a tree."""
    found = [r for r in plan.all("aws_route53_record").values() if r["name"] == name]
    _need(found, f"record of {name} in {region}")
    record = found[0]
    check = _at(plan, record.get("health_check_id", ""), "aws_route53_health_check")
    _need(check, f"health check of {name} in {region}")
    alarm = _at(plan, (check or {})["cloudwatch_alarm_name"], "aws_cloudwatch_metric_alarm")
    _need(alarm, f"alarm behind the health check of {name} in {region}")
    target = str(record["alias"]["name"])
    return record if target.startswith("${") else _leaf(plan, region, target)


def _takes(rule: Mapping[str, Any], host: str) -> bool:
    wanted = [v for c in rule["condition"] for v in c.get("host_header", {}).get("values", [])]
    proofs = [c["http_header"] for c in rule["condition"] if "http_header" in c]
    return any(covers(value, host) for value in wanted) and bool(proofs)


def _certificate(plan: Synth, expression: str, host: str, what: str) -> None:
    issued = _at(plan, expression, "aws_acm_certificate_validation")
    _need(issued, f"{what}, issued")
    found = _at(plan, (issued or {})["certificate_arn"], "aws_acm_certificate")
    _need(found, what)
    names = [(found or {})["domain_name"], *(found or {})["subject_alternative_names"]]
    _need([name for name in names if covers(name, host)], f"{what} for {host}")


def _listener_address(plan: Synth, path: str) -> str:
    return plan.address("aws_lb_listener", path)


def _at(plan: Synth, expression: str, kind: str) -> Mapping[str, Any] | None:
    """Return the resource that an expression names, when it is of a kind."""
    address = _address(expression)
    return plan.resources().get(address) if address.startswith(f"{kind}.") else None


def _address(expression: str) -> str:
    found = re.fullmatch(r"\$\{([^.}]+\.[^.}]+)\.[^}]+\}", expression)
    return found[1] if found else ""


def _need(found: object, hop: str) -> None:
    if not found:
        raise MissingHopError(f"there is no {hop}")
