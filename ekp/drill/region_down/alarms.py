"""What notices that a region is lost: the alarm of its gateway, and the health check on it.

Route 53 follows the figures that the alarm watches, not the alarm's state: setting the state by
hand moves nobody. Source: Route 53 developer guide, "How Route 53 determines the status of health
checks that monitor CloudWatch alarms".
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ekp.configured.reading import Resource
from ekp.drill.report import Check, holds, noted
from ekp.traffic.records import Routing

from .served import Alias, Served, called

ALARM = "CLOUDWATCH_METRIC"
# SampleCount counts reports, and Minimum the zone that has fewest: one lost zone would take the
# region away. Source: Elastic Load Balancing user guide, "CloudWatch metrics".
_COUNTS = ("Maximum", "Average", "Sum")
REMEDY = (
    "`regions[{region}].ingress.health` has the figures of the alarm and the health check that "
    "ingress makes for every record: synthesize {environment}-{region}-ingress anew."
)


def checks(served: Served, region: str) -> list[Check]:
    """Return whether Route 53 notices that a region is lost."""
    found = served.of_region(region)
    by = [record.path for record, _ in found]
    remedy = REMEDY.format(region=region, environment=served.configured.environment)
    watched = [fault for one in found for fault in _unwatched(served, region, one)]
    silent = [fault for one in found for fault in _silent(served, region, one)]
    return [
        holds(
            not watched,
            f"Route 53 watches the gateway of {region}, and takes {region} out of its answers.",
            " ".join(watched) or _what(served, region),
            [*by, *_makers(served, found)],
            remedy=remedy,
        ),
        holds(
            not silent,
            f"While nothing is heard from {region}, it counts as lost.",
            " ".join(silent)
            or "Missing figures breach the alarm (treat_missing_data = breaching); where Route 53 "
            "gets none at all, the health check is Unhealthy.",
            _makers(served, found),
            remedy=remedy,
        ),
    ]


def shards(served: Served, region: str) -> Check | None:
    """Return whether Route 53 notices the loss of shards alone; None: there are none."""
    found = unwatched(served, region)
    if not found:
        return None
    return noted(
        f"Users are led away from {region} when a shard alone is lost there.",
        f"Not watched: {', '.join(found)}. While all pods of such a shard are dead in a region "
        "whose gateway is well, its hosts fail there and DNS stays.",
        *found,
        remedy="Keep a shard's hosts at the gateway, or take the region out by hand: "
        "`regions[...].ingress.share.serving` = False (docs/guides/region-out.md).",
    )


def health_check(served: Served, found: Resource) -> Resource | None:
    """Return the health check of a record."""
    return served.configured.reader.referred(found.stack, found.body.get("health_check_id"))


def alarm(served: Served, check: Resource) -> Resource | None:
    """Return the alarm that a health check follows."""
    return served.configured.reader.referred(check.stack, check.body.get("cloudwatch_alarm_name"))


def unwatched(served: Served, region: str) -> list[str]:
    """Return the names of the target groups whose loss moves nobody."""
    gateway = served.gateway(region)
    names = {
        called(group)
        for record, _ in served.of_region(region)
        if (balancer := served.balancer(record))
        for group in served.sent_to(balancer)
        if gateway is None or group.key != gateway.key
    }
    return sorted(names)


def _unwatched(served: Served, region: str, alias: Alias) -> Iterator[str]:
    resource, record = alias
    name = f"Record {record.name} {record.kind} of {region}"
    if record.routing is Routing.SIMPLE:
        yield f"{name} has no routing policy, so nothing is answered in its place."
    check = health_check(served, resource)
    if check is None:
        yield f"{name} has no health check: it is answered whatever happens to the region."
        return
    if check.body.get("type") != ALARM:
        yield f"{name} has a health check of type {check.body.get('type')}, which is not judged."
        return
    for setting in ("disabled", "invert_healthcheck"):
        if check.body.get(setting):
            yield f"The health check of {name} has {setting}."
    follows = alarm(served, check)
    if follows is None or follows.stack.id != resource.stack.id:
        yield (
            f"The health check of {name} follows the alarm "
            f"{check.body.get('cloudwatch_alarm_name')}, which {resource.stack.id} does not make."
        )
        return
    if check.body.get("cloudwatch_alarm_region") != region:
        yield (
            f"The health check of {name} looks for its alarm in "
            f"{check.body.get('cloudwatch_alarm_region')}."
        )
    yield from _other_targets(served, region, resource, follows)


def _other_targets(
    served: Served, region: str, record: Resource, follows: Resource
) -> Iterator[str]:
    """Yield why an alarm would not see that the targets behind a record are gone."""
    body, name = follows.body, f"Alarm {follows.body.get('alarm_name')}"
    metric = (body.get("namespace"), body.get("metric_name"))
    if metric != ("AWS/ApplicationELB", "HealthyHostCount"):
        yield f"{name} watches {metric[0]} {metric[1]}, not the healthy targets."
    if not _fires_at_none(body):
        yield (
            f"{name} does not fire without a healthy target: it compares by "
            f"{body.get('comparison_operator')} {body.get('threshold')}."
        )
    if body.get("statistic") not in _COUNTS:
        yield f"{name} looks at {body.get('statistic')}, which is no count of targets."
    dimensions = body.get("dimensions") or {}
    reader = served.configured.reader
    balancer, gateway = served.balancer(record), served.gateway(region)
    for dimension, wanted in (("LoadBalancer", balancer), ("TargetGroup", gateway)):
        text = str(dimensions.get(dimension))
        found = reader.referred(follows.stack, text)
        if wanted is None:
            yield f"{region} has no {dimension} of a gateway to watch."
        elif found is None or found.key != wanted.key or ".arn_suffix}" not in text:
            yield (
                f"{name} watches {dimension} {called(found) if found else text}, and not "
                f"{called(wanted)}, which the gateway answers behind."
            )
    if gateway and balancer and gateway.key not in {one.key for one in served.sent_to(balancer)}:
        yield f"No rule of {called(balancer)} sends anything to {called(gateway)}."


def _fires_at_none(alarm: Mapping[str, Any]) -> bool:
    threshold = float(alarm.get("threshold") or 0)
    match alarm.get("comparison_operator"):
        case "LessThanThreshold":
            return threshold > 0
        case "LessThanOrEqualToThreshold":
            return threshold >= 0
        case _:
            return False


def _silent(served: Served, region: str, alias: Alias) -> Iterator[str]:
    check = health_check(served, alias[0])
    follows = alarm(served, check) if check else None
    if check is None or follows is None:
        yield f"Nothing watches {alias[1].name} of {region}, so its silence says nothing."
        return
    missing = follows.body.get("treat_missing_data") or "missing"
    if missing != "breaching":
        yield (
            f"Alarm {follows.body.get('alarm_name')} treats missing data as {missing}: a region "
            "that reports nothing looks well."
        )
    without = check.body.get("insufficient_data_health_status") or "LastKnownStatus"
    if without != "Unhealthy":
        yield f"The health check is {without} while its alarm has insufficient data."


def _what(served: Served, region: str) -> str:
    told = []
    for resource, record in served.of_region(region):
        check = health_check(served, resource)
        follows = alarm(served, check) if check else None
        if follows is not None:
            told.append(
                f"{record.name} {record.kind}: alarm {follows.body.get('alarm_name')}, fewer than "
                f"{follows.body.get('threshold')} healthy targets of "
                f"{called(group) if (group := served.gateway(region)) else 'the gateway'}."
            )
    return " ".join(told)


def _makers(served: Served, found: list[Alias]) -> list[str]:
    made = []
    for resource, _ in found:
        if check := health_check(served, resource):
            made.append(check.path)
            if follows := alarm(served, check):
                made.append(follows.path)
    return list(dict.fromkeys(made))
