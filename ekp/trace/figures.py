"""Figures as people read them."""

from ekp.configured.replicas import Replicas
from ekp.gate.reports.wording import number as things


def rate(per_second: float) -> str:
    """Return requests a second; slow ones by the minute."""
    if per_second < 1:
        return f"{number(per_second * 60)}/min"
    return f"{number(per_second)}/s"


def number(value: float) -> str:
    """Return a number with at most two places, without zeros behind."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def share(weight: int, of: int) -> str:
    """Return a part of a whole as a percentage."""
    return f"{number(100 * weight / of)} %"


def pods(count: int) -> str:
    """Return how many pods."""
    return things(count, "pod")


def counted(found: Replicas) -> str:
    """Return how many pods run at least and at most."""
    return pods(found.fewest) if found.fewest == found.most else f"{found} pods"
