"""Workloads behind a Service: how many pods run, and how a new version comes."""

from collections.abc import Iterator, Mapping
from typing import Any

from ekp.evaluate.request import Object, Workload, of_kind
from ekp.evaluate.world import World

_KINDS = (
    ("argoproj.io", "Rollout"),
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "DaemonSet"),
)


def workload_object(world: World, target: Workload | None) -> Object | None:
    """Return the object that pods are started by; None: a chart brings it, or there is no pod."""
    if target is None:
        return None
    for group, kind in _KINDS:
        for each in of_kind(world.objects, group, kind):
            if _is(each, target.namespace, target.name):
                return each
    return None


def replicas(world: World, target: Workload) -> tuple[int, int]:
    """Return how many pods run at least and at most."""
    scaler = _scaler(world, target)
    if scaler is not None:
        spec = scaler["spec"]
        return int(spec.get("minReplicas", 1)), int(spec["maxReplicas"])
    found = workload_object(world, target)
    fixed = int(((found or {}).get("spec") or {}).get("replicas", 1))
    return fixed, fixed


def scaling(world: World, target: Workload) -> str:
    """Return how many pods there are, in words."""
    fewest, most = replicas(world, target)
    if _scaler(world, target) is None:
        return f"{fewest} pod{'s' * (fewest != 1)}, and no HorizontalPodAutoscaler adds any"
    return f"{fewest} to {most} pods"


def _scaler(world: World, target: Workload) -> Object | None:
    for each in of_kind(world.objects, "autoscaling", "HorizontalPodAutoscaler"):
        reference = each["spec"]["scaleTargetRef"]
        if each["metadata"]["namespace"] == target.namespace and reference["name"] == target.name:
            return each
    return None


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


def _is(source: Object, namespace: str, name: str) -> bool:
    metadata = source["metadata"]
    return (metadata.get("namespace"), metadata["name"]) == (namespace, name)
