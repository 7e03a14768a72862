"""A web ACL with the kinds of rules that both scopes use, in Terraform's JSON."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rules:
    """What the test changes between two applies."""

    one_more: bool = False


def _visible(name: str) -> dict[str, Any]:
    return {
        "cloudwatch_metrics_enabled": True,
        "metric_name": name,
        "sampled_requests_enabled": True,
    }


def _rule(name: str, priority: int, statement: dict[str, Any], **actions: Any) -> dict[str, Any]:
    return {
        "name": name,
        "priority": priority,
        "statement": statement,
        "visibility_config": _visible(name),
        **actions,
    }


def _path(prefix: str) -> dict[str, Any]:
    return {
        "byte_match_statement": {
            "search_string": prefix,
            "positional_constraint": "STARTS_WITH",
            "field_to_match": {"uri_path": {}},
            "text_transformation": [
                {"priority": 0, "type": "URL_DECODE"},
                {"priority": 1, "type": "LOWERCASE"},
            ],
        }
    }


def _managed(name: str, **more: Any) -> dict[str, Any]:
    return {"managed_rule_group_statement": {"vendor_name": "AWS", "name": name, **more}}


def rules(name: str, wanted: Rules, forwarded: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Give the rules; a rate rule by forwarded address when a header is named."""
    key = {"aggregate_key_type": "FORWARDED_IP", "forwarded_ip_config": forwarded}
    rate = {"limit": 1000, **(key if forwarded else {"aggregate_key_type": "IP"})}
    addresses = {"ip_set_reference_statement": {"arn": f"${{aws_wafv2_ip_set.{name}-allowed.arn}}"}}
    own = {"block": {"custom_response": {"response_code": 429}}}
    return [
        _rule(
            "blocked-countries",
            0,
            {"geo_match_statement": {"country_codes": ["KP"]}},
            action={"block": {}},
        ),
        _rule(
            "admin-from-inside",
            1,
            {
                "and_statement": {
                    "statement": [
                        {"or_statement": {"statement": [_path("/admin"), _path("/internal")]}},
                        {"not_statement": {"statement": addresses}},
                    ]
                }
            },
            action={"block": {}},
        ),
        _rule(
            "common",
            2,
            _managed(
                "AWSManagedRulesCommonRuleSet",
                rule_action_override=[
                    {"name": "SizeRestrictions_BODY", "action_to_use": {"count": {}}},
                    {"name": "GenericRFI_BODY", "action_to_use": {"allow": {}}},
                ],
                scope_down_statement={"not_statement": {"statement": _path("/healthz")}},
            ),
            override_action={"none": {}},
        ),
        _rule(
            "bots",
            3,
            _managed(
                "AWSManagedRulesBotControlRuleSet",
                managed_rule_group_configs=[
                    {"aws_managed_rules_bot_control_rule_set": {"inspection_level": "COMMON"}}
                ],
            ),
            override_action={"count": {}},
        ),
        _rule("rate", 4, {"rate_based_statement": rate}, action=own),
        _rule(
            "login-rate",
            5,
            {
                "rate_based_statement": {
                    **rate,
                    "limit": 100,
                    "evaluation_window_sec": 60,
                    "scope_down_statement": _path("/login"),
                }
            },
            action={"block": {}},
        ),
        *(
            [_rule("sql", 6, _managed("AWSManagedRulesSQLiRuleSet"), override_action={"none": {}})]
            if wanted.one_more
            else []
        ),
    ]


def web_acl(
    name: str, wanted: Rules, *, scope: str = "CLOUDFRONT", header: str | None = None
) -> dict[str, Any]:
    """Give a web ACL with its IP set and its logs."""
    forwarded = {"header_name": header, "fallback_behavior": "NO_MATCH"} if header else None
    redacted = [{"single_header": {"name": item}} for item in ("authorization", "cookie")]
    return {
        "aws_wafv2_ip_set": {
            f"{name}-allowed": {
                "name": f"{name}-allowed",
                "scope": scope,
                "ip_address_version": "IPV4",
                "addresses": ["198.51.100.0/24"] + (["203.0.113.7/32"] if wanted.one_more else []),
            }
        },
        "aws_wafv2_web_acl": {
            name: {
                "name": name,
                "description": "the rules of this layer",
                "scope": scope,
                "default_action": {"allow": {}},
                "custom_response_body": [
                    {"key": "slow", "content": "slow down", "content_type": "TEXT_PLAIN"}
                ],
                "rule": rules(name, wanted, forwarded),
                "visibility_config": _visible(name),
            }
        },
        "aws_cloudwatch_log_group": {
            f"{name}-waf": {"name": f"aws-waf-logs-{name}", "retention_in_days": 30}
        },
        "aws_wafv2_web_acl_logging_configuration": {
            name: {
                "resource_arn": f"${{aws_wafv2_web_acl.{name}.arn}}",
                "log_destination_configs": [f"${{aws_cloudwatch_log_group.{name}-waf.arn}}"],
                "redacted_fields": redacted,
                "logging_filter": {
                    "default_behavior": "DROP",
                    "filter": [
                        {
                            "behavior": "KEEP",
                            "requirement": "MEETS_ANY",
                            "condition": [
                                {"action_condition": {"action": item}}
                                for item in ("BLOCK", "COUNT")
                            ],
                        }
                    ],
                },
            }
        },
    }
