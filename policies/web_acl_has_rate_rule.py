"""EKP_WAF_2: no client may ask for as much as it likes.

One rule stops whoever asks too much, and counts by an address that the client cannot choose.
"""

from typing import Any

from policies.checks import Entity, Everything, listed, stack_check
from policies.links import blocks
from policies.web_acls import Block, Rule, asks_for_header, rules

# A client that asks for more than this in a second is none; a limit above it protects nothing.
MOST_PER_SECOND = 1000
# Source: AWS WAF developer guide, "Rate-based rule high-level settings".
DEFAULT_WINDOW_SECONDS = 300
FORGED = ("x-forwarded-for", "forwarded", "x-real-ip")
"""Headers that clients send: AWS WAF reads the first address in them."""


@stack_check(
    "EKP_WAF_2",
    "Ensure a web ACL has a rate-based rule that stops a client's flood",
    "aws_wafv2_web_acl",
)
def web_acl_has_rate_rule(acl: Entity, everything: Everything) -> bool:
    """Fail where no rate-based rule stops, sees every request and knows who sent it."""
    behind_cloudfront = asks_for_header(acl, everything)
    return any(
        _protects(rule, behind_cloudfront=behind_cloudfront) for rule in rules(acl, everything)
    )


def _protects(rule: Rule, *, behind_cloudfront: bool) -> bool:
    rate = rule.statement("rate_based_statement")
    if rate is None or not rule.stops or listed(rate.get("scope_down_statement")):
        return False
    window = _number(rate.get("evaluation_window_sec")) or DEFAULT_WINDOW_SECONDS
    limit = _number(rate.get("limit"))
    if limit is None or limit > MOST_PER_SECOND * window:
        return False
    if behind_cloudfront:
        return rate.get("aggregate_key_type") == "FORWARDED_IP" and _by_our_header(rate)
    return bool(rate.get("aggregate_key_type", "IP") == "IP")


def _by_our_header(rate: Block) -> bool:
    return any(
        str(address.get("header_name")).lower() not in FORGED
        # Otherwise whoever sends no address is not counted.
        and address.get("fallback_behavior") == "MATCH"
        for address in blocks(rate.get("forwarded_ip_config"))
    )


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
