"""A group of one rule that blocks whoever does not come through our own distribution."""

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.wafv2_rule_group import (
    Wafv2RuleGroup,
    Wafv2RuleGroupRule,
    Wafv2RuleGroupRuleAction,
    Wafv2RuleGroupRuleActionBlock,
    Wafv2RuleGroupRuleVisibilityConfig,
    Wafv2RuleGroupVisibilityConfig,
)
from constructs import Construct

from ..core.context import Context
from ..core.waf_rules import ORIGIN_CAPACITY, unproven

RULE = "origin-header"


class OriginProof(Construct):
    """Looks for the secret before any other rule believes what a request says of its caller.

    It is a group of its own because Terraform hides all rules beside a sensitive value: a change
    of the web ACL's other rules stays readable.
    """

    arn: str

    def __init__(self, scope: Construct, id_: str, *, ctx: Context, secrets: Sequence[str]) -> None:
        super().__init__(scope, id_)
        name = ctx.name("waf", RULE)
        self.arn = Wafv2RuleGroup(
            self,
            "Resource",
            name=name,
            scope="REGIONAL",
            capacity=ORIGIN_CAPACITY,
            rule=[
                Wafv2RuleGroupRule(
                    name=RULE,
                    priority=0,
                    action=Wafv2RuleGroupRuleAction(block=Wafv2RuleGroupRuleActionBlock()),
                    statement=unproven(secrets).block({}),
                    visibility_config=Wafv2RuleGroupRuleVisibilityConfig(
                        cloudwatch_metrics_enabled=True,
                        metric_name=RULE,
                        # A sample would show the secret.
                        sampled_requests_enabled=False,
                    ),
                )
            ],
            visibility_config=Wafv2RuleGroupVisibilityConfig(
                cloudwatch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
            ),
            tags={"Name": name},
        ).arn
