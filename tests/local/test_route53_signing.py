"""DNSSEC, query logs and health checks of the Route53 extension."""

import base64
from typing import Any

import pytest

from ekp.local.route53.signing_key import KeySigningKey

from .conftest import REGION, Clients
from .edge import HOME, document, make_zone, statement
from .eks_cluster import refused

DOMAIN = "example.com"
SIGN = ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"]
LOG = ["logs:CreateLogStream", "logs:PutLogEvents"]


@pytest.fixture
def route53(clients: Clients) -> Any:
    return clients("route53")


@pytest.fixture
def zone(route53: Any) -> str:
    return make_zone(route53, DOMAIN)


def kms_key(clients: Clients, region: str = HOME, **settings: Any) -> str:
    wanted = {
        "KeySpec": "ECC_NIST_P256",
        "KeyUsage": "SIGN_VERIFY",
        "Policy": document(statement("dnssec-route53.amazonaws.com", SIGN)),
        **settings,
    }
    return str(clients("kms", region=region).create_key(**wanted)["KeyMetadata"]["Arn"])


def make_key(route53: Any, zone: str, arn: str, name: str = "main") -> Any:
    return route53.create_key_signing_key(
        CallerReference=name,
        HostedZoneId=zone,
        KeyManagementServiceArn=arn,
        Name=name,
        Status="ACTIVE",
    )["KeySigningKey"]


def test_a_key_gives_the_records_that_the_parent_zone_needs(
    clients: Clients, route53: Any, zone: str
) -> None:
    key = make_key(route53, zone, kms_key(clients))

    tag, algorithm, digest, value = key["DSRecord"].split()
    assert (int(tag), algorithm, digest, value) == (key["KeyTag"], "13", "2", key["DigestValue"])
    assert key["DNSKEYRecord"] == f"257 3 13 {key['PublicKey']}"
    assert len(value) == 64
    assert key["Status"] == "ACTIVE"


def test_a_zone_is_signed_and_unsigned(clients: Clients, route53: Any, zone: str) -> None:
    def state() -> str:
        return str(route53.get_dnssec(HostedZoneId=zone)["Status"]["ServeSignature"])

    key = {"HostedZoneId": zone, "Name": "main"}
    seen = [state()]
    with refused("KeySigningKeyWithActiveStatusNotFound", 400):
        route53.enable_hosted_zone_dnssec(HostedZoneId=zone)
    with refused("DNSSECNotFound", 400):
        route53.disable_hosted_zone_dnssec(HostedZoneId=zone)
    make_key(route53, zone, kms_key(clients))
    route53.enable_hosted_zone_dnssec(HostedZoneId=zone)
    seen.append(state())
    with refused("KeySigningKeyInUse", 400):
        route53.deactivate_key_signing_key(**key)
    with refused("InvalidKeySigningKeyStatus", 400, "current status is not INACTIVE"):
        route53.delete_key_signing_key(**key)
    with refused("HostedZoneNotEmpty", 400, "contains DNSSEC Key Signing Keys"):
        route53.delete_hosted_zone(Id=zone)
    route53.disable_hosted_zone_dnssec(HostedZoneId=zone)
    seen.append(state())
    route53.deactivate_key_signing_key(**key)
    route53.delete_key_signing_key(**key)
    route53.delete_hosted_zone(Id=zone)

    assert seen == ["NOT_SIGNING", "SIGNING", "NOT_SIGNING"]


def test_a_key_is_made_of_a_kms_key_that_route53_may_sign_with(
    clients: Clients, route53: Any, zone: str
) -> None:
    with refused("InvalidKMSArn", 400, "not a key in us-east-1"):
        make_key(route53, zone, kms_key(clients, REGION))
    with refused("InvalidKMSArn", 400, "ECC_NIST_P256"):
        make_key(route53, zone, kms_key(clients, KeySpec="RSA_2048"))
    with refused("InvalidKMSArn", 400, "did not grant all required permissions"):
        policy = document(statement("dnssec-route53.amazonaws.com", SIGN[:2]))
        make_key(route53, zone, kms_key(clients, Policy=policy))
    with refused("InvalidKeySigningKeyName", 400):
        make_key(route53, zone, kms_key(clients), "a-b")
    make_key(route53, zone, kms_key(clients))
    with refused("KeySigningKeyAlreadyExists", 409):
        make_key(route53, zone, kms_key(clients))
    make_key(route53, zone, kms_key(clients), "second")
    with refused("TooManyKeySigningKeys", 400):
        make_key(route53, zone, kms_key(clients), "third")
    with refused("NoSuchKeySigningKey", 404):
        route53.activate_key_signing_key(HostedZoneId=zone, Name="none")


def test_queries_are_logged_to_a_group_of_us_east_1_that_route53_may_write_to(
    clients: Clients, route53: Any, zone: str, account: str
) -> None:
    logs = clients("logs", region=HOME)
    arn = f"arn:aws:logs:us-east-1:{account}:log-group:/aws/route53/{DOMAIN}"

    def create() -> Any:
        return route53.create_query_logging_config(
            HostedZoneId=zone, CloudWatchLogsLogGroupArn=arn
        )["QueryLoggingConfig"]

    with refused("InsufficientCloudWatchLogsResourcePolicy", 400):
        create()
    policy = document(statement("route53.amazonaws.com", LOG, f"{arn}:*"))
    logs.put_resource_policy(policyName="route53", policyDocument=policy)
    with refused("NoSuchCloudWatchLogsLogGroup", 404):
        create()
    logs.create_log_group(logGroupName=f"/aws/route53/{DOMAIN}")
    made = create()
    with refused("QueryLoggingConfigAlreadyExists", 409):
        create()

    listed = route53.list_query_logging_configs(HostedZoneId=zone)["QueryLoggingConfigs"]
    assert listed == [made]
    assert made["CloudWatchLogsLogGroupArn"] == arn
    other = make_zone(route53, "example.org")
    assert route53.list_query_logging_configs(HostedZoneId=other)["QueryLoggingConfigs"] == []
    with refused("NoSuchHostedZone", 404):
        route53.list_query_logging_configs(HostedZoneId="none")


def alarm(clients: Clients, name: str, **settings: Any) -> dict[str, str]:
    wanted = {
        "AlarmName": name,
        "Namespace": "AWS/ApplicationELB",
        "MetricName": "HealthyHostCount",
        "Statistic": "Minimum",
        "Period": 60,
        "EvaluationPeriods": 2,
        "Threshold": 1,
        "ComparisonOperator": "LessThanThreshold",
        "Dimensions": [{"Name": "TargetGroup", "Value": "targetgroup/gateway/1"}],
        **settings,
    }
    clients("cloudwatch").put_metric_alarm(**wanted)
    return {"Region": REGION, "Name": name}


def test_a_health_check_follows_an_alarm(clients: Clients, route53: Any) -> None:
    wanted = {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": alarm(clients, "gateway"),
        "InsufficientDataHealthStatus": "Unhealthy",
    }

    made = route53.create_health_check(CallerReference="one", HealthCheckConfig=wanted)

    check = route53.get_health_check(HealthCheckId=made["HealthCheck"]["Id"])["HealthCheck"]
    assert check["HealthCheckConfig"] == {**wanted, "Inverted": False, "Disabled": False}
    followed = check["CloudWatchAlarmConfiguration"]
    assert (followed["Threshold"], followed["Period"]) == (1.0, 60)
    assert followed["Dimensions"][0]["Name"] == "TargetGroup"


def test_an_alarm_has_to_exist_and_to_watch_one_metric(clients: Clients, route53: Any) -> None:
    def create(identifier: dict[str, str]) -> None:
        wanted = {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": identifier}
        route53.create_health_check(CallerReference="one", HealthCheckConfig=wanted)

    with refused("InvalidInput", 400, "does not exist"):
        create({"Region": REGION, "Name": "none"})
    metric = {"MetricName": "a", "Namespace": "b"}
    query = {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
    clients("cloudwatch").put_metric_alarm(
        AlarmName="math",
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
        Metrics=[query],
    )
    with refused("InvalidInput", 400, "an alarm on one metric"):
        create({"Region": REGION, "Name": "math"})


def test_a_health_check_is_changed_in_versions(clients: Clients, route53: Any) -> None:
    wanted = {"Type": "HTTPS", "FullyQualifiedDomainName": DOMAIN, "ResourcePath": "/old"}
    made = route53.create_health_check(CallerReference="one", HealthCheckConfig=wanted)
    again = route53.create_health_check(CallerReference="one", HealthCheckConfig=wanted)
    id_ = made["HealthCheck"]["Id"]
    changed = route53.update_health_check(
        HealthCheckId=id_, Inverted=True, ResetElements=["ResourcePath"]
    )["HealthCheck"]

    assert again["HealthCheck"]["Id"] == id_
    assert made["HealthCheck"]["HealthCheckConfig"]["Port"] == 443
    assert changed["HealthCheckVersion"] == 2
    assert changed["HealthCheckConfig"]["Inverted"] is True
    assert "ResourcePath" not in changed["HealthCheckConfig"]
    with refused("HealthCheckVersionMismatch", 409):
        route53.update_health_check(HealthCheckId=id_, HealthCheckVersion=1, Inverted=False)
    with refused("HealthCheckAlreadyExists", 409):
        route53.create_health_check(
            CallerReference="one", HealthCheckConfig={**wanted, "ResourcePath": "/new"}
        )
    route53.delete_health_check(HealthCheckId=id_)
    with refused("NoSuchHealthCheck", 404):
        route53.delete_health_check(HealthCheckId=id_)
    with refused("InvalidInput", 400):
        route53.create_health_check(
            CallerReference="two",
            HealthCheckConfig={"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": alarm(clients, "x")}
            | {"Type": "PING"},
        )


def test_the_records_of_a_key_are_those_of_rfc_6605() -> None:
    point = (
        "GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA=="
    )
    key = KeySigningKey("example.net.", "main", "arn", base64.b64decode(point), "ACTIVE", "one")

    assert key.ds_record == (
        "55648 13 2 B4C8C1FE2E7477127B27115656AD6256F424625BF5C1E2770CE6D6E37DF61D17"
    )
