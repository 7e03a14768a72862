"""ResourceQuotas of namespaces whose services are at their maximum."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ekp.configured.reading import of_kind
from ekp.drill.pod_failure.quantities import mebibytes, millis
from ekp.drill.pod_failure.region import Region
from ekp.evaluate.request import Object, named

from .growth import Growth


@dataclass(frozen=True, slots=True)
class Quota:
    """One quota, and what the namespace's pods ask for together."""

    by: str
    told: str
    exceeded: bool


def over(region: Region, found: Sequence[Growth]) -> Iterator[Quota]:
    """Yield each quota of a namespace with services that may grow.

    Raises:
        Unsupported: an amount is written in a way that is not understood.
    """
    for quota in of_kind(region.objects, "ResourceQuota"):
        here = [
            one for one in found if one.workload.namespace == quota["metadata"].get("namespace")
        ]
        hard: Mapping[str, Any] = quota["spec"].get("hard") or {}
        asked = {
            "pods": sum(one.most for one in here),
            "requests.cpu": sum(one.most * one.workload.requests.cpu for one in here),
            "requests.memory": sum(one.most * one.workload.requests.memory for one in here),
        }
        limits = {key: _amount(quota, key, hard[key]) for key in asked if key in hard}
        units = {"pods": "pods", "requests.cpu": "m CPU", "requests.memory": "MiB"}
        if here and limits:
            parts = [f"{asked[key]} of {limits[key]} {units[key]}" for key in limits]
            yield Quota(
                by=named(quota),
                told=f"{quota['metadata']['namespace']}: {', '.join(parts)}.",
                exceeded=any(asked[key] > limits[key] for key in limits),
            )


def _amount(quota: Object, key: str, text: object) -> int:
    match key:
        case "requests.cpu":
            return millis(quota, text)
        case "requests.memory":
            return mebibytes(quota, text)
        case _:
            return int(str(text))
