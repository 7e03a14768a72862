"""The way to the regions as it is deployed on the local AWS."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from ekp.configured.reading import every

from .alarms import alarm, health_check
from .served import Served, listed

Client = Callable[..., Any]


@dataclass(frozen=True)
class Deployed:
    """The way to the regions as it is deployed."""

    client: Client
    zone: str
    name: str
    """The name with a record for each region."""
    alarms: Mapping[str, str]
    """Region -> name of its alarm."""
    checks: Mapping[str, str]
    """Region -> id of its health check."""
    networks: Mapping[str, IPv4Network]
    """Region -> addresses of its load balancer."""


def find(served: Served, aws: Mapping[str, str]) -> Deployed | str:
    """Return the deployed way to the regions, or why it is not there."""
    from ekp.local.route53.addresses import network  # noqa: PLC0415 - an extra has the local AWS

    from .local_clients import clients  # noqa: PLC0415 - as above

    stack = served.records[0][0].stack
    client = clients(aws, stack.deploy_roles[0])
    domains = [str(one.body["name"]) for one in every(served.configured.stacks, "aws_route53_zone")]
    name = served.records[0][1].name
    here = [
        zone["Id"].rpartition("/")[2]
        for zone in client("route53").list_hosted_zones()["HostedZones"]
        if zone["Name"].rstrip(".") in domains
    ]
    if not here:
        return f"Zone {listed(domains)} is not on the local AWS."
    records = client("route53").list_resource_record_sets(
        HostedZoneId=here[0], StartRecordName=name, StartRecordType="A"
    )["ResourceRecordSets"]
    found = {
        one["SetIdentifier"]: one
        for one in records
        if one["Name"] == f"{name}." and one["Type"] == "A" and "SetIdentifier" in one
    }
    alarms = _alarms(served)
    missing = [region for region in served.regions if region not in found]
    if missing:
        return f"Record {name} of {listed(missing)} is not on the local AWS."
    bare = [
        region
        for region in served.regions
        if region not in alarms or "HealthCheckId" not in found[region]
    ]
    if bare:
        return f"Record {name} of {listed(bare)} has no health check with an alarm to set."
    return Deployed(
        client=client,
        zone=here[0],
        name=name,
        alarms=alarms,
        checks={region: found[region]["HealthCheckId"] for region in served.regions},
        networks={
            region: network(found[region]["AliasTarget"]["DNSName"]) for region in served.regions
        },
    )


def _alarms(served: Served) -> dict[str, str]:
    names = {}
    for resource, record in served.records:
        check = health_check(served, resource)
        follows = alarm(served, check) if check else None
        if follows is not None:
            names[record.region] = str(follows.body["alarm_name"])
    return names
