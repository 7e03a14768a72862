"""A web ACL, for a distribution or for a load balancer, from typed rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.wafv2_ip_set import Wafv2IpSet
from cdktf_cdktf_provider_aws.wafv2_web_acl import (
    Wafv2WebAcl,
    Wafv2WebAclDefaultAction,
    Wafv2WebAclDefaultActionAllow,
    Wafv2WebAclRule,
    Wafv2WebAclRuleAction,
    Wafv2WebAclRuleActionBlock,
    Wafv2WebAclRuleActionBlockCustomResponse,
    Wafv2WebAclRuleOverrideAction,
    Wafv2WebAclRuleOverrideActionCount,
    Wafv2WebAclRuleOverrideActionNone,
    Wafv2WebAclRuleVisibilityConfig,
    Wafv2WebAclVisibilityConfig,
)
from constructs import Construct

from ..core.cloudfront import CLIENT_ADDRESS_HEADER, HOME_REGION
from ..core.context import Context
from ..core.rates import Rate
from ..core.waf_rules import ORIGIN_PROOF, NetworkRule, Rule, WebAclConfig, capacity, rules
from ..core.waf_statements import MAX_CAPACITY, Managed, OwnGroup
from .waf_log import WafLog
from .waf_origin import OriginProof

# They show headers whole, sessions and all, to whoever may read a web ACL; the log redacts them.
SAMPLES = False


class Scope(StrEnum):
    """What a web ACL may stand before."""

    CLOUDFRONT = "CLOUDFRONT"
    """A distribution, which takes the ACL's ARN; made in us-east-1 alone."""
    REGIONAL = "REGIONAL"
    """A load balancer, by an association."""


@dataclass(frozen=True, slots=True)
class WebAclOutputs:
    """What distributions and associations need."""

    arn: str


class WebAcl(Construct):
    """Lets through what no rule blocks, and logs every request without its secrets.

    ``secrets`` are given behind CloudFront, which sends one of them: requests without are blocked,
    and a header that CloudFront's function writes tells the address of whoever calls.
    """

    outputs: WebAclOutputs

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: WebAclConfig,
        stands_before: Scope,
        rate: Rate,
        secrets: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, id_)
        if stands_before is Scope.CLOUDFRONT and ctx.region != HOME_REGION:
            raise ValueError(
                f"a web ACL of scope CLOUDFRONT is made in {ctx.region}, AWS takes it in "
                f"{HOME_REGION} alone and a plan would not tell; make it in the edge layer"
            )
        address_header = CLIENT_ADDRESS_HEADER if secrets else None
        found = rules(config, rate, address_header=address_header)
        if (units := capacity(found)) > MAX_CAPACITY:
            raise ValueError(
                f"the web ACL {ctx.name('waf')} takes {units} capacity units, AWS allows "
                f"{MAX_CAPACITY}; remove groups or rules"
            )
        arns = {
            name: _ip_set(self, name, rule, ctx, stands_before)
            for name, rule in config.network_rules.items()
        }
        if secrets:
            arns[ORIGIN_PROOF] = OriginProof(self, "origin", ctx=ctx, secrets=secrets).arn
        acl = Wafv2WebAcl(
            self,
            "Resource",
            name=ctx.name("waf"),
            scope=stands_before,
            default_action=Wafv2WebAclDefaultAction(allow=Wafv2WebAclDefaultActionAllow()),
            rule=[_rule(rule, arns) for rule in found],
            visibility_config=Wafv2WebAclVisibilityConfig(
                cloudwatch_metrics_enabled=True,
                metric_name=ctx.name("waf"),
                sampled_requests_enabled=SAMPLES,
            ),
            tags={"Name": ctx.name("waf")},
        )
        WafLog(
            self,
            "log",
            ctx=ctx,
            retention_days=config.log_retention_days,
            web_acl_arn=acl.arn,
        )
        self.outputs = WebAclOutputs(arn=acl.arn)


def _ip_set(
    scope: Construct, name: str, rule: NetworkRule, ctx: Context, stands_before: Scope
) -> str:
    version = rule.networks[0].version
    # A set never changes its family, and none is deleted while a rule names it.
    full_name = ctx.name("waf", name, f"v{version}")
    return Wafv2IpSet(
        scope,
        f"ip-set-{name}",
        name=full_name,
        scope=stands_before,
        ip_address_version=f"IPV{version}",
        addresses=[str(network) for network in rule.networks],
        tags={"Name": full_name},
        lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
    ).arn


def _rule(rule: Rule, arns: Mapping[str, str]) -> Wafv2WebAclRule:
    group = isinstance(rule.statement, Managed | OwnGroup)
    return Wafv2WebAclRule(
        name=rule.name,
        priority=rule.priority,
        # A group's own rules act; the ACL may only quieten the group as a whole.
        override_action=_override(rule) if group else None,
        action=None if group else _block(rule),
        statement=rule.statement.block(arns),
        visibility_config=Wafv2WebAclRuleVisibilityConfig(
            cloudwatch_metrics_enabled=True,
            metric_name=rule.name,
            sampled_requests_enabled=SAMPLES,
        ),
    )


def _override(rule: Rule) -> Wafv2WebAclRuleOverrideAction:
    if rule.counts:
        return Wafv2WebAclRuleOverrideAction(count=Wafv2WebAclRuleOverrideActionCount())
    return Wafv2WebAclRuleOverrideAction(none=Wafv2WebAclRuleOverrideActionNone())


def _block(rule: Rule) -> Wafv2WebAclRuleAction:
    response = Wafv2WebAclRuleActionBlockCustomResponse(response_code=rule.status)
    return Wafv2WebAclRuleAction(block=Wafv2WebAclRuleActionBlock(custom_response=response))
