"""The figures: every workload, every lost zone."""

from collections.abc import Sequence

from ekp.drill.report import Table

from .region import Region
from .workload import PER_NODE, Topology, Workload


def tables(regions: Sequence[Region]) -> tuple[Table, ...]:
    """Return the tables of each region."""
    return tuple(table for region in regions for table in (_workloads(region), _zones(region)))


def _workloads(region: Region) -> Table:
    rows = sorted(
        (one for one in region.workloads if one.kind != PER_NODE and one.replicas),
        key=lambda one: (one.role, one.title),
    )
    return Table(
        title=f"Pods of {region.name}, right after a node or a zone is lost",
        columns=(
            "workload",
            "role",
            "copies",
            "zones",
            "spread",
            "worst node lost",
            "worst zone lost",
            "budget",
            "said of it",
        ),
        rows=tuple(
            (
                one.title,
                one.role.value,
                str(one.replicas),
                ", ".join(f"{zone} {n}" for zone, n in region.placement.zones(one).items()),
                _spread(one),
                str(region.node_lost(one).left),
                str(region.zone_lost(one).left),
                _budget(one),
                _said(one),
            )
            for one in rows
        ),
    )


def _spread(workload: Workload) -> str:
    told = []
    for topology, word in ((Topology.ZONE, "zones"), (Topology.NODE, "nodes")):
        found = workload.spread_over(topology)
        hard = topology in workload.apart or (found is not None and found.hard)
        if hard or found:
            told.append(f"{word} {'hard' if hard else 'soft'}")
    return ", ".join(told) or "none"


def _budget(workload: Workload) -> str:
    lets_go = [f"{one}, {one.lets_go(workload.replicas)} may go" for one in workload.budgets]
    return "; ".join(lets_go) or "none"


def _said(workload: Workload) -> str:
    told = []
    if workload.votes:
        told.append(f"needs {workload.needs} of {workload.replicas}")
    if workload.volume:
        told.append("a pod waits for its volume's zone")
    if workload.alone:
        told.append(f"one by nature: {workload.alone}")
    return "; ".join(told)


def _zones(region: Region) -> Table:
    return Table(
        title=f"Each zone of {region.name} lost",
        columns=("zone", "nodes lost", "pods lost", "new nodes", "wait for the zone", "no room"),
        rows=tuple(
            (
                one.zone.id,
                str(one.nodes_lost),
                str(one.pods_lost),
                str(len(one.started)),
                ", ".join(sorted(pod.workload.title for pod in one.bound)) or "none",
                ", ".join(sorted(pod.workload.title for pod in one.without_room)) or "none",
            )
            for one in region.recoveries
        ),
    )
