"""The same on the local AWS: the alarm of a region is set, and Route 53's answers are looked at.

There Route 53 follows the alarm's state, since nothing sends figures; on AWS it follows the
figures, and setting the state moves nobody (see :mod:`.alarms`).
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from ipaddress import ip_address

from ekp.drill.place import on_loopback
from ekp.drill.report import Check, failed, holds, skipped

from .clients import CONTINENTS
from .deployed import Deployed, find
from .served import Served

RESOLVERS: Mapping[str, str] = {"Europe": "193.0.0.1", "North America": "8.8.8.8"}
"""A continent, and a resolver's address that its registry of addresses gave out."""
MUST = "On the local AWS Route 53 moves users when a region's alarm fires, and back."
Answers = dict[str, str]
"""Continent -> the region that a resolver there is led to."""


def checks(served: Served, aws: Mapping[str, str]) -> list[Check]:
    """Return what happens on the local AWS as each region's alarm fires.

    Whatever happens, every alarm is set back.

    Args:
        served: The regions, at least one.
        aws: Variables that lead to the local AWS.
    """
    environment = served.configured.environment
    endpoint = str(aws.get("AWS_ENDPOINT_URL", ""))
    if not on_loopback(endpoint):
        return [
            failed(
                MUST,
                f"The endpoint {endpoint or 'of AWS itself'} is not on this machine: not called.",
                remedy="Lead AWS_ENDPOINT_URL to the local AWS: `ekp local status`.",
            )
        ]
    if find_spec("boto3") is None:
        return [
            skipped(
                MUST,
                "boto3 is not installed.",
                remedy="`pip install 'enterprise-eks-platform[local]'`",
            )
        ]
    deployed = find(served, aws)
    if isinstance(deployed, str):
        return [skipped(MUST, deployed, remedy=f"`ekp deploy {environment} --local`")]
    before = _answers(deployed)
    near = {continent: region for continent, region in before.items() if region in served.regions}
    found = [
        holds(
            len(near) == len(CONTINENTS),
            "On the local AWS clients of every continent are answered before anything is broken.",
            _told(before),
            [deployed.name],
            remedy="See what `ekp traffic` says of the records.",
        )
    ]
    return [*found, *(_break(deployed, region, before) for region in served.regions)]


def _break(deployed: Deployed, region: str, before: Answers) -> Check:
    with _alarm(deployed, region):
        status = _status(deployed, region)
        during = _answers(deployed)
    after = _answers(deployed)
    return holds(
        status.startswith("Failure")
        and not {region, "nobody"} & {*during.values()}
        and after == before,
        f"On the local AWS users leave {region} while its alarm is in ALARM, and come back.",
        f"Alarm {deployed.alarms[region]} in ALARM; health check {deployed.checks[region]}: "
        f"{status}. Before: {_told(before)}; then: {_told(during)}; in OK again: {_told(after)}. "
        "(On AWS it is the figures that Route 53 follows, not the state that somebody sets.)",
        [deployed.name, deployed.alarms[region]],
        remedy=f"See the checks of the alarm and the health check of {region} above.",
    )


@contextmanager
def _alarm(deployed: Deployed, region: str) -> Iterator[None]:
    """Let a region's alarm fire for a while."""
    client = deployed.client("cloudwatch", region)
    name = deployed.alarms[region]
    found = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    state = found[0]["StateValue"] if found else "OK"
    try:
        client.set_alarm_state(
            AlarmName=name, StateValue="ALARM", StateReason="drill region-down: the region is lost"
        )
        yield
    finally:
        client.set_alarm_state(
            AlarmName=name, StateValue=state, StateReason="drill region-down: it is over"
        )


def _status(deployed: Deployed, region: str) -> str:
    found = deployed.client("route53").get_health_check_status(
        HealthCheckId=deployed.checks[region]
    )["HealthCheckObservations"]
    return str(found[0]["StatusReport"]["Status"])


def _answers(deployed: Deployed) -> Answers:
    route53 = deployed.client("route53")
    return {
        continent: _region(
            deployed,
            route53.test_dns_answer(
                HostedZoneId=deployed.zone,
                RecordName=deployed.name,
                RecordType="A",
                ResolverIP=RESOLVERS[continent],
            )["RecordData"],
        )
        for continent in CONTINENTS
    }


def _region(deployed: Deployed, values: Iterable[str]) -> str:
    """Return the region whose load balancer has all of some addresses."""
    found = [ip_address(value) for value in values]
    for region, network in deployed.networks.items():
        if found and all(one in network for one in found):
            return region
    return "nobody"


def _told(answers: Answers) -> str:
    return ", ".join(f"{continent} to {region}" for continent, region in answers.items())
