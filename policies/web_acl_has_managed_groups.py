"""EKP_WAF_1: AWS's managed rule groups that this platform stands on are in force.

Those that judge what is sent belong into every web ACL. The reputation list judges the address of
whoever opened the connection, so it belongs where callers arrive: not behind CloudFront.
"""

from collections.abc import Mapping

from policies.checks import Entity, Everything, listed, stack_check
from policies.web_acls import Rule, asks_for_header, quietened, rules

# How many rules of each may let through what they match: a false positive is a rule, not a group.
# Source: AWS WAF developer guide, "AWS Managed Rules rule groups list", for the rules there are.
PAYLOAD: Mapping[str, int] = {
    "AWSManagedRulesCommonRuleSet": 3,  # of 22
    "AWSManagedRulesKnownBadInputsRuleSet": 2,  # of 11
    "AWSManagedRulesSQLiRuleSet": 2,  # of 6
    "AWSManagedRulesLinuxRuleSet": 1,  # of 3
}
CALLERS: Mapping[str, int] = {
    "AWSManagedRulesAmazonIpReputationList": 1,  # of 3
}


@stack_check(
    "EKP_WAF_1",
    "Ensure a web ACL has the required managed rule groups in force",
    "aws_wafv2_web_acl",
)
def web_acl_has_managed_groups(acl: Entity, everything: Everything) -> bool:
    """Fail where a required group is missing, counts, or sees a part of the requests only."""
    found = rules(acl, everything)
    needed = PAYLOAD if asks_for_header(acl, everything) else {**PAYLOAD, **CALLERS}
    return all(any(_acts(rule, name, quiet) for rule in found) for name, quiet in needed.items())


def _acts(rule: Rule, name: str, quiet: int) -> bool:
    group = rule.statement("managed_rule_group_statement")
    return (
        group is not None
        and (group.get("vendor_name"), group.get("name")) == ("AWS", name)
        and rule.in_force
        and not listed(group.get("scope_down_statement"))
        and len(quietened(group)) <= quiet
    )
