"""Figures and lists as checks say them."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

NOTHING = "nothing"


def figure(value: Fraction | float) -> str:
    """Return a figure with at most one digit behind the point: ``6.7``, ``1,203``."""
    rounded = round(float(value), 1)
    return f"{rounded:,.0f}" if rounded.is_integer() else f"{rounded:,.1f}"


def listed(parts: Iterable[str], empty: str = NOTHING) -> str:
    """Return several findings, each once, in their order."""
    return "; ".join(dict.fromkeys(parts)) or empty


def by_regions(found: Mapping[str, str]) -> str:
    """Return what was found in each region, once where several say the same."""
    regions: dict[str, list[str]] = {}
    for region, text in found.items():
        regions.setdefault(text, []).append(region)
    if len(regions) == 1 and len(found) > 1:
        return next(iter(regions))
    return ". ".join(f"{', '.join(names)}: {text}" for text, names in regions.items())
