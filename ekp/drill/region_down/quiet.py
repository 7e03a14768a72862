"""Whether a region that is well is taken for lost: what its gateway always has, and its alarm."""

from collections.abc import Iterator

from modules.core.mesh import GATEWAY_NAMESPACE

from ekp.configured.reading import Resource
from ekp.drill.pod_failure.region import Region, regions
from ekp.drill.report import Check, holds

from .alarms import alarm, health_check
from .served import Served


def checks(served: Served, region: str) -> Iterator[Check]:
    """Yield whether the alarm is silent with the gateway at its fewest pods.

    An alarm that always fires takes its region out for ever. Where all do, Route 53 takes all for
    well, and the one that is lost later is not left.
    """
    followed: dict[str, Resource] = {}
    for resource, _ in served.of_region(region):
        check = health_check(served, resource)
        if check and (found := alarm(served, check)):
            followed[found.path] = found
    clusters = [one for one in regions(served.configured) if one.name == region]
    zones = _zones(clusters[0]) if clusters else {}
    if not zones or not followed:
        return
    best, told = max(zones.values()), ", ".join(f"{zone} {n}" for zone, n in zones.items())
    wrong = [
        f"Alarm {one.body.get('alarm_name')} fires below {one.body.get('threshold')}."
        for one in followed.values()
        if one.body.get("statistic") == "Maximum" and float(one.body["threshold"]) > best
    ]
    yield holds(
        not wrong,
        f"While all is well in {region}, it is not taken for lost.",
        f"The gateway's pods at the fewest, by zone: {told}. The alarm looks at the zone that has "
        f"most. {' '.join(wrong)}".strip(),
        list(followed),
        remedy=f"Lower `regions[{region}].ingress.health.healthy_targets` to {best} or less.",
    )


def _zones(region: Region) -> dict[str, int]:
    gateways = [one for one in region.serving if one.namespace == GATEWAY_NAMESPACE]
    return region.placement.zones(gateways[0]) if len(gateways) == 1 else {}
