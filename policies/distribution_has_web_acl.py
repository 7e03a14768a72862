"""EKP_EDGE_2: each distribution that serves has a web ACL made for CloudFront."""

import re

from policies.checks import Entity, Everything, Verdict, stack_check
from policies.references import targets

# What WAF Classic calls a web ACL is a bare id; this platform has none.
GLOBAL_ARN = re.compile(r"arn:[\w-]+:wafv2:us-east-1:\d{12}:global/webacl/.+")
ELSEWHERE = re.compile(r"\b(?:data|module|var|aws_wafv2_web_acl)\.")


@stack_check(
    "EKP_EDGE_2",
    "Ensure an enabled distribution has a web ACL of scope CLOUDFRONT",
    "aws_cloudfront_distribution",
)
def distribution_has_web_acl(distribution: Entity, everything: Everything) -> Verdict:
    """Judge the web ACL that a distribution names.

    One of another state is believed until a plan shows its ARN.
    """
    if distribution.body.get("enabled") in (False, "false"):
        return None
    named = str(distribution.body.get("web_acl_id") or "")
    found = targets(named, everything, "aws_wafv2_web_acl", "data.aws_wafv2_web_acl")
    if found:
        return all(acl.body.get("scope") == "CLOUDFRONT" for acl in found)
    return bool(GLOBAL_ARN.fullmatch(named) or ELSEWHERE.search(named))
