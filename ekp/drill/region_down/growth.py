"""How many pods each workload may have: what autoscalers and charts' values say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ekp.charts import releases
from ekp.charts.releases import Release
from ekp.configured.environment import Configured
from ekp.configured.reading import of_kind
from ekp.drill.pod_failure.component import look
from ekp.drill.pod_failure.region import Region
from ekp.drill.pod_failure.workload import PER_NODE, Role, Workload

# The chart's own. Source: istio/istio 1.30.3, manifests/charts/istio-control/istio-discovery,
# values.yaml.
_ISTIOD_MOST = 5
# Chart -> paths of its values: whether an autoscaler sets the number, and its maximum.
_SCALED: Mapping[str, tuple[str, str]] = {
    "gateway": ("autoscaling.enabled", "autoscaling.maxReplicas"),
    "nginx-ingress": ("controller.autoscaling.enabled", "controller.autoscaling.maxReplicas"),
    "istiod": ("autoscaleEnabled", "autoscaleMax"),
}
_DNS = "coredns"


@dataclass(frozen=True, slots=True)
class Growth:
    """One workload of one region."""

    workload: Workload
    most: int
    """The most pods that there can be."""

    @property
    def fixed(self) -> bool:
        """Whether nothing makes it larger."""
        return self.most == self.workload.replicas


def growths(configured: Configured, region: Region) -> list[Growth]:
    """Return how far each workload of a region may grow."""
    most = dict(_most(configured, region))
    return [
        Growth(one, max(one.replicas, most.get((one.namespace, one.name), 0)))
        for one in region.workloads
    ]


def serves(workload: Workload) -> bool:
    """Tell whether more users need more of it."""
    return workload.role is Role.SERVES and workload.kind != PER_NODE and workload.name != _DNS


def _most(configured: Configured, region: Region) -> Iterator[tuple[tuple[str, str], int]]:
    for scaler in of_kind(region.objects, "HorizontalPodAutoscaler"):
        target = str(scaler["spec"]["scaleTargetRef"]["name"])
        namespace = str(scaler["metadata"]["namespace"])
        yield (namespace, target), int(scaler["spec"]["maxReplicas"])
    here = [stack for stack in configured.stacks if stack.region == region.name]
    for release in releases.of(here):
        if (found := _of_chart(release)) is not None:
            yield (release.namespace, release.name), found


def _of_chart(release: Release) -> int | None:
    """Return the maximum of an autoscaler that a chart makes; None: it makes none."""
    if release.chart not in _SCALED:
        return None
    switch, most = _SCALED[release.chart]
    if not look(release.values, switch):
        return None
    found = look(release.values, most)
    return int(found) if found is not None else _ISTIOD_MOST
