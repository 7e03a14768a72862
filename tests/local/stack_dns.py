"""A DNS stack in Terraform's JSON: zones, signing, query log, certificate, all routing policies."""

from typing import Any

from .conftest import REGION
from .stack_parts import Resources, certificate, policy, stack

ACCOUNT = "111122223335"
DOMAIN = "shop.example.com"


def dns(*, changed: bool) -> dict[str, Any]:
    """Give the whole stack, as it is first or as it is changed."""
    names = [DOMAIN, f"*.{DOMAIN}"]
    parts = (zones(), signing(), query_log(), health(), records(changed=changed))
    return stack(ACCOUNT, "us-east-1", *parts, certificate(names, [DOMAIN]))


def zones() -> Resources:
    """Give the parent zone and the zone it delegates to."""
    return {
        "aws_route53_zone": {
            "parent": {"name": "example.com"},
            "main": {"name": DOMAIN, "comment": "public"},
        },
        "aws_route53_record": {
            "delegation": {
                "zone_id": "${aws_route53_zone.parent.zone_id}",
                "name": DOMAIN,
                "type": "NS",
                "ttl": 300,
                "records": "${aws_route53_zone.main.name_servers}",
            },
            "caa": {
                "zone_id": "${aws_route53_zone.main.zone_id}",
                "name": DOMAIN,
                "type": "CAA",
                "ttl": 300,
                "records": ['0 issue "amazon.com"', '0 issuewild "amazon.com"'],
            },
            "ds": {
                "zone_id": "${aws_route53_zone.parent.zone_id}",
                "name": DOMAIN,
                "type": "DS",
                "ttl": 300,
                "records": ["${aws_route53_key_signing_key.main.ds_record}"],
            },
        },
    }


def signing() -> dict[str, Any]:
    """Give DNSSEC with its key."""
    route53 = {"Service": "dnssec-route53.amazonaws.com"}
    document = policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Principal": route53,
            "Action": ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"],
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Principal": route53,
            "Action": "kms:CreateGrant",
            "Resource": "*",
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    )
    return {
        "aws_kms_key": {
            "dnssec": {
                "customer_master_key_spec": "ECC_NIST_P256",
                "key_usage": "SIGN_VERIFY",
                "deletion_window_in_days": 7,
                "policy": document,
            }
        },
        "aws_route53_key_signing_key": {
            "main": {
                "name": "main",
                "hosted_zone_id": "${aws_route53_zone.main.zone_id}",
                "key_management_service_arn": "${aws_kms_key.dnssec.arn}",
            }
        },
        "aws_route53_hosted_zone_dnssec": {
            "main": {"hosted_zone_id": "${aws_route53_key_signing_key.main.hosted_zone_id}"}
        },
    }


def query_log() -> dict[str, Any]:
    """Give the log of the zone's queries."""
    document = policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": "route53.amazonaws.com"},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/route53/*",
        }
    )
    return {
        "aws_cloudwatch_log_group": {
            "queries": {"name": f"/aws/route53/{DOMAIN}", "retention_in_days": 30}
        },
        "aws_cloudwatch_log_resource_policy": {
            "queries": {"policy_name": "route53-queries", "policy_document": document}
        },
        "aws_route53_query_log": {
            "main": {
                "zone_id": "${aws_route53_zone.main.zone_id}",
                "cloudwatch_log_group_arn": "${aws_cloudwatch_log_group.queries.arn}",
                "depends_on": ["aws_cloudwatch_log_resource_policy.queries"],
            }
        },
    }


def health() -> Resources:
    """Give a health check that follows an alarm, and one that asks a host."""
    return {
        "aws_cloudwatch_metric_alarm": {
            "gateway": {
                "alarm_name": "gateway",
                "namespace": "AWS/ApplicationELB",
                "metric_name": "HealthyHostCount",
                "statistic": "Minimum",
                "comparison_operator": "LessThanThreshold",
                "threshold": 1,
                "period": 60,
                "evaluation_periods": 2,
                "treat_missing_data": "breaching",
                "dimensions": {"TargetGroup": "targetgroup/gateway/1"},
            }
        },
        "aws_route53_health_check": {
            "gateway": {
                "type": "CLOUDWATCH_METRIC",
                "cloudwatch_alarm_name": "${aws_cloudwatch_metric_alarm.gateway.alarm_name}",
                "cloudwatch_alarm_region": "us-east-1",
                "insufficient_data_health_status": "Unhealthy",
                "tags": {"Name": "gateway"},
            },
            "probe": {
                "type": "HTTPS",
                "fqdn": f"origin.{DOMAIN}",
                "port": 443,
                "resource_path": "/healthz",
                "failure_threshold": 2,
                "request_interval": 30,
            },
        },
    }


def records(*, changed: bool) -> Resources:
    """Give the origin's records: latency over weighted ones, and a last resort."""
    common = {"zone_id": "${aws_route53_zone.main.zone_id}"}
    alarm = {"health_check_id": "${aws_route53_health_check.gateway.id}"}
    probe = {"health_check_id": "${aws_route53_health_check.probe.id}"}
    found: dict[str, Any] = {}
    for type_, address in (("A", "192.0.2.1"), ("AAAA", "2001:db8::1")):
        key = type_.lower()
        for index, weight in ((1, 0 if changed else 90), (2, 10)):
            found[f"weighted-{key}-{index}"] = {
                **common,
                **alarm,
                "name": f"euw1.origin.{DOMAIN}",
                "type": type_,
                "ttl": 60,
                "records": [address],
                "set_identifier": f"cluster-{index}",
                "weighted_routing_policy": {"weight": weight},
            }
        found[f"latency-{key}"] = {
            **common,
            "name": f"origin.{DOMAIN}",
            "type": type_,
            "set_identifier": REGION,
            "latency_routing_policy": {"region": REGION},
            "alias": {
                "name": f"euw1.origin.{DOMAIN}",
                "zone_id": "${aws_route53_zone.main.zone_id}",
                "evaluate_target_health": True,
            },
            "depends_on": [f"aws_route53_record.weighted-{key}-{index}" for index in (1, 2)],
        }
    for role, address in (("PRIMARY", "192.0.2.2"), ("SECONDARY", "192.0.2.3")):
        found[role.lower()] = {
            **common,
            **(probe if role == "PRIMARY" else {}),
            "name": f"status.{DOMAIN}",
            "type": "A",
            "ttl": 60,
            "set_identifier": role.lower(),
            "failover_routing_policy": {"type": role},
            "records": [address],
        }
    return {"aws_route53_record": found}
