"""The part of the drill ``region-down`` that runs on a local AWS, on a way in made by hand."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ekp.configured.environment import Configured
from ekp.drill.region_down import local
from ekp.drill.region_down.local_clients import clients
from ekp.drill.region_down.served import Served
from ekp.drill.report import Outcome
from ekp.local.environment import variables
from ekp.local.process import throwaway

REGIONS = ("eu-west-1", "us-east-1")
ROLE = "arn:aws:iam::333333333333:role/ekp-deploy"
BEFORE = "On the local AWS clients of every continent are answered before anything is broken."


@pytest.fixture(scope="module")
def aws() -> Iterator[Mapping[str, str]]:
    """Variables that lead to a local AWS with nothing in it."""
    with throwaway() as running:
        yield variables(running.endpoint)


@pytest.fixture(scope="module")
def deployed(aws: Mapping[str, str]) -> Any:
    """Make the zone and the ways to both regions as production has them; give the clients."""
    client = clients(aws, ROLE)
    route53 = client("route53")
    made = route53.create_hosted_zone(Name="prod.ekp.example", CallerReference="test")
    changes = []
    for region, short in zip(REGIONS, ("euw1", "use1"), strict=True):
        client("cloudwatch", region).put_metric_alarm(
            AlarmName=f"ekp-prod-{short}-gateway-healthy",
            Namespace="AWS/ApplicationELB",
            MetricName="HealthyHostCount",
            Statistic="Maximum",
            ComparisonOperator="LessThanThreshold",
            Threshold=1,
            EvaluationPeriods=2,
            Period=60,
        )
        alarm = {"Region": region, "Name": f"ekp-prod-{short}-gateway-healthy"}
        check = route53.create_health_check(
            CallerReference=region,
            HealthCheckConfig={"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": alarm},
        )["HealthCheck"]["Id"]
        changes.append(record(client, region, check))
    route53.change_resource_record_sets(
        HostedZoneId=made["HostedZone"]["Id"], ChangeBatch={"Changes": changes}
    )
    return client


def record(client: Any, region: str, check: str) -> dict[str, Any]:
    """Make a load balancer in a region, and return the change that leads to it."""
    ec2 = client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{place}.0/24", AvailabilityZone=f"{region}{zone}"
        )["Subnet"]["SubnetId"]
        for place, zone in enumerate("ab")
    ]
    (balancer,) = client("elbv2", region).create_load_balancer(Name="alb", Subnets=subnets)[
        "LoadBalancers"
    ]
    target = {
        "HostedZoneId": balancer["CanonicalHostedZoneId"],
        "DNSName": balancer["DNSName"],
        "EvaluateTargetHealth": False,
    }
    return {
        "Action": "CREATE",
        "ResourceRecordSet": {
            "Name": "origin.prod.ekp.example",
            "Type": "A",
            "SetIdentifier": region,
            "Region": region,
            "HealthCheckId": check,
            "AliasTarget": target,
        },
    }


def states(client: Any) -> list[str]:
    """Return the state of each region's alarm."""
    return [
        alarm["StateValue"]
        for region in REGIONS
        for alarm in client("cloudwatch", region).describe_alarms()["MetricAlarms"]
    ]


@pytest.mark.requirement("R27")
@pytest.mark.requirement("R04")
def test_answers_leave_a_region_while_its_alarm_fires_and_come_back(
    prod: Configured, aws: Mapping[str, str], deployed: Any
) -> None:
    found = {check.must: check for check in local.checks(Served.of(prod), aws)}

    assert {check.outcome for check in found.values()} == {Outcome.PASSED}
    assert found[BEFORE].observed == "Europe to eu-west-1, North America to us-east-1"
    for lost, left in (REGIONS, REGIONS[::-1]):
        check = found[
            f"On the local AWS users leave {lost} while its alarm is in ALARM, and come back."
        ]
        assert f"then: Europe to {left}, North America to {left}" in check.observed
        assert "Failure: the alarm is in state ALARM" in check.observed
    assert states(deployed) == ["OK", "OK"]


def test_an_alarm_is_set_back_whatever_happens(
    prod: Configured, aws: Mapping[str, str], deployed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def breaks(*_: object) -> str:
        seen.append(states(deployed))
        raise RuntimeError("no answer")

    monkeypatch.setattr(local, "_status", breaks)
    with pytest.raises(RuntimeError, match="no answer"):
        local.checks(Served.of(prod), aws)

    assert seen == [["ALARM", "OK"]]
    assert states(deployed) == ["OK", "OK"]


def test_a_local_aws_without_the_environment_is_not_looked_at(prod: Configured) -> None:
    with throwaway() as empty:
        (check,) = local.checks(Served.of(prod), variables(empty.endpoint))

    assert check.outcome is Outcome.SKIPPED
    assert check.remedy == "`ekp deploy prod --local`"


@pytest.mark.parametrize("endpoint", ["", "https://route53.amazonaws.com", "http://192.0.2.1:5000"])
def test_nothing_but_loopback_is_called(prod: Configured, endpoint: str) -> None:
    (check,) = local.checks(Served.of(prod), {**variables(endpoint)})

    assert check.outcome is Outcome.FAILED
    assert "not on this machine" in check.observed
