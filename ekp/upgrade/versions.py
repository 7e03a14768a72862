"""Which step from one Kubernetes minor to another is legal, and how long a minor is supported."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from modules.core.kubernetes_versions import SUPPORT, SupportType

from ekp.gate.reports import wording

STANDARD_CENTS = 10
"""US cents that EKS takes for an hour of a cluster. Source: aws.amazon.com/eks/pricing."""
EXTENDED_CENTS = 60
"""The same once standard support has ended, with ``upgrade_policy`` EXTENDED. Source: as above."""
HOURS_A_MONTH = 730


@dataclass(frozen=True, slots=True)
class MinorSupport:
    """How long EKS supports a minor, seen from a day."""

    minor: str
    standard_until: date
    extended_until: date
    standard_days_left: int
    """Negative once standard support has ended."""
    extended_days_left: int

    def line(self, policy: SupportType) -> str:
        """Return it for people; ``policy`` is what the cluster has chosen for afterwards."""
        extended = f"extended until {self.extended_until}"
        if self.standard_days_left >= 0:
            left = wording.number(self.standard_days_left, "day")
            return f"standard support until {self.standard_until} ({left} left), then {extended}"
        if policy is SupportType.STANDARD:
            then = "EKS upgrades the control plane by itself"
        else:
            usual, now = _dollars(STANDARD_CENTS), _dollars(EXTENDED_CENTS)
            more = _dollars((EXTENDED_CENTS - STANDARD_CENTS) * HOURS_A_MONTH)
            then = f"each cluster-hour costs {now}, not {usual}: {more} more a month"
        return f"standard support ended on {self.standard_until}, {extended}; {then}"


def number(minor: str) -> int:
    """Return the number of a minor: 35 for ``1.35``."""
    return int(minor.partition(".")[2])


def form_fault(text: str) -> str | None:
    """Return why a text is no Kubernetes minor as EKS takes it; None: it is one."""
    found = re.fullmatch(r"v?1\.(\d{2})(?:\.\d+\S*)?", text)
    if found is None:
        return f"--kubernetes {text!r} is no Kubernetes minor; write one such as {newest()}."
    minor = f"1.{found[1]}"
    if text == minor:
        return None
    return (
        f"--kubernetes {text!r}: EKS takes a minor, and chooses the patch by itself; write {minor}."
    )


def newest() -> str:
    """Return the newest minor of the support calendar."""
    return max(SUPPORT, key=number)


def calendar_fault(target: str, today: date) -> str | None:
    """Return why no cluster may be brought to a minor on a day; None: EKS supports it."""
    support = SUPPORT.get(target)
    if support is None:
        return (
            f"Kubernetes {target} is not in the support calendar, which knows "
            f"{', '.join(SUPPORT)}. Use one of these. Where `aws eks describe-cluster-versions` "
            "shows it: add its dates to modules/core/kubernetes_versions.py, and its row to "
            "modules/core/eks_addons.py."
        )
    if today > support.extended_until:
        return (
            f"Kubernetes {target} left extended support on {support.extended_until}: EKS has it no "
            "more, and upgrades what still runs it by itself."
        )
    return None


def hops(current: str, target: str) -> Sequence[str]:
    """Return the minors that a cluster goes through, one at a time, the target the last."""
    return [f"1.{one}" for one in range(number(current) + 1, number(target) + 1)]


def step_fault(setting: str, current: str, target: str, environment: str) -> str | None:
    """Return why a cluster cannot go from one minor to another at once; None: it can.

    Args:
        setting: path of the setting that holds its minor.
        current: what it runs.
        target: what it should run.
        environment: whose command the remedy shows.

    Source: EKS user guide, "Update existing cluster to new Kubernetes version" and "Roll back a
    cluster to a previous Kubernetes version".
    """
    way = hops(current, target)
    if number(target) < number(current):
        return (
            f"{setting} = '{current}': {target} is older. An upgrade goes forward alone; within 7 "
            "days of one EKS rolls the control plane back by one minor, which docs/upgrades.md "
            "tells of."
        )
    if len(way) > 1:
        commands = ", then ".join(
            f"`ekp upgrade plan {environment} --kubernetes {minor}`" for minor in way
        )
        return (
            f"{setting} = '{current}': {target} skips {', '.join(way[:-1])}; EKS upgrades a "
            f"control plane one minor at a time. The next one is {way[0]}: {commands}, each once "
            "the one before is deployed."
        )
    return None


def support(minor: str, today: date) -> MinorSupport | None:
    """Return how long a minor is supported; None: the calendar does not know it."""
    known = SUPPORT.get(minor)
    if known is None:
        return None
    return MinorSupport(
        minor,
        known.standard_until,
        known.extended_until,
        (known.standard_until - today).days,
        (known.extended_until - today).days,
    )


def _dollars(cents: int) -> str:
    return f"${cents / 100:.2f}"
