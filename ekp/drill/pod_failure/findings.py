"""Gaps that checks find, region by region, and the check that they make."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ekp.drill.report import Check, failed, passed

from .region import Region
from .workload import Workload

# Enough to go and look; the tables have them all.
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that does not hold."""

    region: str
    text: str
    by: str
    remedy: str


def of_workload(region: Region, workload: Workload, text: str, remedy: str) -> Gap:
    """Return a gap of one workload."""
    return Gap(region.name, f"{workload.title} {text}", workload.by, remedy)


def check(must: str, gaps: Sequence[Gap], observed: str, by: Iterable[str]) -> Check:
    """Return a check that fails with its gaps, or passes with what was observed.

    Args:
        must: What must hold.
        gaps: What does not.
        observed: What was seen where there is none.
        by: What decides then.
    """
    if not gaps:
        return passed(must, observed, *_once(by))
    texts = [f"{gap.region}: {gap.text}" for gap in gaps]
    more = f"; and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return failed(
        must,
        f"{'; '.join(texts[:_SHOWN])}{more}.",
        *_once(gap.by for gap in gaps),
        remedy=" ".join(_once(gap.remedy for gap in gaps)),
    )


def named(workloads: Iterable[Workload]) -> list[str]:
    """Return what makes workloads, each once."""
    return _once(one.by for one in workloads)


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
