"""Faults in what the internet meets: CloudFront, AWS WAF, load balancers, DNS."""

from .seeded import Change, Fault, Seeded, cut, gone, put

EDGE = "prod-edge"
INGRESS = "prod-eu-west-1-ingress"
ACL = "aws_wafv2_web_acl"
DISTRIBUTION = "aws_cloudfront_distribution"


def _without_rule(path: str, name: str) -> Change:
    def change(seeded: Seeded) -> None:
        rules = seeded.resource(ACL, path)["rule"]
        rules.remove(next(rule for rule in rules if rule["name"] == name))

    return change


def _counts(path: str, name: str) -> Change:
    def change(seeded: Seeded) -> None:
        rules = seeded.resource(ACL, path)["rule"]
        next(rule for rule in rules if rule["name"] == name)["override_action"] = {"count": {}}

    return change


def _elsewhere(seeded: Seeded) -> None:
    seeded.configuration["provider"]["aws"][0]["region"] = "eu-west-1"


FAULTS = (
    Fault(
        "the web ACL of CloudFront is made in eu-west-1",
        EDGE,
        _elsewhere,
        "EKP_EDGE_1",
        ("web-acl/Resource", "web-acl/log/Resource"),
    ),
    Fault(
        "the distribution has no web ACL",
        EDGE,
        cut(DISTRIBUTION, "distribution/Resource", "web_acl_id"),
        "EKP_EDGE_2",
        ("distribution/Resource",),
    ),
    Fault(
        "the distribution has no web ACL, as checkov sees it",
        EDGE,
        cut(DISTRIBUTION, "distribution/Resource", "web_acl_id"),
        "CKV_AWS_68",
        ("distribution/Resource",),
    ),
    Fault(
        "the origin's header is not sent",
        EDGE,
        cut(DISTRIBUTION, "distribution/Resource", "origin", 0, "custom_header"),
        "EKP_EDGE_3",
        ("distribution/Resource",),
    ),
    Fault(
        "the origin's header is written out",
        EDGE,
        put(
            DISTRIBUTION,
            "distribution/Resource",
            *("origin", 0, "custom_header", 0, "value"),
            to="open-sesame",
        ),
        "EKP_EDGE_3",
        ("distribution/Resource",),
    ),
    Fault(
        "viewers may come without TLS",
        EDGE,
        put(
            DISTRIBUTION,
            "distribution/Resource",
            *("default_cache_behavior", "viewer_protocol_policy"),
            to="allow-all",
        ),
        "CKV_AWS_34",
        ("distribution/Resource",),
    ),
    Fault(
        "viewers may come with TLS 1.0",
        EDGE,
        put(
            DISTRIBUTION,
            "distribution/Resource",
            *("viewer_certificate", "minimum_protocol_version"),
            to="TLSv1",
        ),
        "CKV_AWS_174",
        ("distribution/Resource",),
    ),
    Fault(
        "a managed group of the edge is gone",
        EDGE,
        _without_rule("web-acl/Resource", "AWSManagedRulesSQLiRuleSet"),
        "EKP_WAF_1",
        ("web-acl/Resource",),
    ),
    Fault(
        "a managed group of the region only counts",
        INGRESS,
        _counts("web-acl/Resource", "AWSManagedRulesKnownBadInputsRuleSet"),
        "EKP_WAF_1",
        ("web-acl/Resource",),
    ),
    Fault(
        "nothing stops a flood at the edge",
        EDGE,
        _without_rule("web-acl/Resource", "rate"),
        "EKP_WAF_2",
        ("web-acl/Resource",),
    ),
    Fault(
        "requests are not logged by the web ACL",
        EDGE,
        gone("aws_wafv2_web_acl_logging_configuration", "web-acl/log/Resource"),
        "CKV2_AWS_31",
        ("web-acl/Resource",),
    ),
    Fault(
        "the load balancer admits 0.0.0.0/0",
        INGRESS,
        put(
            "aws_vpc_security_group_ingress_rule",
            "alb/security/from-cloudfront",
            "cidr_ipv4",
            to="0.0.0.0/0",
        ),
        "EKP_ALB_1",
        ("alb/security/from-cloudfront",),
    ),
    Fault(
        "the load balancer has no web ACL",
        INGRESS,
        gone("aws_wafv2_web_acl_association", "web-acl-association"),
        "EKP_ALB_2",
        ("alb/Resource",),
    ),
    Fault(
        "a listener's rule does not ask for the header",
        INGRESS,
        cut("aws_lb_listener_rule", "alb/rules/gateway", "condition", 1),
        "EKP_ALB_2",
        ("alb/Resource",),
    ),
    Fault(
        "the load balancer of production can be deleted",
        INGRESS,
        put("aws_lb", "alb/Resource", "enable_deletion_protection", to=False),
        "CKV_AWS_150",
        ("alb/Resource",),
    ),
    Fault(
        "the listener takes old TLS",
        INGRESS,
        put("aws_lb_listener", "alb/https", "ssl_policy", to="ELBSecurityPolicy-2016-08"),
        "CKV_AWS_103",
        ("alb/https",),
    ),
    Fault(
        "a region's record has no health check",
        INGRESS,
        cut("aws_route53_record", "records/origin-latency", "health_check_id"),
        "EKP_DNS_1",
        ("records/origin-latency",),
    ),
    Fault(
        "a bucket of logs may be public",
        INGRESS,
        put(
            "aws_s3_bucket_public_access_block",
            "alb/logs/public-access-block",
            "block_public_policy",
            to=False,
        ),
        "CKV_AWS_54",
        ("alb/logs/public-access-block",),
    ),
)
