"""Web ACLs as plain dicts, and requests to them."""

from collections.abc import Callable, Mapping
from typing import Any

from modules.core.rates import Rate
from modules.core.waf_rules import (
    ORIGIN_PROOF,
    Rule,
    WebAclConfig,
    rules,
    unproven,
)
from modules.core.waf_statements import Managed, OwnGroup

from ekp.evaluate.waf.acl import Effect, Inspected, Judgement, judge

HEADER = "true-client-ip"
SECRET = "${var.origin_header_current}"
NEXT = "${var.origin_header_next}"
CLIENT = "198.51.100.7"
PROVEN = {"x-origin-verify": SECRET, HEADER: CLIENT}
NONE = [{"priority": 0, "type": "NONE"}]


def request(**given: Any) -> Inspected:
    usual: dict[str, Any] = {
        "method": "GET",
        "host": "shop.example",
        "path": "/",
        "headers": {},
        "address": CLIENT,
        "country": "IE",
        "rate": None,
    }
    return Inspected(**{**usual, **given})


def rule(
    statement: Mapping[str, Any], *, name: str = "it", priority: int = 1, action: str = "block"
) -> dict[str, Any]:
    return {
        "name": name,
        "priority": priority,
        "statement": statement,
        "action": {action: {}},
    }


def acl(*found: Mapping[str, Any], default: str = "allow") -> dict[str, Any]:
    return {"name": "acl", "default_action": {default: {}}, "rule": list(found)}


def judged(
    statement: Mapping[str, Any],
    lookup: Callable[[str], Mapping[str, Any] | None] = lambda _: None,
    **given: Any,
) -> Judgement:
    """Judge a request by one rule that blocks."""
    return judge(acl(rule(statement)), lookup, request(**given))


def matches(statement: Mapping[str, Any], **given: Any) -> bool:
    """Return whether a statement matches a request for sure."""
    (result, *_) = judged(statement, **given).results
    assert result.effect in (Effect.BLOCKS, Effect.NO_MATCH)
    return result.effect is Effect.BLOCKS


def path_match(prefix: str, *kinds: str, position: str = "STARTS_WITH") -> dict[str, Any]:
    return {
        "byte_match_statement": {
            "field_to_match": {"uri_path": {}},
            "positional_constraint": position,
            "search_string": prefix,
            "text_transformation": [
                {"priority": number, "type": kind} for number, kind in enumerate(kinds or ["NONE"])
            ],
        }
    }


def made(
    rate: Rate, config: WebAclConfig, *, behind: bool
) -> tuple[dict[str, Any], Mapping[str, Mapping[str, Any]]]:
    """Return the web ACL that settings make, with what its ARNs name."""
    named: dict[str, Mapping[str, Any]] = {
        name: {"name": name, "addresses": [str(network) for network in one.networks]}
        for name, one in config.network_rules.items()
    }
    named[ORIGIN_PROOF] = {
        "name": "proof",
        "rule": [rule(unproven([SECRET, NEXT]).block({}), name="origin-header", priority=0)],
    }
    found = rules(config, rate, address_header=HEADER if behind else None)
    return acl(*(_body(each, {name: name for name in named}) for each in found)), named


def _body(found: Rule, arns: Mapping[str, str]) -> dict[str, Any]:
    body = {
        "name": found.name,
        "priority": found.priority,
        "statement": dict(found.statement.block(arns)),
    }
    if isinstance(found.statement, Managed | OwnGroup):
        return {**body, "override_action": {"count" if found.counts else "none": {}}}
    return {**body, "action": {"block": {"custom_response": {"response_code": found.status}}}}
