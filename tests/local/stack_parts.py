"""What the stacks of the edge share."""

import json
from typing import Any

Resources = dict[str, dict[str, Any]]


def stack(account: str, region: str, *parts: Resources) -> dict[str, Any]:
    """Give a stack in Terraform's JSON, made of parts."""
    resources: Resources = {}
    for part in parts:
        for kind, items in part.items():
            resources.setdefault(kind, {}).update(items)
    role = {"role_arn": f"arn:aws:iam::{account}:role/deploy"}
    tags = {"layer": "edge"}
    return {
        "terraform": {
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": "5.100.0"}}
        },
        "provider": {
            "aws": {"region": region, "assume_role": [role], "default_tags": [{"tags": tags}]}
        },
        "resource": resources,
    }


def policy(*statements: dict[str, Any]) -> str:
    """Give a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def plain_http(bucket: str) -> dict[str, Any]:
    """Give the statement of a bucket's policy that refuses everyone without TLS."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def certificate(names: list[str], validated: list[str]) -> Resources:
    """Give a certificate and its validation, by a record for each name that has its own."""
    options = "aws_acm_certificate.main.domain_validation_options"
    validation = {}
    for index, name in enumerate(validated):
        option = f'{{for o in {options} : o.domain_name => o}}["{name}"]'
        validation[f"validation-{index}"] = {
            "zone_id": "${aws_route53_zone.main.zone_id}",
            "name": f"${{{option}.resource_record_name}}",
            "type": f"${{{option}.resource_record_type}}",
            "ttl": 60,
            "records": [f"${{{option}.resource_record_value}}"],
        }
    return {
        "aws_acm_certificate": {
            "main": {
                "domain_name": names[0],
                "subject_alternative_names": names[1:],
                "validation_method": "DNS",
                "lifecycle": {"create_before_destroy": True},
            }
        },
        "aws_route53_record": validation,
        "aws_acm_certificate_validation": {
            "main": {
                "certificate_arn": "${aws_acm_certificate.main.arn}",
                "validation_record_fqdns": [
                    f"${{aws_route53_record.{name}.fqdn}}" for name in validation
                ],
            }
        },
    }
