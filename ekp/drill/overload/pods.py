"""How many pods run: of services by their autoscalers, of ways in by their charts' values."""

from collections.abc import Iterable
from dataclasses import dataclass

from ekp.charts import releases
from ekp.evaluate.request import Object, Workload, of_kind
from ekp.runner.stacks import Stack


@dataclass(frozen=True, slots=True)
class Pods:
    """The fewest and the most pods of a workload."""

    fewest: int
    most: int

    def __str__(self) -> str:
        return str(self.most) if self.fewest == self.most else f"{self.fewest} to {self.most}"


def of_service(objects: Iterable[Object], workload: Workload) -> Pods:
    """Return how many pods a service has: its autoscaler's bounds, else what its template asks."""
    every = list(objects)
    for scaler in of_kind(every, "autoscaling", "HorizontalPodAutoscaler"):
        spec = scaler["spec"]
        place = (scaler["metadata"]["namespace"], spec["scaleTargetRef"]["name"])
        if place == (workload.namespace, workload.name):
            return Pods(int(spec.get("minReplicas", 1)), int(spec["maxReplicas"]))
    for each in every:
        metadata = each["metadata"]
        if "template" in (each.get("spec") or {}) and (
            (metadata.get("namespace"), metadata["name"]) == (workload.namespace, workload.name)
        ):
            count = int(each["spec"].get("replicas", 1))
            return Pods(count, count)
    return Pods(1, 1)


def of_chart(stacks: Iterable[Stack], workload: Workload) -> Pods:
    """Return how many pods a chart brings: the gateway's, or those of an NGINX shard.

    What its values leave out is the chart's own. Sources: istio/istio 1.30,
    manifests/charts/gateway/values.yaml (one to five); nginx/kubernetes-ingress 5.5,
    charts/nginx-ingress/values.yaml (one, no autoscaling).
    """
    for release in releases.of(stacks):
        if (release.namespace, release.name) != (workload.namespace, workload.name):
            continue
        shard = "controller" in release.values
        values = release.values["controller"] if shard else release.values
        scaling = values.get("autoscaling") or {}
        if scaling.get("enabled", not shard):
            most = int(scaling.get("maxReplicas", 5))
            return Pods(int(scaling.get("minReplicas", 1)), most)
        count = int(values.get("replicaCount", 1))
        return Pods(count, count)
    return Pods(1, 1)
