"""What new versions, old versions and clusters do in the drill."""

from dataclasses import dataclass, replace
from enum import StrEnum

from .course import Ending

BUSY = 300.0
"""Requests a second that users send."""
QUIET = 0.3
"""As at night: of so few, the new version's share is never 100 in five minutes."""


class Up(StrEnum):
    """What Prometheus has of the new version's pods."""

    YES = "1"
    DOWN = "0"
    ABSENT = "absent"


class Group(StrEnum):
    """Scenarios that one check is about."""

    HEALTHY = "healthy"
    FAILING = "failing"
    SLOW = "slow"
    UNREACHED = "unreached"
    FEW = "few"
    UNMEASURED = "unmeasured"
    LATE = "late"
    OLD = "old"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """How a version answers."""

    failed: float = 0.0
    """The share of its requests that it answers with an error."""
    tried_again: bool = False
    """Whether callers try such a request again (503) and give up in the end."""
    slow: float = 0.0
    """The share that takes longer than promised."""
    unreached: float = 0.0
    """The share that reaches none of its pods."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One way in which a deploy goes."""

    title: str
    group: Group
    expected: Ending
    canary: Version
    good: Version
    """How a healthy version answers: within its promise, not without errors."""
    stable: Version
    rate: float = BUSY
    testers: float = 0.0
    """Requests a second of those who send the header."""
    up: Up = Up.YES
    away: bool = False
    """Whether Prometheus answers nobody."""
    late: bool = False
    """Whether the new version is good until it has its last share."""
    plain: bool = False
    """Whether every request fails, so that the first two measurements must end it."""


def scenarios(budget: float, *, testers: bool) -> tuple[Scenario, ...]:
    """Return the scenarios of a service.

    Args:
        budget: The share of its requests that may fail.
        testers: Whether some meet the new version before all others.
    """
    good = Version(failed=budget / 2, slow=0.002)
    bad = Scenario(
        title="",
        group=Group.FAILING,
        expected=Ending.ABORTED,
        canary=Version(failed=1.0),
        stable=good,
        good=good,
    )
    few = replace(bad, title="all of few fail", rate=QUIET)
    unharmed = replace(few, group=Group.FEW, expected=Ending.PROMOTED)
    healthy = replace(
        bad, title="healthy", group=Group.HEALTHY, canary=good, expected=Ending.PROMOTED
    )
    unmeasured = replace(bad, group=Group.UNMEASURED, canary=good)
    lost = Version(unreached=1.0)
    return (
        healthy,
        replace(bad, title="all requests fail", plain=True),
        *((replace(bad, title="all fail, testers send some", testers=1.0),) if testers else ()),
        replace(bad, title="half of them fail", canary=Version(failed=0.5)),
        replace(bad, title="1 in 20 fails", canary=Version(failed=0.05)),
        replace(bad, title="errors are 1.5 budgets", canary=Version(failed=1.5 * budget)),
        few,
        replace(bad, title="1 in 20 is slow", group=Group.SLOW, canary=Version(slow=0.05)),
        replace(bad, title="1.5% are slow", group=Group.SLOW, canary=Version(slow=0.015)),
        replace(bad, title="no pod answers", group=Group.UNREACHED, canary=lost, plain=True),
        replace(unharmed, title="nobody sends anything", rate=0.0),
        replace(unharmed, title="few requests, all slow", canary=Version(slow=1.0)),
        replace(unharmed, title="few requests, 1 in 50 fails", canary=Version(failed=0.02)),
        replace(unmeasured, title="its pods are no targets", up=Up.ABSENT),
        replace(unmeasured, title="its pods answer no scrape", up=Up.DOWN),
        replace(unmeasured, title="Prometheus is away", away=True),
        replace(
            bad,
            title="1 in 5 fails at the last share",
            group=Group.LATE,
            canary=Version(failed=0.2),
            late=True,
        ),
        replace(
            healthy,
            title="the old version fails 1 in 5",
            group=Group.OLD,
            stable=Version(failed=0.2),
        ),
        replace(
            healthy,
            title="the old version answers 1 in 5 with 503, and retries are used up",
            group=Group.LOST,
            stable=Version(failed=0.2, tried_again=True),
        ),
        replace(
            healthy,
            title="no pod of the old version answers",
            group=Group.LOST,
            stable=lost,
        ),
    )
