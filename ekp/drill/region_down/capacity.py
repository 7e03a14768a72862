"""Whether a region that is left carries its own users and those of the lost one."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from ekp.configured.environment import Configured
from ekp.drill.pod_failure import nodes
from ekp.drill.pod_failure.nodes import Group
from ekp.drill.pod_failure.placement import Placement
from ekp.drill.pod_failure.region import Region, regions
from ekp.drill.pod_failure.scheduler import place
from ekp.drill.report import Check, Table, holds

from .growth import Growth, growths, serves
from .quotas import over
from .served import Served, listed
from .subnets import addresses


def checks(served: Served, lost: str) -> Iterator[Check]:
    """Yield what the regions that are left can take, each by itself all of the lost one's."""
    found = {one.name: one for one in regions(served.configured)}
    gone = found.get(lost)
    for name in served.others(lost):
        region = found.get(name)
        if region is None or gone is None:
            continue
        yield _grows(served.configured, region, gone)
        yield _quotas(served.configured, region)
        yield _nodes(served.configured, region)
        yield addresses(served.configured, region)


def table(served: Served) -> Table:
    """Return how many pods there are and may be."""
    found = [one for one in regions(served.configured) if one.name in served.regions]
    rows = []
    for region in found:
        for one in growths(served.configured, region):
            if serves(one.workload) or not one.fixed:
                asked = one.workload.requests
                rows.append(
                    (
                        region.name,
                        one.workload.title,
                        str(one.workload.replicas),
                        str(one.most),
                        f"{asked.cpu} m",
                        f"{asked.memory} MiB",
                    )
                )
    return Table(
        title="Pods, at least and at most",
        columns=("Region", "Workload", "At least", "At most", "CPU of each", "Memory of each"),
        rows=tuple(rows),
    )


def _grows(configured: Configured, region: Region, gone: Region) -> Check:
    lost = {one.title: one.replicas for one in gone.workloads}
    wrong, told = [], []
    for one in growths(configured, region):
        if not serves(one.workload):
            continue
        need = one.workload.replicas + lost.get(one.workload.title, 0)
        told.append(f"{one.workload.title} {need} of at most {one.most}")
        if one.most < need:
            wrong.append(
                f"{one.workload.title}: {need} pods are needed at least, {one.workload.replicas} "
                f"of {region.name} and {need - one.workload.replicas} of {gone.name}, and "
                f"{one.most} are the most."
            )
    return holds(
        not wrong,
        f"{region.name} may run as many pods as {region.name} and {gone.name} do at least.",
        " ".join(wrong) or f"{'; '.join(told) or 'No workload serves users'}.",
        [one.by for one in region.serving],
        remedy="Let the maximum be twice the minimum or more: `scaling.max_replicas` of services, "
        f"`regions[{region.name}].platform.mesh.gateway_max_replicas`, "
        f"`regions[{region.name}].platform.shards.max_replicas`.",
    )


def _quotas(configured: Configured, region: Region) -> Check:
    found = list(over(configured, region, growths(configured, region)))
    wrong = [one for one in found if one.exceeded]
    return holds(
        not wrong,
        f"Quotas of tenants let every service of {region.name} grow to its maximum.",
        " ".join(one.told for one in wrong or found) or "No namespace of services has a quota.",
        [one.by for one in wrong or found],
        remedy="Raise the tenant's `quota`, or lower `scaling.max_replicas` of its services.",
    )


def _nodes(configured: Configured, region: Region) -> Check:
    largest = placed(region, growths(configured, region))
    used = Counter(node.group.name for node in largest.nodes)
    told = [
        f"{group.name}: {used[group.name]} of at most {group.max_size} nodes {group.instance.name}"
        for group in region.groups
    ]
    waiting = Counter(pod.workload.title for pod in largest.waiting)
    wrong = [f"{count} pods of {title} find no node." for title, count in waiting.items()]
    return holds(
        not wrong,
        f"The nodes of {region.name} take every pod, with every workload at its maximum.",
        f"{len(largest.pods)} pods beside DaemonSets, placed by requests, taints and spread: "
        f"{'; '.join(told)}. {' '.join(wrong)}".strip(),
        [group.by for group in region.groups],
        remedy=f"Raise `regions[{region.name}].cluster.node_groups[...].max_size` of "
        f"{listed(full)}."
        if (full := _full(region.groups, used))
        else "No group is full: let the pods tolerate the taints of a group and match its labels, "
        f"or take larger `instance_types` in `regions[{region.name}].cluster.node_groups`.",
    )


def placed(region: Region, found: list[Growth]) -> Placement:
    """Return where all pods of a region run when every workload is at its maximum."""
    largest = [replace(one.workload, replicas=one.most) for one in found]
    return place(region.groups, nodes.first(region.groups), largest)


def _full(groups: list[Group], used: Counter[str]) -> list[str]:
    return [group.name for group in groups if used[group.name] >= group.max_size]
