"""Terraform with the real AWS provider: DNS, a distribution, a load balancer on the local AWS."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from ekp.local.prepare import prepare
from ekp.local.process import LocalAws, throwaway

from . import stack_dns, stack_edge, stack_ingress
from .conftest import Clients, clients_of
from .edge import HOME, issued
from .eks_cluster import network
from .stack_dns import dns
from .stack_edge import Given, edge
from .stack_ingress import ingress
from .terraform import Terraform, terraform

# What the provider imports by another name than its own id.
IMPORT_IDS = {
    "aws_wafv2_ip_set": "{id}/{name}/{scope}",
    "aws_wafv2_web_acl": "{id}/{name}/{scope}",
    "aws_cloudwatch_log_resource_policy": "{policy_name}",
    "aws_s3_object": "{bucket}/{key}",
}
NOT_IMPORTED = ("aws_acm_certificate_validation",)
MAKING_CLIENTS = Lock()
# They have arguments for the provider alone, which no API tells.
SET_AFTER_IMPORT = ("aws_cloudfront_function", "aws_kms_key", "aws_s3_bucket", "aws_s3_object")


@dataclass(frozen=True)
class Layer:
    """One of the stacks that are run side by side."""

    name: str
    account: str
    stack: Callable[[bool], dict[str, Any]]
    check: Callable[[Clients], None]
    left_over: Callable[[Clients], dict[str, Any]]


@pytest.fixture(scope="module")
def own_aws() -> Iterator[LocalAws]:
    """An AWS that holds nothing but this module's resources."""
    with throwaway() as running:
        yield running


def import_blocks(resources: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [
        {
            "to": item["address"],
            "id": IMPORT_IDS.get(item["type"], "{id}").format(**item["values"]),
        }
        for item in resources
        if item["type"] not in NOT_IMPORTED
    ]


def run(layer: Layer, main: Terraform, other: Terraform, clients: Clients) -> None:
    """Apply, plan, change, plan, import elsewhere, destroy."""
    main.write(layer.stack(False))
    main.init()
    main.apply()
    assert main.is_settled(), f"{layer.name}: the second plan is not empty"

    main.write(layer.stack(True))
    main.apply()
    assert main.is_settled(), f"{layer.name}: the plan after the change is not empty"
    layer.check(clients)

    resources = main.resources()
    other.write(layer.stack(True), **{"import": import_blocks(resources)})
    other.init()
    assert other.changes() == expected_after_import(resources), layer.name

    main.destroy()
    left = {kind: found for kind, found in layer.left_over(clients).items() if found}
    assert left == {}, layer.name


def expected_after_import(resources: list[dict[str, Any]]) -> dict[str, str]:
    expected: dict[str, str] = {}
    for item in resources:
        if item["type"] in NOT_IMPORTED:
            expected[item["address"]] = "create"
        elif item["type"] in SET_AFTER_IMPORT:
            expected[item["address"]] = "update"
    return expected


def check_dns(clients: Clients) -> None:
    route53 = clients("route53")
    zones = {zone["Name"]: zone["Id"] for zone in route53.list_hosted_zones()["HostedZones"]}
    zone = zones[f"{stack_dns.DOMAIN}."]
    found = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    weights = {(item["Type"], item["Weight"]) for item in found if "Weight" in item}
    assert weights == {("A", 0), ("A", 10), ("AAAA", 0), ("AAAA", 10)}
    assert route53.get_dnssec(HostedZoneId=zone)["Status"]["ServeSignature"] == "SIGNING"


def dns_left(clients: Clients) -> dict[str, Any]:
    keys = clients("kms", region=HOME)
    return {
        "zones": clients("route53").list_hosted_zones()["HostedZones"],
        "checks": clients("route53").list_health_checks()["HealthChecks"],
        "query logs": clients("route53").list_query_logging_configs()["QueryLoggingConfigs"],
        "groups": clients("logs", region=HOME).describe_log_groups()["logGroups"],
        "alarms": clients("cloudwatch", region=HOME).describe_alarms()["MetricAlarms"],
        "certificates": clients("acm", region=HOME).list_certificates()["CertificateSummaryList"],
        "keys": [
            key["KeyId"]
            for key in keys.list_keys()["Keys"]
            if keys.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"
        ],
    }


def check_edge(clients: Clients) -> None:
    cloudfront = clients("cloudfront")
    listed = cloudfront.list_distributions()["DistributionList"]["Items"]
    (main,) = (item for item in listed if item["Aliases"]["Quantity"])
    assert len(main["CacheBehaviors"]["Items"]) == 3
    (origin,) = (item for item in main["Origins"]["Items"] if item["Id"] == "regions")
    assert origin["CustomHeaders"]["Items"][0]["HeaderValue"] == "second"
    live = cloudfront.get_function(Name="client-address", Stage="LIVE")
    assert live["FunctionCode"].read().endswith(b"// changed\n")
    acl = clients("wafv2", region=HOME).list_web_acls(Scope="CLOUDFRONT")["WebACLs"][0]
    assert acl["ARN"] == main["WebACLId"]
    # What others leave in a bucket is destroyed with it, a version and a delete marker too.
    page = {"Bucket": "edge-page", "Key": "left-over"}
    clients("s3").put_object(**page)
    clients("s3").delete_object(**page)


def edge_left(clients: Clients) -> dict[str, Any]:
    cloudfront, waf = clients("cloudfront"), clients("wafv2", region=HOME)
    return {
        "distributions": cloudfront.list_distributions()["DistributionList"]["Quantity"],
        "functions": cloudfront.list_functions()["FunctionList"]["Quantity"],
        "vpc origins": cloudfront.list_vpc_origins()["VpcOriginList"]["Quantity"],
        "controls": cloudfront.list_origin_access_controls()["OriginAccessControlList"]["Quantity"],
        "cache": cloudfront.list_cache_policies(Type="custom")["CachePolicyList"]["Quantity"],
        "origin": cloudfront.list_origin_request_policies(Type="custom")["OriginRequestPolicyList"][
            "Quantity"
        ],
        "headers": cloudfront.list_response_headers_policies(Type="custom")[
            "ResponseHeadersPolicyList"
        ]["Quantity"],
        "acls": waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"],
        "addresses": waf.list_ip_sets(Scope="CLOUDFRONT")["IPSets"],
        "groups": clients("logs", region=HOME).describe_log_groups()["logGroups"],
        "buckets": clients("s3").list_buckets()["Buckets"],
    }


def check_ingress(clients: Clients) -> None:
    elb, waf = clients("elbv2"), clients("wafv2")
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    (https,) = (item["ListenerArn"] for item in listeners if item["Port"] == 443)
    rules = elb.describe_rules(ListenerArn=https)["Rules"]
    secrets = [
        sorted(condition["HttpHeaderConfig"]["Values"])
        for rule in rules
        for condition in rule["Conditions"]
        if condition["Field"] == "http-header"
    ]
    assert secrets == [["first", "second"]] * 2
    acl = waf.get_web_acl_for_resource(ResourceArn=balancer["LoadBalancerArn"])["WebACL"]
    assert "sql" in {rule["Name"] for rule in acl["Rules"]}


def ingress_left(clients: Clients) -> dict[str, Any]:
    elb, waf = clients("elbv2"), clients("wafv2")
    return {
        "load balancers": elb.describe_load_balancers()["LoadBalancers"],
        "target groups": elb.describe_target_groups()["TargetGroups"],
        "acls": waf.list_web_acls(Scope="REGIONAL")["WebACLs"],
        "addresses": waf.list_ip_sets(Scope="REGIONAL")["IPSets"],
        "certificates": clients("acm").list_certificates()["CertificateSummaryList"],
        "zones": clients("route53").list_hosted_zones()["HostedZones"],
        "groups": clients("logs").describe_log_groups()["logGroups"],
        "buckets": clients("s3").list_buckets()["Buckets"],
    }


def one_at_a_time(clients: Clients) -> Clients:
    """Give clients to threads: boto3 cannot make two at once."""

    def client(service: str, **settings: Any) -> Any:
        with MAKING_CLIENTS:
            return clients(service, **settings)

    return client


def given_for_edge(clients: Clients) -> Given:
    _, subnets = network(clients("ec2"))
    inside = clients("elbv2").create_load_balancer(
        Name="inside", Subnets=subnets, Scheme="internal"
    )["LoadBalancers"][0]
    certificate = issued(clients, stack_edge.DOMAIN)
    return Given(certificate, inside["LoadBalancerArn"], inside["DNSName"])


def test_dns_a_distribution_and_a_load_balancer_are_applied_changed_imported_and_destroyed(
    own_aws: LocalAws, session: Any, tmp_path: Path
) -> None:
    accounts = (stack_dns.ACCOUNT, stack_edge.ACCOUNT, stack_ingress.ACCOUNT)
    roles = [f"arn:aws:iam::{account}:role/deploy" for account in accounts]
    prepare(own_aws.endpoint, deploy_roles=roles, state_buckets=[])
    given = given_for_edge(clients_of(own_aws, session, stack_edge.ACCOUNT))
    layers = (
        Layer("dns", accounts[0], lambda new: dns(changed=new), check_dns, dns_left),
        Layer("edge", accounts[1], lambda new: edge(given, changed=new), check_edge, edge_left),
        Layer(
            "ingress", accounts[2], lambda new: ingress(changed=new), check_ingress, ingress_left
        ),
    )

    # The provider waits for minutes in each of them, and does nothing meanwhile.
    with ThreadPoolExecutor(len(layers)) as pool:
        runs = [
            pool.submit(
                run,
                layer,
                terraform(own_aws, tmp_path / layer.name),
                terraform(own_aws, tmp_path / f"{layer.name}-imported"),
                one_at_a_time(clients_of(own_aws, session, layer.account)),
            )
            for layer in layers
        ]
    failures = [error for error in (done.exception() for done in runs) if error is not None]
    if failures:
        raise BaseExceptionGroup("not all layers went through", failures)
