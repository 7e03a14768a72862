"""Workloads behind a Service: how many pods run, and how a new version comes."""

from collections.abc import Iterator, Mapping
from typing import Any

from ekp.configured.replicas import of_workload, scaler_of, template_of
from ekp.evaluate.request import Object, Workload
from ekp.evaluate.world import World

from .figures import counted


def workload_object(world: World, target: Workload | None) -> Object | None:
    """Return the object that pods are started by; None: a chart brings it, or there is no pod."""
    return template_of(world.objects, target) if target else None


def replicas(world: World, target: Workload) -> tuple[int, int]:
    """Return how many pods run at least and at most."""
    found = of_workload(world.objects, target)
    return found.fewest, found.most


def scaling(world: World, target: Workload) -> str:
    """Return how many pods there are, in words."""
    found = workload_object(world, target)
    said = counted(of_workload(world.objects, target))
    if found is not None and scaler_of(world.objects, found):
        return said
    return f"{said}, and no HorizontalPodAutoscaler adds any"


def steps(canary: Mapping[str, Any], headers: Mapping[str, str]) -> Iterator[str]:
    """Yield how a new version comes, and what a header of the request asks of it."""
    said = [word for step in canary.get("steps") or () for word in _step(step)]
    if said:
        yield f"a new version comes in steps: {', '.join(said)}, 100 %"
    lower = {name.lower(): value for name, value in headers.items()}
    for name, value in _header_routes(canary):
        if lower.get(name.lower()) == value:
            yield f"its {name}: {value} leads to the new version while that step runs"


def _step(step: Mapping[str, Any]) -> Iterator[str]:
    if "setWeight" in step:
        yield f"{step['setWeight']} %"
    elif pause := step.get("pause"):
        duration = pause.get("duration")
        yield f"wait {duration}" if duration else "wait for a person"
    elif route := step.get("setHeaderRoute"):
        for match in route.get("match") or ():
            value = (match.get("headerValue") or {}).get("exact", "")
            yield f"requests with {match['headerName']}: {value}"


def _header_routes(canary: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for step in canary.get("steps") or ():
        for match in (step.get("setHeaderRoute") or {}).get("match") or ():
            value = (match.get("headerValue") or {}).get("exact")
            if value is not None:
                yield str(match["headerName"]), str(value)
