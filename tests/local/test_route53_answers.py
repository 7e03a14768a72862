"""What the Route 53 extension answers: health of alarms, routing policies, aliases, wildcards."""

from ipaddress import ip_address
from typing import Any

import pytest

from ekp.local.route53.addresses import network

from .conftest import Clients
from .edge import change, make_zone, plain
from .eks_cluster import refused

DOMAIN = "example.com"
EUROPE, AMERICA = "193.0.0.1", "8.8.8.8"
REGIONS = ("eu-west-1", "us-east-1")


@pytest.fixture
def route53(clients: Clients) -> Any:
    return clients("route53")


@pytest.fixture
def zone(route53: Any) -> str:
    return make_zone(route53, DOMAIN)


def alarm(clients: Clients, region: str) -> str:
    """Make an alarm in a region, and give its name."""
    clients("cloudwatch", region=region).put_metric_alarm(
        AlarmName="gateway",
        Namespace="AWS/ApplicationELB",
        MetricName="HealthyHostCount",
        Statistic="Maximum",
        ComparisonOperator="LessThanThreshold",
        Threshold=1,
        EvaluationPeriods=2,
        Period=60,
    )
    return "gateway"


def check(clients: Clients, region: str, **settings: Any) -> str:
    """Make a health check of a region's alarm, and give its id."""
    config = {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": {"Region": region, "Name": alarm(clients, region)},
        **settings,
    }
    made = clients("route53").create_health_check(
        CallerReference=f"{region}-{settings}", HealthCheckConfig=config
    )
    return str(made["HealthCheck"]["Id"])


def make_balancer(clients: Clients, region: str) -> Any:
    """Make a load balancer in two zones of a region."""
    ec2 = clients("ec2", region=region)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{place}.0/24", AvailabilityZone=f"{region}{zone}"
        )["Subnet"]["SubnetId"]
        for place, zone in enumerate("ab")
    ]
    elb = clients("elbv2", region=region)
    return elb.create_load_balancer(Name="alb", Subnets=subnets)["LoadBalancers"][0]


def set_state(clients: Clients, region: str, state: str) -> None:
    cloudwatch = clients("cloudwatch", region=region)
    cloudwatch.set_alarm_state(AlarmName="gateway", StateValue=state, StateReason="test")


def status(route53: Any, check_id: str) -> str:
    found = route53.get_health_check_status(HealthCheckId=check_id)["HealthCheckObservations"]
    return str(found[0]["StatusReport"]["Status"])


def answer(route53: Any, zone: str, name: str, resolver: str = EUROPE, **more: str) -> Any:
    asked = {"RecordName": name, "RecordType": "A", "ResolverIP": resolver, **more}
    return route53.test_dns_answer(HostedZoneId=zone, **asked)


def values(route53: Any, zone: str, name: str, resolver: str = EUROPE, **more: str) -> list[str]:
    return list(answer(route53, zone, name, resolver, **more)["RecordData"])


def test_a_check_of_an_alarm_follows_its_state(clients: Clients, route53: Any) -> None:
    id_ = check(clients, "us-east-1")
    seen = []
    for state in ("OK", "ALARM", "OK"):
        set_state(clients, "us-east-1", state)
        seen.append(status(route53, id_))

    assert seen == [
        "Success: the alarm is in state OK",
        "Failure: the alarm is in state ALARM",
        "Success: the alarm is in state OK",
    ]


@pytest.mark.parametrize(
    ("settings", "state", "word"),
    [
        ({"InsufficientDataHealthStatus": "Healthy"}, "INSUFFICIENT_DATA", "Success"),
        ({"InsufficientDataHealthStatus": "Unhealthy"}, "INSUFFICIENT_DATA", "Failure"),
        ({"Inverted": True}, "ALARM", "Success"),
        ({"Disabled": True}, "ALARM", "Success"),
        ({"Disabled": True, "Inverted": True}, "OK", "Failure"),
    ],
)
def test_what_a_check_says_hangs_on_its_settings(
    clients: Clients, route53: Any, settings: dict[str, Any], state: str, word: str
) -> None:
    id_ = check(clients, "eu-west-1", **settings)
    set_state(clients, "eu-west-1", state)

    assert status(route53, id_).startswith(word)


@pytest.mark.parametrize(("before", "word"), [("OK", "Success"), ("ALARM", "Failure")])
def test_without_data_the_last_known_status_stays(
    clients: Clients, route53: Any, before: str, word: str
) -> None:
    id_ = check(clients, "eu-west-1", InsufficientDataHealthStatus="LastKnownStatus")
    for state in (before, "INSUFFICIENT_DATA", "INSUFFICIENT_DATA"):
        set_state(clients, "eu-west-1", state)

    assert status(route53, id_).startswith(word)


def test_the_nearest_healthy_region_answers_and_all_where_none_is_healthy(
    clients: Clients, route53: Any, zone: str
) -> None:
    """An alias of a wildcard to a latency group, whose records lead to load balancers."""
    networks = {}
    for region in REGIONS:
        id_ = check(clients, region)
        balancer = make_balancer(clients, region)
        networks[region] = network(balancer["DNSName"])
        target = {"HostedZoneId": balancer["CanonicalHostedZoneId"], "EvaluateTargetHealth": False}
        record = {
            "Name": f"origin.{DOMAIN}",
            "Type": "A",
            "SetIdentifier": region,
            "Region": region,
            "HealthCheckId": id_,
            "AliasTarget": {**target, "DNSName": balancer["DNSName"]},
        }
        change(route53, zone, ("CREATE", record))
    target = {"HostedZoneId": zone, "DNSName": f"origin.{DOMAIN}", "EvaluateTargetHealth": True}
    change(route53, zone, ("CREATE", {"Name": f"*.{DOMAIN}", "Type": "A", "AliasTarget": target}))

    def regions() -> list[str]:
        """Give the regions whose addresses a European and an American resolver get."""
        told = []
        for resolver in (EUROPE, AMERICA):
            found = values(route53, zone, f"shop.{DOMAIN}", resolver)
            assert len(found) == 2
            told += [
                region
                for region in REGIONS
                if all(ip_address(address) in networks[region] for address in found)
            ]
        return told

    assert regions() == ["eu-west-1", "us-east-1"]
    set_state(clients, "eu-west-1", "ALARM")
    assert regions() == ["us-east-1", "us-east-1"]
    set_state(clients, "us-east-1", "ALARM")
    assert regions() == ["eu-west-1", "us-east-1"]
    set_state(clients, "eu-west-1", "OK")
    assert regions() == ["eu-west-1", "eu-west-1"]


def test_the_client_s_network_counts_before_the_resolver_s(route53: Any, zone: str) -> None:
    for region, address in zip(REGIONS, ("192.0.2.1", "192.0.2.2"), strict=True):
        record = {**plain(f"l.{DOMAIN}", address), "SetIdentifier": region, "Region": region}
        change(route53, zone, ("CREATE", record))

    assert values(route53, zone, f"l.{DOMAIN}", AMERICA) == ["192.0.2.2"]
    assert values(route53, zone, f"l.{DOMAIN}", AMERICA, EDNS0ClientSubnetIP=EUROPE) == [
        "192.0.2.1"
    ]
    assert values(route53, zone, f"l.{DOMAIN}", "2a00:1450::1") == ["192.0.2.1"]


def test_the_secondary_answers_while_the_primary_is_unhealthy(
    clients: Clients, route53: Any, zone: str
) -> None:
    id_ = check(clients, "eu-west-1")
    for role, address, more in (
        ("PRIMARY", "192.0.2.1", {"HealthCheckId": id_}),
        ("SECONDARY", "192.0.2.2", {}),
    ):
        record = {**plain(f"f.{DOMAIN}", address), "SetIdentifier": role, "Failover": role, **more}
        change(route53, zone, ("CREATE", record))

    assert values(route53, zone, f"f.{DOMAIN}") == ["192.0.2.1"]
    set_state(clients, "eu-west-1", "ALARM")
    assert values(route53, zone, f"f.{DOMAIN}") == ["192.0.2.2"]


def test_weight_0_answers_only_where_no_other_is_healthy(
    clients: Clients, route53: Any, zone: str
) -> None:
    id_ = check(clients, "eu-west-1")
    for identifier, weight, address, more in (
        ("a", 10, "192.0.2.1", {"HealthCheckId": id_}),
        ("b", 0, "192.0.2.2", {}),
    ):
        record = {**plain(f"w.{DOMAIN}", address), "SetIdentifier": identifier, "Weight": weight}
        change(route53, zone, ("CREATE", {**record, **more}))

    assert values(route53, zone, f"w.{DOMAIN}") == ["192.0.2.1"]
    set_state(clients, "eu-west-1", "ALARM")
    assert values(route53, zone, f"w.{DOMAIN}") == ["192.0.2.2"]


def test_a_name_that_exists_hides_the_wildcard(route53: Any, zone: str) -> None:
    change(
        route53,
        zone,
        ("CREATE", plain(f"*.{DOMAIN}", "192.0.2.1")),
        ("CREATE", plain(f"a.b.{DOMAIN}", "192.0.2.2")),
        ("CREATE", plain(f"text.{DOMAIN}", '"x"', kind="TXT")),
        ("CREATE", plain(f"below.{DOMAIN}", "ns.example.net.", kind="NS")),
    )
    told = {
        name: (found["ResponseCode"], found["RecordData"])
        for name in ("x", "x.y", "b", "z.b", "text", "below", "x.below")
        for found in [answer(route53, zone, f"{name}.{DOMAIN}")]
    }

    wild = ("NOERROR", ["192.0.2.1"])
    nothing: tuple[str, list[str]] = ("NOERROR", [])
    assert told == {
        "x": wild,
        "x.y": wild,
        "b": nothing,
        "z.b": ("NXDOMAIN", []),
        "text": nothing,
        "below": nothing,
        "x.below": nothing,
    }
    assert answer(route53, zone, "example.org")["ResponseCode"] == "REFUSED"


def test_an_answer_for_an_address_that_is_none_is_refused(route53: Any, zone: str) -> None:
    with refused("InvalidInput", 400, "does not appear to be an IPv4 or IPv6 address"):
        answer(route53, zone, DOMAIN, "here")
