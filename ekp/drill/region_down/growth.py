"""How many pods each workload may have: what autoscalers and charts' values say."""

from collections.abc import Iterator
from dataclasses import dataclass

from ekp.configured.environment import Configured
from ekp.configured.replicas import of_object, of_release
from ekp.drill.pod_failure.region import Region
from ekp.drill.pod_failure.workload import PER_NODE, Role, Workload
from ekp.evaluate.workloads import templates

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
    for source in templates(region.objects):
        place = (source["metadata"]["namespace"], source["metadata"]["name"])
        yield place, of_object(region.objects, source).most
    for release in configured.releases(region.name):
        if found := of_release(release):
            yield (release.namespace, release.name), found.most
