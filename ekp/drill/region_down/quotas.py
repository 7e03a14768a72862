"""ResourceQuotas of namespaces whose services are at their maximum."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ekp.configured.environment import Configured
from ekp.configured.reading import of_kind
from ekp.drill.pod_failure.quantities import mebibytes, millis
from ekp.drill.pod_failure.region import Region
from ekp.drill.pod_failure.releases import proxy_container
from ekp.evaluate.request import Object, named
from ekp.evaluate.workloads import templates

from .growth import Growth


@dataclass(frozen=True, slots=True)
class Quota:
    """One quota, and what the namespace's pods ask for together."""

    by: str
    told: str
    exceeded: bool


def over(configured: Configured, region: Region, found: Sequence[Growth]) -> Iterator[Quota]:
    """Yield each quota of a namespace with services that may grow.

    What a quota says of other things than pods, their requests and their memory's limits is not
    looked at: services of more pods ask for no more of it.

    Raises:
        Unsupported: an amount is written in a way that is not understood.
    """
    limits_of = _limits(configured, region)
    for quota in of_kind(region.objects, "ResourceQuota"):
        here = [
            one for one in found if one.workload.namespace == quota["metadata"].get("namespace")
        ]
        hard: Mapping[str, Any] = quota["spec"].get("hard") or {}
        asked = {
            "pods": sum(one.most for one in here),
            "requests.cpu": sum(one.most * one.workload.requests.cpu for one in here),
            "requests.memory": sum(one.most * one.workload.requests.memory for one in here),
            "limits.memory": sum(
                one.most * limits_of.get((one.workload.namespace, one.workload.name), 0)
                for one in here
            ),
        }
        limits = {key: _amount(quota, key, hard[key]) for key in asked if key in hard}
        units = {"pods": "pods", "requests.cpu": "m CPU", "requests.memory": "MiB"}
        units["limits.memory"] = "MiB of limits"
        if here and limits:
            parts = [f"{asked[key]} of {limits[key]} {units[key]}" for key in limits]
            yield Quota(
                by=named(quota),
                told=f"{quota['metadata']['namespace']}: {', '.join(parts)}.",
                exceeded=any(asked[key] > limits[key] for key in limits),
            )


def _limits(configured: Configured, region: Region) -> dict[tuple[str, str], int]:
    """Return the limit of memory of each workload's pods, in MiB, with the injected proxy's."""
    proxy = proxy_container(configured.of_region(region.name))
    meshed = {
        (one.workload.namespace, one.workload.name)
        for one in configured.world(region.name).pods
        if one.workload.in_mesh
    }
    found = {}
    for source in templates(region.objects):
        place = (source["metadata"]["namespace"], source["metadata"]["name"])
        containers = [*source["spec"]["template"]["spec"].get("containers", ())]
        containers += [proxy] if place in meshed else []
        limits = ((one.get("resources") or {}).get("limits") or {} for one in containers)
        found[place] = sum(mebibytes(source, one.get("memory") or 0) for one in limits)
    return found


def _amount(quota: Object, key: str, text: object) -> int:
    match key:
        case "requests.cpu":
            return millis(quota, text)
        case "requests.memory" | "limits.memory":
            return mebibytes(quota, text)
        case _:
            return int(str(text))
