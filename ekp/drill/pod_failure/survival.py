"""What is ready right after a node or a zone is lost."""

from collections.abc import Callable, Iterator, Sequence

from ekp.drill.report import Check, noted
from ekp.gate.reports.wording import number

from .findings import Gap, check, named, of_workload
from .losses import Worst
from .region import Region
from .workload import PER_NODE, Topology, Workload

_SEVERAL = 2
AVAILABILITY = (
    "Set `regions[R].platform.availability` to `Availability.HIGH`, or say that this environment "
    "may stand still."
)


def checks(regions: Sequence[Region]) -> list[Check]:
    """Return the checks of what users' requests and the platform's controllers keep."""
    return [
        _loss("node", regions, Region.node_lost),
        _loss("zone", regions, Region.zone_lost),
        _spread(regions),
        _copies(regions),
        *_each_zone(regions),
        _votes(regions),
        _supporting(regions),
    ]


def more_copies(workload: Workload) -> str:
    """Return what a person changes so that a workload has several copies."""
    return workload.setting or AVAILABILITY


def _loss(
    what: str, regions: Sequence[Region], worst: Callable[[Region, Workload], Worst]
) -> Check:
    gaps, left = [], []
    for region in regions:
        for workload in region.serving:
            found = worst(region, workload)
            left.append((found.left, workload))
            if found.left < workload.needs:
                remedy = _remedy(region, workload)
                text = f"has {found.left} of {workload.replicas} pods left without {found.what}"
                gaps.append(of_workload(region, workload, text, remedy))
    fewest = min((one for one, _ in left), default=0)
    of_them = sorted({one.title for number, one in left if number == fewest})
    return check(
        f"With any one {what} lost, all that users' requests depend on keeps a ready pod.",
        gaps,
        f"Right after the loss, before any pod is started anew: at the fewest {fewest} "
        f"({', '.join(of_them)}), of {len({one.title for _, one in left})} workloads in "
        f"{number(len(regions), 'region')}.",
        named(one for _, one in left),
    )


def _remedy(region: Region, workload: Workload) -> str:
    if workload.replicas < _SEVERAL:
        return more_copies(workload)
    if not region.placement.zones(workload):
        return (
            "No node takes its pods: let them tolerate the taints of a node group and match its "
            "labels, or take larger nodes."
        )
    return (
        "Spread its pods with `topologySpreadConstraints` over zones and nodes, and let it run in "
        "several zones."
    )


def _spread(regions: Sequence[Region]) -> Check:
    gaps: list[Gap] = []
    soft: set[str] = set()
    every = []
    for region in regions:
        for workload in region.serving:
            every.append(workload)
            zones = region.placement.zones(workload)
            missing = [one for one in Topology if not _held(workload, one)]
            if missing:
                text = f"has no constraint that spreads its own pods over {_words(missing)}"
                remedy = "Give it `topologySpreadConstraints` that select its own pods."
                gaps.append(of_workload(region, workload, text, remedy))
            elif len(zones) < min(_SEVERAL, workload.replicas):
                text = f"has all {workload.replicas} pods in {', '.join(zones) or 'no zone'}"
                remedy = "Let it run in several zones: its node selector, and nodes that take it."
                gaps.append(of_workload(region, workload, text, remedy))
            if not any(one.hard for one in workload.spreads) and not workload.apart:
                soft.add(workload.title)
    return check(
        "Their pods are spread over zones and over nodes.",
        gaps,
        "Each has constraints over both that select its own pods, and is in two zones or more. "
        f"Soft in {len(soft)} of {len({one.title for one in every})}: pods come up even where one "
        "zone alone has room, and none is moved back when another has room again.",
        named(every),
    )


def _held(workload: Workload, topology: Topology) -> bool:
    return workload.spread_over(topology) is not None or topology in workload.apart


def _words(missing: Sequence[Topology]) -> str:
    return " and ".join({Topology.ZONE: "zones", Topology.NODE: "nodes"}[one] for one in missing)


def _copies(regions: Sequence[Region]) -> Check:
    gaps, every = [], []
    for region in regions:
        for workload in region.serving:
            every.append(workload)
            if workload.replicas < _SEVERAL:
                text = f"runs in {number(workload.replicas, 'copy', 'copies')}"
                gaps.append(of_workload(region, workload, text, more_copies(workload)))
    return check(
        "Each of them runs in two copies and more, however little there is to do.",
        gaps,
        f"The fewest copies are {min((one.replicas for one in every), default=0)}.",
        named(every),
    )


def _each_zone(regions: Sequence[Region]) -> Iterator[Check]:
    """Yield what has fewer copies than there are zones, which breaks no promise."""
    gaps = [
        of_workload(
            region,
            workload,
            f"runs in {workload.replicas} copies over {len(region.zones)} zones",
            more_copies(workload),
        )
        for region in regions
        for workload in region.serving
        if _SEVERAL <= workload.replicas < len(region.zones)
    ]
    if gaps:
        yield noted(
            "Each of them has a copy in every zone.",
            f"{'; '.join(f'{gap.region}: {gap.text}' for gap in gaps)}. One of these may be lost; "
            "of what has two, the other then has all the work alone.",
            *dict.fromkeys(gap.by for gap in gaps),
            remedy=" ".join(dict.fromkeys(gap.remedy for gap in gaps)),
        )


def _votes(regions: Sequence[Region]) -> Check:
    gaps, told, every = [], set(), []
    for region in regions:
        for workload in region.workloads:
            if not workload.votes:
                continue
            every.append(workload)
            found = min(
                region.node_lost(workload), region.zone_lost(workload), key=lambda x: x.left
            )
            told.add(f"{workload.title} keeps {found.left} of {workload.replicas}")
            if found.left < workload.needs:
                text = (
                    f"has {found.left} of {workload.replicas} left without {found.what}, and needs "
                    f"{workload.needs}"
                )
                gaps.append(of_workload(region, workload, text, more_copies(workload)))
    return check(
        "What needs a majority of its pods keeps one with any one node or zone lost.",
        gaps,
        f"{', '.join(sorted(told)) or 'Nothing here votes'}.",
        named(every),
    )


def _supporting(regions: Sequence[Region]) -> Check:
    gaps, alone, every = [], {}, []
    for region in regions:
        for workload in region.workloads:
            if workload in region.serving or workload.votes or workload.kind == PER_NODE:
                continue
            every.append(workload)
            if workload.alone:
                alone[workload.title] = workload.alone
            elif region.zone_lost(workload).left == 0 and workload.replicas:
                found = region.zone_lost(workload)
                text = f"has none of {workload.replicas} left without {found.what}"
                gaps.append(of_workload(region, workload, text, more_copies(workload)))
    told = "; ".join(f"{title} ({why})" for title, why in sorted(alone.items()))
    several = len({one.title for one in every}) - len(alone)
    return check(
        "Controllers and stores that can run in several copies keep one with any one zone lost.",
        gaps,
        f"{several} do. One by nature, so that they are away until they have started elsewhere, "
        f"and no request waits for them: {told or 'none'}.",
        named(every),
    )
