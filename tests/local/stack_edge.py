"""A stack in Terraform's JSON of a distribution with all that it is made of, in us-east-1."""

from dataclasses import dataclass
from typing import Any

from .edge import CACHING_DISABLED
from .stack_edge_inside import logs, policies
from .stack_parts import Resources, stack
from .stack_web_acl import Rules, web_acl

ACCOUNT = "111122224444"
DOMAIN = "cdn.example.com"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"


@dataclass(frozen=True)
class Given:
    """What lies outside of the stack."""

    certificate: str
    load_balancer: str
    load_balancer_name: str


def edge(given: Given, *, changed: bool) -> dict[str, Any]:
    """Give the whole stack, as it is first or as it is changed."""
    main = distribution(given.certificate, changed=changed)
    parts = (logs(changed=changed), policies(changed=changed), main, internal(given))
    return stack(ACCOUNT, "us-east-1", *parts, web_acl("edge", Rules(changed)))


def _behavior(*, cached: bool) -> dict[str, Any]:
    return {
        "target_origin_id": "regions-or-page" if cached else "regions",
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": ["GET", "HEAD", "OPTIONS"]
        + ([] if cached else ["PUT", "POST", "PATCH", "DELETE"]),
        "cached_methods": ["GET", "HEAD"],
        "compress": True,
        "cache_policy_id": "${aws_cloudfront_cache_policy.static.id}"
        if cached
        else CACHING_DISABLED,
        "origin_request_policy_id": "${aws_cloudfront_origin_request_policy.static.id}"
        if cached
        else ALL_VIEWER,
        "response_headers_policy_id": "${aws_cloudfront_response_headers_policy.security.id}",
        "function_association": [
            {
                "event_type": "viewer-request",
                "function_arn": "${aws_cloudfront_function.client.arn}",
            }
        ],
    }


def distribution(certificate: str, *, changed: bool) -> Resources:
    """Give the distribution, with all that it is sent without `forwarded_values`."""
    paths = ["/static/*", "/assets/*", *(["/fonts/*"] if changed else [])]
    main = {
        "enabled": True,
        "comment": DOMAIN,
        "aliases": [DOMAIN, f"*.{DOMAIN}"],
        "http_version": "http2and3",
        "is_ipv6_enabled": True,
        "price_class": "PriceClass_100",
        "web_acl_id": "${aws_wafv2_web_acl.edge.arn}",
        "logging_config": {
            "bucket": "${aws_s3_bucket.logs.bucket_domain_name}",
            "prefix": "main/",
            "include_cookies": False,
        },
        "origin": [
            {
                "origin_id": "regions",
                "domain_name": f"origin.{DOMAIN}",
                "custom_header": [
                    {"name": "x-origin-secret", "value": "second" if changed else "first"}
                ],
                "custom_origin_config": {
                    "http_port": 80,
                    "https_port": 443,
                    "origin_protocol_policy": "https-only",
                    "origin_ssl_protocols": ["TLSv1.2"],
                    "origin_read_timeout": 60,
                },
                "origin_shield": {"enabled": True, "origin_shield_region": "eu-west-1"},
            },
            {
                "origin_id": "page",
                "domain_name": "${aws_s3_bucket.page.bucket_regional_domain_name}",
                "origin_access_control_id": "${aws_cloudfront_origin_access_control.page.id}",
            },
        ],
        "origin_group": [
            {
                "origin_id": "regions-or-page",
                "failover_criteria": {"status_codes": [500, 502, 503, 504]},
                "member": [{"origin_id": "regions"}, {"origin_id": "page"}],
            }
        ],
        "default_cache_behavior": _behavior(cached=False),
        "ordered_cache_behavior": [
            {"path_pattern": path, **_behavior(cached=True)} for path in paths
        ],
        "custom_error_response": [
            {"error_code": 503, "error_caching_min_ttl": 0},
            {
                "error_code": 404,
                "response_code": 404,
                "response_page_path": "/static/404.html",
                "error_caching_min_ttl": 60,
            },
        ],
        "restrictions": {
            "geo_restriction": {"restriction_type": "blacklist", "locations": ["KP", "RU"]}
        },
        "viewer_certificate": {
            "acm_certificate_arn": certificate,
            "minimum_protocol_version": "TLSv1.2_2021",
            "ssl_support_method": "sni-only",
        },
        "depends_on": ["aws_s3_bucket_ownership_controls.logs"],
    }
    return {"aws_cloudfront_distribution": {"main": main}}


def internal(given: Given) -> Resources:
    """Give a distribution whose origin is the internal load balancer."""
    config = {
        "name": "internal",
        "arn": given.load_balancer,
        "http_port": 80,
        "https_port": 443,
        "origin_protocol_policy": "https-only",
        "origin_ssl_protocols": {"items": ["TLSv1.2"], "quantity": 1},
    }
    return {
        "aws_cloudfront_vpc_origin": {"internal": {"vpc_origin_endpoint_config": [config]}},
        "aws_cloudfront_distribution": {
            "internal": {
                "enabled": True,
                "origin": {
                    "origin_id": "internal",
                    "domain_name": given.load_balancer_name,
                    "vpc_origin_config": {
                        "vpc_origin_id": "${aws_cloudfront_vpc_origin.internal.id}"
                    },
                },
                "default_cache_behavior": {
                    "target_origin_id": "internal",
                    "viewer_protocol_policy": "https-only",
                    "allowed_methods": ["GET", "HEAD"],
                    "cached_methods": ["GET", "HEAD"],
                    "cache_policy_id": CACHING_DISABLED,
                },
                "restrictions": {"geo_restriction": {"restriction_type": "none"}},
                "viewer_certificate": {"cloudfront_default_certificate": True},
            }
        },
    }
