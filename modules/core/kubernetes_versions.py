"""EKS support calendar: which Kubernetes minors may run, until when, and at what price."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

KubernetesVersion = Annotated[str, Field(pattern=r"^1\.\d{2}$")]
"""A Kubernetes minor, such as 1.35."""

SOURCE = "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html"


@dataclass(frozen=True, slots=True)
class Support:
    """Dates of one Kubernetes minor on EKS; the last day of each kind of support is included."""

    released: date
    standard_until: date
    extended_until: date


# Read 2026-11; a new minor is added here, with its row in eks_addons.py.
SUPPORT: Mapping[str, Support] = {
    "1.31": Support(date(2024, 9, 26), date(2025, 11, 26), date(2026, 11, 26)),
    "1.32": Support(date(2025, 1, 23), date(2026, 3, 23), date(2027, 3, 23)),
    "1.33": Support(date(2025, 5, 29), date(2026, 7, 29), date(2027, 7, 29)),
    "1.34": Support(date(2025, 10, 2), date(2026, 12, 2), date(2027, 12, 2)),
    "1.35": Support(date(2026, 1, 28), date(2027, 3, 27), date(2028, 3, 27)),
    "1.36": Support(date(2026, 6, 2), date(2027, 8, 2), date(2028, 8, 2)),
}


class SupportType(StrEnum):
    """What EKS does once standard support has ended, by its own words (``upgrade_policy``)."""

    STANDARD = "STANDARD"
    """It upgrades the control plane by itself."""
    EXTENDED = "EXTENDED"
    """It bills six times the usual price for each cluster-hour."""


class Level(StrEnum):
    """Whether a finding stops the run."""

    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the calendar says against a version on a day."""

    level: Level
    message: str


def check_version(version: str, today: date) -> Finding | None:
    """Judge a Kubernetes minor: an error past extended support, a warning past standard."""
    support = SUPPORT.get(version)
    newest = max(SUPPORT, key=_minor)
    if support is None:
        return Finding(
            Level.ERROR,
            f"Kubernetes {version} is not in the support calendar, which knows "
            f"{', '.join(SUPPORT)}; use one of these, or add its dates to "
            "modules/core/kubernetes_versions.py",
        )
    if today > support.extended_until:
        return Finding(
            Level.ERROR,
            f"Kubernetes {version} left extended support on {support.extended_until}: EKS makes no "
            f"such cluster; upgrade one minor at a time, up to {newest}",
        )
    if today > support.standard_until:
        return Finding(
            Level.WARNING,
            f"Kubernetes {version} left standard support on {support.standard_until}: EKS upgrades "
            "the control plane by itself and makes no new one (support STANDARD), or bills "
            f"extended support until {support.extended_until} (support EXTENDED); "
            f"upgrade one minor at a time, up to {newest}",
        )
    return None


def _minor(version: str) -> int:
    return int(version.split(".")[1])
