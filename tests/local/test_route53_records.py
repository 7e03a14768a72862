"""Zones and record sets of the Route53 extension."""

from typing import Any

import pytest

from .conftest import REGION, Clients
from .edge import change, make_zone, plain
from .eks_cluster import refused

DOMAIN = "example.com"
CLOUDFRONT = {"HostedZoneId": "Z2FDTNDATAQYW2", "DNSName": "d1.cloudfront.net"}


@pytest.fixture
def route53(clients: Clients) -> Any:
    return clients("route53")


@pytest.fixture
def zone(route53: Any) -> str:
    return make_zone(route53, DOMAIN)


def records(route53: Any, zone: str) -> list[dict[str, Any]]:
    """Give the records of a zone without its own two."""
    found = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return [item for item in found if item["Type"] not in ("NS", "SOA")]


def alias(name: str, target: dict[str, str], *, health: bool = False) -> dict[str, Any]:
    return {"Name": name, "Type": "A", "AliasTarget": {**target, "EvaluateTargetHealth": health}}


def weighted(identifier: str, weight: int, kind: str = "A", **more: Any) -> dict[str, Any]:
    address = "192.0.2.1" if kind == "A" else "2001:db8::1"
    record = plain(f"w.{DOMAIN}", address, kind=kind)
    return {**record, "SetIdentifier": identifier, "Weight": weight, **more}


def latency(identifier: str, region: str) -> dict[str, Any]:
    return {**plain(f"l.{DOMAIN}", "192.0.2.1"), "SetIdentifier": identifier, "Region": region}


def test_every_zone_has_name_servers_of_its_own_in_its_records(route53: Any) -> None:
    zones = [make_zone(route53, name) for name in (DOMAIN, f"a.{DOMAIN}")]
    servers = [route53.get_hosted_zone(Id=id_)["DelegationSet"]["NameServers"] for id_ in zones]
    listed = route53.list_resource_record_sets(HostedZoneId=zones[0])["ResourceRecordSets"]

    assert len(servers[0]) == 4
    assert set(servers[0]).isdisjoint(servers[1])
    assert [item["Type"] for item in listed] == ["NS", "SOA"]
    values = [item["Value"] for item in listed[0]["ResourceRecords"]]
    assert values == [f"{server}." for server in servers[0]]
    assert listed[1]["ResourceRecords"][0]["Value"].startswith(values[0])


def test_records_come_back_with_every_policy(route53: Any, zone: str) -> None:
    sent = [
        alias(f"{DOMAIN}.", {**CLOUDFRONT, "DNSName": "d1.cloudfront.net."}),
        plain(f"{DOMAIN}.", '0 issue "amazon.com"', kind="CAA"),
        {**plain(f"f.{DOMAIN}.", "192.0.2.1"), "SetIdentifier": "p", "Failover": "PRIMARY"},
        {**latency("eu", "eu-west-1"), "Name": f"l.{DOMAIN}."},
        {**weighted("one", 0), "Name": f"w.{DOMAIN}."},
    ]

    change(route53, zone, *[("CREATE", record) for record in sent])

    assert records(route53, zone) == sent


def test_a_star_comes_back_as_its_code_and_is_found_by_both(route53: Any, zone: str) -> None:
    change(route53, zone, ("CREATE", plain(f"*.{DOMAIN}", "192.0.2.1")))

    for name in (f"*.{DOMAIN}", f"\\052.{DOMAIN}"):
        found = route53.list_resource_record_sets(
            HostedZoneId=zone, StartRecordName=name, StartRecordType="A", MaxItems="1"
        )["ResourceRecordSets"]
        assert [item["Name"] for item in found] == [f"\\052.{DOMAIN}."]


def test_a_list_goes_on_where_the_page_before_ended(route53: Any, zone: str) -> None:
    change(route53, zone, *[("CREATE", weighted(str(index), index)) for index in range(5)])

    pages = route53.get_paginator("list_resource_record_sets").paginate(
        HostedZoneId=zone, PaginationConfig={"PageSize": 2}
    )

    found = [item.get("SetIdentifier") for page in pages for item in page["ResourceRecordSets"]]
    assert found == [None, None, "0", "1", "2", "3", "4"]


def test_a_deletion_takes_one_record_and_leaves_those_with_the_same_identifier(
    route53: Any, zone: str
) -> None:
    kept = [weighted("one", 1, "AAAA"), weighted("two", 2), {**latency("one", REGION)}]
    change(route53, zone, *[("CREATE", record) for record in [weighted("one", 1), *kept]])

    change(route53, zone, ("DELETE", weighted("one", 1)))

    left = {(item["Name"], item["Type"], item["SetIdentifier"]) for item in records(route53, zone)}
    assert left == {(f"{item['Name']}.", item["Type"], item["SetIdentifier"]) for item in kept}


def test_a_batch_changes_all_or_nothing(route53: Any, zone: str) -> None:
    change(route53, zone, ("CREATE", plain(f"old.{DOMAIN}", "192.0.2.1")))
    old, new = (plain(f"{name}.{DOMAIN}", "192.0.2.1") for name in ("old", "new"))

    with refused("InvalidChangeBatch", 400, "name='old.example.com.', type='A'. but it already"):
        change(route53, zone, ("CREATE", new), ("CREATE", old))

    assert [item["Name"] for item in records(route53, zone)] == [f"old.{DOMAIN}."]


def test_a_deletion_names_what_is_there(route53: Any, zone: str) -> None:
    record = plain(f"a.{DOMAIN}", "192.0.2.1")
    with refused("InvalidChangeBatch", 400, "but it was not found"):
        change(route53, zone, ("DELETE", record))
    change(route53, zone, ("CREATE", record))
    with refused("InvalidChangeBatch", 400, "values provided do not match"):
        change(route53, zone, ("DELETE", plain(f"a.{DOMAIN}", "192.0.2.9")))
    change(route53, zone, ("DELETE", record))
    assert records(route53, zone) == []


def test_records_outside_the_zone_and_bad_names_are_refused(route53: Any, zone: str) -> None:
    with refused("InvalidChangeBatch", 400, "not permitted in zone example.com."):
        change(route53, zone, ("CREATE", plain("a.notexample.com", "192.0.2.1")))
    with refused("InvalidChangeBatch", 400, "not permitted at apex"):
        change(route53, zone, ("CREATE", plain(DOMAIN, "a.example.org", kind="CNAME")))
    change(route53, zone, ("CREATE", plain(f"a.{DOMAIN}", "192.0.2.1")))
    with refused("InvalidChangeBatch", 400, "conflicts with other records"):
        change(route53, zone, ("CREATE", plain(f"a.{DOMAIN}", "b.example.org", kind="CNAME")))


def test_records_of_one_name_share_one_policy(route53: Any, zone: str) -> None:
    def create(record: dict[str, Any]) -> None:
        change(route53, zone, ("CREATE", record))

    create(weighted("one", 1))
    create(latency("one", REGION))
    with refused("InvalidChangeBatch", 400, "other RRSets exist with the same name and type"):
        create(plain(f"w.{DOMAIN}", "192.0.2.1"))
    with refused("InvalidChangeBatch", 400, "a non-latency set exists"):
        create({**latency("two", REGION), "Name": f"w.{DOMAIN}"})
    with refused("InvalidChangeBatch", 400, "weighted sets must contain the same TTL"):
        create(weighted("two", 1, TTL=30))
    with refused("InvalidChangeBatch", 400, "a latency RRSet with the same name, type and region"):
        create(latency("two", REGION))
    with refused("InvalidInput", 400, "GeoLocation, or MultiValueAnswer., but found none"):
        create({**plain(f"x.{DOMAIN}", "192.0.2.1"), "SetIdentifier": "one"})
    with refused("InvalidInput", 400, "AliasTarget, all of .TTL, and ResourceRecords."):
        create({"Name": f"x.{DOMAIN}", "Type": "A"})


def test_an_alias_has_a_target_that_it_can_have(route53: Any, zone: str) -> None:
    def create(record: dict[str, Any]) -> None:
        change(route53, zone, ("CREATE", record))

    inside = {"HostedZoneId": zone, "DNSName": f"w.{DOMAIN}"}
    with refused("InvalidChangeBatch", 400, "that target was not found"):
        create(alias(f"a.{DOMAIN}", inside, health=True))
    with refused("InvalidChangeBatch", 400, "EvaluateTargetHealth cannot be true"):
        create(alias(f"a.{DOMAIN}", CLOUDFRONT, health=True))
    with refused("InvalidChangeBatch", 400, "lie within the target zone"):
        create(alias(f"a.{DOMAIN}", {**CLOUDFRONT, "DNSName": "a.example.org"}))
    create(weighted("one", 1))
    create(alias(f"a.{DOMAIN}", inside, health=True))


def test_a_record_follows_a_health_check_that_exists(route53: Any, zone: str) -> None:
    with refused("NoSuchHealthCheck", 404):
        change(route53, zone, ("CREATE", weighted("one", 1, HealthCheckId="none")))


def test_a_zone_with_records_is_not_deleted(route53: Any, zone: str) -> None:
    delegation = plain(f"sub.{DOMAIN}", "ns1.example.org.", kind="NS")
    change(route53, zone, ("CREATE", delegation))

    with refused("HostedZoneNotEmpty", 400):
        route53.delete_hosted_zone(Id=zone)
    change(route53, zone, ("DELETE", delegation))
    route53.delete_hosted_zone(Id=zone)

    with refused("NoSuchHostedZone", 404):
        route53.get_hosted_zone(Id=zone)


def test_a_zone_keeps_its_own_records(route53: Any, zone: str) -> None:
    own = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]

    with refused("InvalidChangeBatch", 400, "at least one NS record"):
        change(route53, zone, ("DELETE", own[0]))
    with refused("InvalidChangeBatch", 400, "exactly one SOA record"):
        change(route53, zone, ("DELETE", own[1]))


def test_a_zone_is_made_once_for_a_caller_reference(route53: Any, zone: str) -> None:
    assert zone
    with refused("HostedZoneAlreadyExists", 409):
        make_zone(route53, DOMAIN)
