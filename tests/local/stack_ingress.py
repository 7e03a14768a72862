"""An ingress stack in Terraform's JSON: a load balancer in eu-west-1 behind a web ACL."""

from typing import Any

from .conftest import REGION
from .stack_ingress_inside import logs, network
from .stack_parts import Resources, certificate, stack
from .stack_web_acl import Rules, web_acl

ACCOUNT = "111122225555"
DOMAIN = "shop.example.org"
HEADER = "true-client-ip"


def ingress(*, changed: bool) -> dict[str, Any]:
    """Give the whole stack, as it is first or as it is changed."""
    names = [f"origin.{DOMAIN}", DOMAIN, f"*.{DOMAIN}"]
    parts = (network(changed=changed), logs(ACCOUNT), certificate(names, names[:2]), origin())
    acl = web_acl("region", Rules(changed), scope="REGIONAL", header=HEADER)
    return stack(
        ACCOUNT, REGION, *parts, load_balancer(protected=not changed), rules(changed=changed), acl
    )


def origin() -> Resources:
    """Give the zone and the names of the load balancer."""
    return {
        "aws_route53_zone": {"main": {"name": DOMAIN}},
        "aws_route53_record": {
            type_.lower(): {
                "zone_id": "${aws_route53_zone.main.zone_id}",
                "name": f"origin.{DOMAIN}",
                "type": type_,
                "set_identifier": REGION,
                "latency_routing_policy": {"region": REGION},
                "alias": {
                    "name": "${aws_lb.main.dns_name}",
                    "zone_id": "${aws_lb.main.zone_id}",
                    "evaluate_target_health": False,
                },
            }
            for type_ in ("A", "AAAA")
        },
    }


def load_balancer(*, protected: bool) -> Resources:
    """Give the load balancer, which refuses what no rule lets in."""
    refusal = {"content_type": "text/plain", "message_body": "no", "status_code": "403"}
    redirect = {"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"}
    return {
        "aws_lb": {
            "main": {
                "name": "ingress",
                "load_balancer_type": "application",
                "internal": False,
                "security_groups": ["${aws_security_group.main.id}"],
                "subnets": ["${aws_subnet.a.id}", "${aws_subnet.b.id}"],
                "drop_invalid_header_fields": True,
                "desync_mitigation_mode": "strictest",
                "enable_deletion_protection": protected,
                "idle_timeout": 120,
                "access_logs": {
                    "bucket": "${aws_s3_bucket_policy.logs.bucket}",
                    "prefix": "main",
                    "enabled": True,
                },
                "depends_on": ["aws_internet_gateway.main"],
            }
        },
        "aws_lb_listener": {
            "https": {
                "load_balancer_arn": "${aws_lb.main.arn}",
                "port": 443,
                "protocol": "HTTPS",
                "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
                "certificate_arn": "${aws_acm_certificate_validation.main.certificate_arn}",
                "default_action": {"type": "fixed-response", "fixed_response": refusal},
            },
            "http": {
                "load_balancer_arn": "${aws_lb.main.arn}",
                "port": 80,
                "protocol": "HTTP",
                "default_action": {"type": "redirect", "redirect": redirect},
            },
        },
        "aws_wafv2_web_acl_association": {
            "main": {
                "resource_arn": "${aws_lb.main.arn}",
                "web_acl_arn": "${aws_wafv2_web_acl.region.arn}",
            }
        },
    }


def rules(*, changed: bool) -> Resources:
    """Give the listener's rules and the target groups, which the mesh fills."""
    secrets = ["first", "second"] if changed else ["first"]
    secret = {"http_header": {"http_header_name": "x-origin-secret", "values": secrets}}

    def rule(priority: int, group: str, hosts: list[str]) -> dict[str, Any]:
        return {
            "listener_arn": "${aws_lb_listener.https.arn}",
            "priority": priority,
            "condition": [secret, {"host_header": {"values": hosts}}],
            "action": {
                "type": "forward",
                "target_group_arn": f"${{aws_lb_target_group.{group}.arn}}",
            },
        }

    group = {
        "port": 443,
        "protocol": "HTTPS",
        "protocol_version": "HTTP1",
        "target_type": "ip",
        "vpc_id": "${aws_vpc.main.id}",
        "deregistration_delay": 30,
        "load_balancing_algorithm_type": "least_outstanding_requests",
        "health_check": {
            "port": "15021",
            "path": "/healthz/ready",
            "protocol": "HTTP",
            "matcher": "200",
            "interval": 10,
            "timeout": 5,
            "healthy_threshold": 2,
            "unhealthy_threshold": 3,
        },
    }
    return {
        "aws_lb_target_group": {
            name: {**group, "name": f"ingress-{name}"} for name in ("gateway", "shard")
        },
        "aws_lb_listener_rule": {
            "shard": rule(10, "shard", [f"hot.{DOMAIN}"]),
            "gateway": rule(20, "gateway", [DOMAIN, f"*.{DOMAIN}"]),
        },
    }
