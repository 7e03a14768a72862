"""The corrections of WAF."""

from typing import Any

import pytest

from .conftest import REGION, Clients
from .edge import HOME, config
from .eks_cluster import network, refused

SEEN = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}


def acl(waf: Any, scope: str = "REGIONAL", name: str = "acl", **more: Any) -> Any:
    wanted = {"DefaultAction": {"Allow": {}}, "VisibilityConfig": SEEN, "Rules": [], **more}
    return waf.create_web_acl(Name=name, Scope=scope, **wanted)["Summary"]


def key(made: Any, scope: str = "REGIONAL") -> dict[str, str]:
    return {"Name": made["Name"], "Id": made["Id"], "Scope": scope}


def rule(name: str, statement: dict[str, Any]) -> dict[str, Any]:
    visibility = {**SEEN, "MetricName": name}
    common = {"Name": name, "Priority": 0, "Action": {"Block": {}}}
    return {**common, "Statement": statement, "VisibilityConfig": visibility}


@pytest.fixture
def balancer(clients: Clients) -> str:
    _, subnets = network(clients("ec2"))
    made = clients("elbv2").create_load_balancer(Name="main", Subnets=subnets)["LoadBalancers"][0]
    return str(made["LoadBalancerArn"])


def test_the_scope_cloudfront_is_in_us_east_1_alone(clients: Clients) -> None:
    made = acl(clients("wafv2", region=HOME), "CLOUDFRONT")

    assert made["ARN"].split(":")[3:6:2] == [HOME, f"global/webacl/acl/{made['Id']}"]
    elsewhere = clients("wafv2")
    message = "The scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT"
    with refused("WAFInvalidParameterException", 400, message):
        acl(elsewhere, "CLOUDFRONT")
    with refused("WAFInvalidParameterException", 400, message):
        elsewhere.list_web_acls(Scope="CLOUDFRONT")
    with refused("WAFInvalidParameterException", 400, message):
        elsewhere.create_ip_set(Name="a", Scope="CLOUDFRONT", IPAddressVersion="IPV4", Addresses=[])


def test_an_update_without_rules_takes_the_rules_away(clients: Clients) -> None:
    waf = clients("wafv2")
    made = acl(waf, Rules=[rule("geo", {"GeoMatchStatement": {"CountryCodes": ["KP"]}})])

    waf.update_web_acl(
        **key(made), LockToken=made["LockToken"], DefaultAction={"Allow": {}}, VisibilityConfig=SEEN
    )

    assert waf.get_web_acl(**key(made))["WebACL"]["Rules"] == []
    with refused("WAFOptimisticLockException", 400):
        waf.delete_web_acl(**key(made), LockToken=made["LockToken"])


def test_names_are_taken_once(clients: Clients) -> None:
    waf = clients("wafv2")
    addresses = {"Scope": "REGIONAL", "IPAddressVersion": "IPV4", "Addresses": []}
    acl(waf)
    waf.create_ip_set(Name="a", **addresses)

    with refused("WAFDuplicateItemException", 400):
        acl(waf)
    with refused("WAFDuplicateItemException", 400):
        waf.create_ip_set(Name="a", **addresses)


def test_a_load_balancer_has_one_web_acl(clients: Clients, balancer: str) -> None:
    waf = clients("wafv2")
    first, second = acl(waf, name="first"), acl(waf, name="second")
    for made in (first, second):
        waf.associate_web_acl(WebACLArn=made["ARN"], ResourceArn=balancer)

    assert waf.get_web_acl_for_resource(ResourceArn=balancer)["WebACL"]["Name"] == "second"
    assert waf.list_resources_for_web_acl(WebACLArn=first["ARN"])["ResourceArns"] == []
    assert waf.list_resources_for_web_acl(WebACLArn=second["ARN"])["ResourceArns"] == [balancer]
    with refused("WAFAssociatedItemException", 400):
        waf.delete_web_acl(**key(second), LockToken=second["LockToken"])
    with refused("WAFUnavailableEntityException", 400):
        waf.associate_web_acl(WebACLArn=first["ARN"], ResourceArn=f"{balancer}0")
    with refused("WAFNonexistentItemException", 400):
        waf.associate_web_acl(WebACLArn=f"{first['ARN']}0", ResourceArn=balancer)
    clients("elbv2").delete_load_balancer(LoadBalancerArn=balancer)
    waf.delete_web_acl(**key(second), LockToken=second["LockToken"])


def test_a_web_acl_is_kept_while_a_distribution_names_it(clients: Clients) -> None:
    waf, cloudfront = clients("wafv2", region=HOME), clients("cloudfront")
    made = acl(waf, "CLOUDFRONT")
    used = cloudfront.create_distribution(
        DistributionConfig=config("acl", WebACLId=made["ARN"], Enabled=False)
    )

    with refused("WAFAssociatedItemException", 400):
        waf.delete_web_acl(**key(made, "CLOUDFRONT"), LockToken=made["LockToken"])
    cloudfront.delete_distribution(Id=used["Distribution"]["Id"], IfMatch=used["ETag"])
    waf.delete_web_acl(**key(made, "CLOUDFRONT"), LockToken=made["LockToken"])


def test_an_ip_set_is_kept_while_a_rule_names_it(clients: Clients) -> None:
    waf = clients("wafv2")
    addresses = waf.create_ip_set(
        Name="a", Scope="REGIONAL", IPAddressVersion="IPV4", Addresses=["192.0.2.0/24"]
    )["Summary"]
    inner = {"IPSetReferenceStatement": {"ARN": addresses["ARN"]}}
    made = acl(waf, Rules=[rule("inside", {"NotStatement": {"Statement": inner}})])
    deletion = {**key(addresses), "LockToken": addresses["LockToken"]}

    with refused("WAFAssociatedItemException", 400):
        waf.delete_ip_set(**deletion)
    waf.delete_web_acl(**key(made), LockToken=made["LockToken"])
    waf.delete_ip_set(**deletion)


def test_logs_go_to_a_group_with_the_name_that_waf_wants(clients: Clients, account: str) -> None:
    waf, logs = clients("wafv2"), clients("logs")
    made = acl(waf)

    def put(group: str, arn: str = made["ARN"]) -> Any:
        destination = f"arn:aws:logs:{REGION}:{account}:log-group:{group}"
        redacted = [{"SingleHeader": {"Name": "authorization"}}]
        wanted = {"ResourceArn": arn, "LogDestinationConfigs": [destination]}
        return waf.put_logging_configuration(
            LoggingConfiguration={**wanted, "RedactedFields": redacted}
        )["LoggingConfiguration"]

    for group in ("other", "aws-waf-logs-a"):
        with refused("WAFInvalidParameterException", 400, "field: LOG_DESTINATION"):
            put(group)
        logs.create_log_group(logGroupName=group)
    with refused("WAFInvalidParameterException", 400, "field: LOG_DESTINATION"):
        put("other")
    with refused("WAFNonexistentItemException", 400):
        put("aws-waf-logs-a", f"{made['ARN']}0")
    assert put("aws-waf-logs-a")["RedactedFields"] == [{"SingleHeader": {"Name": "authorization"}}]
    waf.delete_web_acl(**key(made), LockToken=made["LockToken"])
    with refused("WAFNonexistentItemException", 400):
        waf.get_logging_configuration(ResourceArn=made["ARN"])
