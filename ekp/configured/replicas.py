"""How many pods run: of objects by their autoscalers, of charts by their values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ekp.charts.releases import Release
from ekp.evaluate.request import Object, Workload, of_kind
from ekp.evaluate.workloads import templates

# Chart -> the path above its settings of an autoscaler, their names, and what they are where a
# value is left out. Sources, values.yaml of the charts: gateway and istio-discovery of istio/istio
# 1.30, nginx-ingress of nginx/kubernetes-ingress 5.5.
_NAMES = ("enabled", "minReplicas", "maxReplicas")
_SCALED: Mapping[str, tuple[str, tuple[str, str, str], tuple[bool, int, int]]] = {
    "gateway": ("", _NAMES, (True, 1, 5)),
    "nginx-ingress": ("controller", _NAMES, (False, 1, 3)),
    "istiod": ("", ("autoscaleEnabled", "autoscaleMin", "autoscaleMax"), (True, 1, 5)),
}


@dataclass(frozen=True, slots=True)
class Replicas:
    """The fewest and the most pods of a workload."""

    fewest: int
    most: int

    def __str__(self) -> str:
        return str(self.most) if self.fewest == self.most else f"{self.fewest} to {self.most}"


def template_of(objects: Iterable[Object], workload: Workload) -> Object | None:
    """Return the object that pods are started by; None: a chart brings it."""
    wanted = (workload.namespace, workload.name)
    return next((each for each in templates(objects) if _place(each) == wanted), None)


def scaler_of(objects: Iterable[Object], source: Object) -> Object | None:
    """Return the HorizontalPodAutoscaler of a Deployment, Rollout or StatefulSet."""
    for each in of_kind(objects, "autoscaling", "HorizontalPodAutoscaler"):
        target = each["spec"]["scaleTargetRef"]
        place = (each["metadata"].get("namespace"), target["name"])
        if target["kind"] == source["kind"] and place == _place(source):
            return each
    return None


def of_object(objects: Iterable[Object], source: Object) -> Replicas:
    """Return how many pods an object has: its autoscaler's bounds, else what it asks for itself."""
    if scaler := scaler_of(objects, source):
        spec = scaler["spec"]
        return Replicas(int(spec.get("minReplicas", 1)), int(spec["maxReplicas"]))
    count = int(source["spec"].get("replicas", 1))
    return Replicas(count, count)


def of_workload(objects: Iterable[Object], workload: Workload) -> Replicas:
    """Return how many pods a workload of the objects has; one where none of them starts it."""
    every = list(objects)
    source = template_of(every, workload)
    return of_object(every, source) if source else Replicas(1, 1)


def release_of(releases: Iterable[Release], workload: Workload) -> Release | None:
    """Return the release that brings a workload of its own name."""
    wanted = (workload.namespace, workload.name)
    return next((one for one in releases if (one.namespace, one.name) == wanted), None)


def of_release(release: Release) -> Replicas | None:
    """Return how many pods a chart brings of what it is for; None: the chart is not known here."""
    if release.chart not in _SCALED:
        return None
    base, names, defaults = _SCALED[release.chart]
    values: Mapping[str, Any] = release.values.get(base) or {} if base else release.values
    settings = values.get("autoscaling") or {} if names is _NAMES else values
    enabled, fewest, most = (
        own if (own := settings.get(name)) is not None else default
        for name, default in zip(names, defaults, strict=True)
    )
    if enabled:
        return Replicas(int(fewest), int(most))
    count = int(values.get("replicaCount", 1))
    return Replicas(count, count)


def of_way_in(releases: Iterable[Release], workload: Workload) -> Replicas:
    """Return how many pods of a gateway or a shard run; one where no chart brings it."""
    release = release_of(releases, workload)
    return (of_release(release) if release else None) or Replicas(1, 1)


def _place(source: Object) -> tuple[Any, Any]:
    metadata = source["metadata"]
    return metadata.get("namespace"), metadata["name"]
