"""EKP_DNS_1: a record among others that share a name goes when what it leads to is ill.

A health check says so, or the alias looks at its target. Prefer the health check for a load
balancer of several target groups: one empty group would take all of it out.
"""

from policies.checks import Entity, Everything, Verdict, is_true, listed, stack_check
from policies.links import blocks
from policies.references import planned, targets

ADDRESSES = ("A", "AAAA", "CNAME", "HTTPS", "SVCB")
POLICIES = ("latency", "weighted", "geolocation", "geoproximity", "cidr", "failover")
# Source: AWS general reference, "Amazon CloudFront endpoints and quotas".
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"


@stack_check(
    "EKP_DNS_1",
    "Ensure a record that shares its name with others follows its target's health",
    "aws_route53_record",
)
def origin_record_has_health_check(record: Entity, everything: Everything) -> Verdict:
    """Judge records of addresses with a routing policy; the last of a failover needs no check."""
    if record.body.get("type") not in ADDRESSES or not _is_one_of_several(record):
        return None
    failover = blocks(record.body.get("failover_routing_policy"))
    # Route53 answers with it when the other is ill, there is nothing else to answer with.
    if any(role.get("type") == "SECONDARY" for role in failover):
        return True
    return _has_check(record, everything) or _looks_at_target(record, everything)


def _is_one_of_several(record: Entity) -> bool:
    return is_true(record.body.get("multivalue_answer_routing_policy")) or any(
        listed(record.body.get(f"{policy}_routing_policy")) for policy in POLICIES
    )


def _has_check(record: Entity, everything: Everything) -> bool:
    later = planned(record) and "health_check_id" not in record.body
    check = record.body.get("health_check_id")
    found = targets(check, everything, "aws_route53_health_check")
    # Route53 takes a disabled check for a healthy one.
    return (later or bool(check)) and not any(is_true(one.body.get("disabled")) for one in found)


def _looks_at_target(record: Entity, everything: Everything) -> bool:
    return any(
        is_true(alias.get("evaluate_target_health"))
        # Route53 cannot judge a distribution.
        and alias.get("zone_id") != CLOUDFRONT_ZONE
        and not targets(alias.get("name"), everything, "aws_cloudfront_distribution")
        for alias in blocks(record.body.get("alias"))
    )
