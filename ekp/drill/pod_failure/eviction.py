"""Nodes that are drained on purpose: what disruption budgets let go."""

from collections.abc import Sequence

from ekp.drill.report import Check

from .findings import Gap, check, named, of_workload
from .region import Region
from .survival import more_copies
from .workload import PER_NODE, Workload

_SEVERAL = 2
_WITHOUT = "Give it a PodDisruptionBudget whose selector matches its pods' labels."


def checks(regions: Sequence[Region]) -> list[Check]:
    """Return the checks of disruption budgets."""
    return [_has_one(regions), _keeps_one(regions), _lets_go(regions)]


def _has_one(regions: Sequence[Region]) -> Check:
    gaps, every = [], []
    for region in regions:
        for workload in region.serving:
            every.append(workload)
            if not workload.budgets:
                strays = ", ".join(workload.stray_budgets)
                text = "has no PodDisruptionBudget" + (
                    f" that selects its pods; {strays} selects none at all" if strays else ""
                )
                remedy = more_copies(workload) if workload.replicas < _SEVERAL else _WITHOUT
                gaps.append(of_workload(region, workload, text, remedy))
    told = sorted({f"{one.title}: {one.budgets[0]}" for one in every if one.budgets})
    return check(
        "All that users' requests depend on has a disruption budget that selects its pods.",
        gaps,
        f"{'; '.join(told)}.",
        (budget.by for one in every for budget in one.budgets),
    )


def _keeps_one(regions: Sequence[Region]) -> Check:
    gaps, told, every = [], set(), []
    for region in regions:
        for workload in region.serving:
            every.append(workload)
            kept = _kept(region, workload)
            told.add(f"{workload.title} keeps {kept} of {workload.replicas}")
            if kept < 1:
                text = f"keeps {kept} of {workload.replicas} pods while a node is drained"
                remedy = (
                    more_copies(workload)
                    if workload.replicas < _SEVERAL
                    else "Let a budget of its own keep one of its pods."
                )
                gaps.append(of_workload(region, workload, text, remedy))
    return check(
        "While a node is drained, each of them keeps a serving pod.",
        gaps,
        f"{'; '.join(sorted(told))}. A budget's percentage rounds up: 10% of three pods is one.",
        named(every),
    )


def _kept(region: Region, workload: Workload) -> int:
    """Return the fewest pods while a node is drained; without a budget all of the node go."""
    if not workload.budgets:
        return region.node_lost(workload).left
    return workload.replicas - max(one.lets_go(workload.replicas) for one in workload.budgets)


def _lets_go(regions: Sequence[Region]) -> Check:
    gaps: list[Gap] = []
    every = []
    for region in regions:
        for workload in region.workloads:
            if workload.kind == PER_NODE or not workload.budgets or not workload.replicas:
                continue
            every.append(workload)
            if len(workload.budgets) > 1:
                names = ", ".join(one.by for one in workload.budgets)
                text = f"is selected by {names}: Kubernetes evicts no pod of two budgets"
                gaps.append(of_workload(region, workload, text, "Leave one of them."))
            elif workload.budgets[0].lets_go(workload.replicas) < 1:
                text = (
                    f"has {workload.budgets[0]} and {workload.replicas} pods, so none is ever "
                    "evicted and its node is never drained"
                )
                remedy = "Let the budget let one go, or run one copy more than it keeps."
                gaps.append(of_workload(region, workload, text, remedy))
    return check(
        "No budget of any workload holds a node for ever: each lets a pod go.",
        gaps,
        f"{len({one.title for one in every})} budgets, each lets one pod go or more.",
        (budget.by for one in every for budget in one.budgets),
    )
