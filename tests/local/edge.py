"""What the tests of the edge services make first: zones, certificates, distributions."""

import json
from typing import Any

from .conftest import Clients

HOME = "us-east-1"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


def statement(service: str, actions: list[str], resource: str = "*") -> dict[str, Any]:
    """Give a statement that lets a service do something."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": actions,
        "Resource": resource,
    }


def document(*statements: dict[str, Any]) -> str:
    """Give a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def make_zone(route53: Any, name: str) -> str:
    """Make a public zone, and give its id without the prefix."""
    made = route53.create_hosted_zone(Name=name, CallerReference=f"zone-{name}")
    return str(made["HostedZone"]["Id"]).rpartition("/")[2]


def change(route53: Any, zone: str, *changes: tuple[str, dict[str, Any]]) -> Any:
    """Change record sets in one batch."""
    batch = [{"Action": action, "ResourceRecordSet": record} for action, record in changes]
    return route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": batch})


def plain(name: str, *values: str, kind: str = "A", **more: Any) -> dict[str, Any]:
    """Give a record set with values."""
    records = [{"Value": value} for value in values]
    return {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": records, **more}


def issued(clients: Clients, domain: str, region: str = HOME) -> str:
    """Give a certificate for a domain and all names under it, issued by its record."""
    acm, route53 = clients("acm", region=region), clients("route53")
    names = [f"*.{domain}"]
    arn = acm.request_certificate(
        DomainName=domain, SubjectAlternativeNames=names, ValidationMethod="DNS"
    )["CertificateArn"]
    described = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    record = described["DomainValidationOptions"][0]["ResourceRecord"]
    zone = make_zone(route53, domain)
    change(route53, zone, ("UPSERT", plain(record["Name"], record["Value"], kind="CNAME")))
    status = acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"]
    assert status == "ISSUED"
    return str(arn)


def config(reference: str, **settings: Any) -> dict[str, Any]:
    """Give the settings of a small distribution."""
    origin = {
        "Id": "main",
        "DomainName": "origin.example.com",
        "CustomOriginConfig": {
            "HTTPPort": 80,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "https-only",
            "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
        },
    }
    return {
        "CallerReference": reference,
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behavior(),
        **settings,
    }


def behavior(**settings: Any) -> dict[str, Any]:
    """Give the settings of a cache behaviour without `ForwardedValues`."""
    return {
        "TargetOriginId": "main",
        "ViewerProtocolPolicy": "redirect-to-https",
        "CachePolicyId": CACHING_DISABLED,
        **settings,
    }


def items(*wanted: Any) -> dict[str, Any]:
    """Give a list in CloudFront's shape."""
    return {"Quantity": len(wanted), "Items": list(wanted)}
