"""EKP_EDGE_1: what AWS WAF keeps for CloudFront is made in us-east-1.

AWS knows the scope CLOUDFRONT in that region alone. A plan passes in any other, its apply fails.
"""

from policies.checks import Entity, Everything, Verdict, stack_check
from policies.references import planned, targets

HOME_REGION = "us-east-1"
SCOPED = (
    "aws_wafv2_web_acl",
    "aws_wafv2_rule_group",
    "aws_wafv2_ip_set",
    "aws_wafv2_regex_pattern_set",
    "aws_wafv2_api_key",
)
LOGGED = "aws_wafv2_web_acl_logging_configuration"


@stack_check(
    "EKP_EDGE_1",
    "Ensure what AWS WAF keeps for CloudFront is made in us-east-1",
    *SCOPED,
    LOGGED,
)
def cloudfront_web_acl_is_in_us_east_1(one: Entity, everything: Everything) -> Verdict:
    """Judge what has scope CLOUDFRONT, and the log of such a web ACL; a provider says where."""
    if not _for_cloudfront(one, everything):
        return None
    # From version 6 of the provider a resource may name a region of its own.
    if region := one.body.get("region"):
        return bool(region == HOME_REGION)
    verdicts = {_is_home(provider, one) for provider in _providers(one, everything)}
    # A plan with several providers does not say which; a module gets its own from its caller.
    return verdicts.pop() if len(verdicts) == 1 else None


def _for_cloudfront(one: Entity, everything: Everything) -> bool:
    if one.kind != LOGGED:
        return one.body.get("scope") == "CLOUDFRONT"
    logged = one.body.get("resource_arn")
    return ":global/webacl/" in str(logged) or any(
        acl.body.get("scope") == "CLOUDFRONT"
        for acl in targets(logged, everything, "aws_wafv2_web_acl")
    )


def _providers(one: Entity, everything: Everything) -> list[Entity]:
    """Return the provider that makes a resource; of a plan all, for it does not say which."""
    every = everything.of("provider.aws")
    if planned(one):
        return every
    alias = str(one.body.get("provider", "")).strip("${}").partition(".")[2]
    return [provider for provider in every if provider.name == alias]


def _is_home(provider: Entity, made: Entity) -> Verdict:
    region = str(provider.body.get("region") or "")
    # A plan leaves out what a variable says.
    if region.startswith(("var.", "local.", "data.", "module.")) or (planned(made) and not region):
        return None
    return region == HOME_REGION
