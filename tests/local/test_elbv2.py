"""The corrections of load balancers and certificates."""

from typing import Any

import pytest

from .conftest import REGION, Clients
from .edge import change, document, make_zone, plain, statement
from .eks_cluster import network, refused


@pytest.fixture
def balancers(clients: Clients) -> dict[str, Any]:
    """A public load balancer and an internal one."""
    _, subnets = network(clients("ec2"))
    schemes = {"public": "internet-facing", "inside": "internal"}
    create = clients("elbv2").create_load_balancer
    return {
        name: create(Name=name, Subnets=subnets, Scheme=scheme)["LoadBalancers"][0]
        for name, scheme in schemes.items()
    }


def attributes(**settings: str) -> list[dict[str, str]]:
    return [{"Key": key.replace("__", "."), "Value": value} for key, value in settings.items()]


def test_names_and_zones_of_load_balancers_are_as_in_their_region(balancers: Any) -> None:
    names = {name: made["DNSName"] for name, made in balancers.items()}

    assert names["public"].startswith("public-")
    assert names["inside"].startswith("internal-inside-")
    assert {made["CanonicalHostedZoneId"] for made in balancers.values()} == {"Z32O12XQLNTSW2"}


def test_a_protected_load_balancer_is_not_deleted(clients: Clients, balancers: Any) -> None:
    elb, arn = clients("elbv2"), balancers["public"]["LoadBalancerArn"]
    protect = attributes(deletion_protection__enabled="true")
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=protect)

    with refused("OperationNotPermitted", 400, "deletion protection is enabled"):
        elb.delete_load_balancer(LoadBalancerArn=arn)
    assert len(elb.describe_load_balancers()["LoadBalancers"]) == 2


def test_access_logs_need_a_bucket_that_lets_them_in(
    clients: Clients, balancers: Any, account: str
) -> None:
    elb, s3 = clients("elbv2"), clients("s3")
    name = f"access-logs-{account}"

    def turn_on() -> None:
        elb.modify_load_balancer_attributes(
            LoadBalancerArn=balancers["public"]["LoadBalancerArn"],
            Attributes=attributes(
                access_logs__s3__enabled="true",
                access_logs__s3__bucket=name,
                access_logs__s3__prefix="main",
            ),
        )

    with refused("InvalidConfigurationRequest", 400, "Access Denied for bucket"):
        turn_on()
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    with refused("InvalidConfigurationRequest", 400, "Access Denied for bucket"):
        turn_on()
    service, path = "logdelivery.elasticloadbalancing.amazonaws.com", f"main/AWSLogs/{account}/*"
    wanted = statement(service, ["s3:PutObject"], f"arn:aws:s3:::{name}/{path}")
    s3.put_bucket_policy(Bucket=name, Policy=document(wanted))
    turn_on()


def test_a_rule_has_five_condition_values_in_all(clients: Clients, balancers: Any) -> None:
    elb = clients("elbv2")
    answer = {
        "Type": "fixed-response",
        "FixedResponseConfig": {"StatusCode": "403", "ContentType": "text/plain"},
    }
    listener = elb.create_listener(
        LoadBalancerArn=balancers["public"]["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[answer],
    )["Listeners"][0]["ListenerArn"]

    def create(priority: int, hosts: int) -> None:
        header = {"HttpHeaderName": "x-secret", "Values": ["first", "second"]}
        names = [f"h{index}.example.com" for index in range(hosts)]
        conditions = [
            {"Field": "http-header", "HttpHeaderConfig": header},
            {"Field": "host-header", "HostHeaderConfig": {"Values": names}},
        ]
        elb.create_rule(
            ListenerArn=listener, Priority=priority, Conditions=conditions, Actions=[answer]
        )

    create(1, 3)
    with refused("ValidationError", 400, "A rule can only have '5' condition values"):
        create(2, 4)


def test_a_certificate_is_issued_when_every_name_has_its_record(clients: Clients) -> None:
    acm, route53 = clients("acm"), clients("route53", account="218888888888")
    arn = acm.request_certificate(
        DomainName="acm.example.com",
        SubjectAlternativeNames=["*.acm.example.com", "origin.acm.example.com"],
        ValidationMethod="DNS",
    )["CertificateArn"]

    def described() -> Any:
        return acm.describe_certificate(CertificateArn=arn)["Certificate"]

    wanted = {
        option["ResourceRecord"]["Name"]: option["ResourceRecord"]["Value"]
        for option in described()["DomainValidationOptions"]
    }
    zone, seen = make_zone(route53, "acm.example.com"), [described()["Status"]]
    for name, value in wanted.items():
        change(route53, zone, ("CREATE", plain(name, value, kind="CNAME")))
        seen.append(described()["Status"])

    assert seen == ["PENDING_VALIDATION", "PENDING_VALIDATION", "ISSUED"]


def test_a_certificate_is_kept_while_a_listener_uses_it(clients: Clients, balancers: Any) -> None:
    acm, elb = clients("acm"), clients("elbv2")
    arn = acm.request_certificate(DomainName="kept.example.com")["CertificateArn"]
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403"}}
    listener = elb.create_listener(
        LoadBalancerArn=balancers["public"]["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=[answer],
    )["Listeners"][0]["ListenerArn"]

    with refused("ResourceInUseException", 400):
        acm.delete_certificate(CertificateArn=arn)
    elb.delete_listener(ListenerArn=listener)
    acm.delete_certificate(CertificateArn=arn)
