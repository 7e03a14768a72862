"""A web ACL blocks at the right place, logs without secrets, and never moves its rules."""

import json
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from modules.aws.waf import Scope, WebAcl
from modules.core.context import Context
from modules.core.rates import Rate
from modules.core.waf_groups import ManagedGroup
from modules.core.waf_rules import Group, Mode, NetworkRule, WebAclConfig

import pytest
from cdktf import TerraformStack

from tests.support.edge_settings import edge_context
from tests.support.synth import Synth, ref

OFFICE = NetworkRule(networks=(IPv4Network("198.51.100.0/24"),), priority=1)


def synth(
    stack: TerraformStack,
    ctx: Context,
    scope: Scope = Scope.REGIONAL,
    secrets: Sequence[str] = (),
    **changes: Any,
) -> Synth:
    WebAcl(
        stack,
        "web-acl",
        ctx=ctx,
        config=WebAclConfig(**changes),
        stands_before=scope,
        rate=Rate(requests=3000),
        secrets=secrets,
    )
    return Synth(stack)


def named(plan: Synth) -> dict[str, Any]:
    return {rule["name"]: rule for rule in plan.one("aws_wafv2_web_acl")["rule"]}


def test_the_scope_of_a_distribution_is_refused_outside_us_east_1(
    stack: TerraformStack, ctx: Context
) -> None:
    with pytest.raises(
        ValueError, match="CLOUDFRONT is made in eu-west-1, AWS takes it in us-east-1 alone"
    ):
        synth(stack, ctx, Scope.CLOUDFRONT)


def test_the_same_rules_serve_both_scopes(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    edge = synth(stack, edge_context(), Scope.CLOUDFRONT)
    region = synth(other_stack, ctx)

    assert edge.one("aws_wafv2_web_acl")["scope"] == "CLOUDFRONT"
    assert region.one("aws_wafv2_web_acl")["scope"] == "REGIONAL"
    assert named(edge) == named(region)


def test_managed_groups_are_overridden_as_a_whole_and_own_rules_act(
    stack: TerraformStack, ctx: Context
) -> None:
    counting = {
        ManagedGroup.SQLI: Group(mode=Mode.COUNT),
        ManagedGroup.KNOWN_BAD_INPUTS: Group(),
    }
    rules = named(synth(stack, ctx, groups=counting))

    assert rules["AWSManagedRulesSQLiRuleSet"]["override_action"] == {"count": {}}
    assert rules["AWSManagedRulesKnownBadInputsRuleSet"]["override_action"] == {"none": {}}
    assert "action" not in rules["AWSManagedRulesSQLiRuleSet"]
    assert rules["rate"]["action"] == {"block": {"custom_response": {"response_code": 429}}}
    assert "override_action" not in rules["rate"]


def test_networks_stand_in_ip_sets_outside_the_rules(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx, network_rules={"office": OFFICE})
    ip_set = plan.one("aws_wafv2_ip_set")

    assert ip_set["addresses"] == ["198.51.100.0/24"]
    assert ip_set["ip_address_version"] == "IPV4"
    assert named(plan)["network-office"]["statement"] == {
        "ip_set_reference_statement": {
            "arn": ref(plan.address("aws_wafv2_ip_set", "web-acl/ip-set-office"), "arn")
        }
    }


def test_an_ip_set_of_another_family_is_there_before_the_old_one_goes(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    six = OFFICE.model_copy(update={"networks": (IPv6Network("2001:db8::/32"),)})
    old = synth(stack, ctx, network_rules={"office": OFFICE}).one("aws_wafv2_ip_set")
    new = synth(other_stack, ctx, network_rules={"office": six}).one("aws_wafv2_ip_set")

    assert old["name"] != new["name"]
    assert new["lifecycle"] == {"create_before_destroy": True}


def test_behind_cloudfront_the_secret_is_asked_for_beside_the_web_acl(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx, secrets=["${var.now}", "${var.next}"])
    group = plan.one("aws_wafv2_rule_group")
    (rule,) = group["rule"]

    assert group["capacity"] == 25
    assert rule["action"] == {"block": {}}
    assert "${var.now}" in json.dumps(rule["statement"])
    first, *_ = plan.one("aws_wafv2_web_acl")["rule"]
    address = plan.address("aws_wafv2_rule_group", "web-acl/origin")
    assert first["statement"] == {"rule_group_reference_statement": {"arn": ref(address, "arn")}}
    assert first["override_action"] == {"none": {}}
    # Terraform hides whatever stands beside a sensitive value, and rules must be read in review.
    assert "var." not in json.dumps(plan.one("aws_wafv2_web_acl"))


def test_no_sample_shows_what_the_log_redacts(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx, secrets=["a", "b"])
    acl, group = plan.one("aws_wafv2_web_acl"), plan.one("aws_wafv2_rule_group")
    seen = [part["visibility_config"] for part in (acl, *acl["rule"], group, *group["rule"])]

    assert {visibility["sampled_requests_enabled"] for visibility in seen} == {False}


def test_a_rule_added_later_changes_no_other(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    before = synth(stack, ctx)
    after = synth(other_stack, ctx, network_rules={"office": OFFICE}, blocked_countries=("KP",))

    assert set(before.addresses) < set(after.addresses)
    assert named(before).items() <= named(after).items()


def test_the_log_holds_nothing_that_would_let_its_reader_in(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)
    logging = plan.one("aws_wafv2_web_acl_logging_configuration")
    group = plan.one("aws_cloudwatch_log_group")

    assert [field["single_header"]["name"] for field in logging["redacted_fields"]] == [
        *("authorization", "cookie", "x-origin-verify"),
    ]
    assert group["name"] == "aws-waf-logs-ekp-prod-euw1-waf"
    assert group["kms_key_id"]


def test_more_than_aws_allows_is_refused(stack: TerraformStack, ctx: Context) -> None:
    many = {
        f"n{i}": OFFICE.model_copy(update={"priority": i, "path": "/admin"}) for i in range(1, 130)
    }

    with pytest.raises(ValueError, match="capacity units, AWS allows 5000; remove groups or rules"):
        synth(stack, ctx, network_rules=many)
