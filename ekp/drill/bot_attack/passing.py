"""A crowd's requests at a web ACL: what passes, what its own rules stop, what AWS may stop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ekp.evaluate.waf import rates
from ekp.evaluate.waf.acl import Effect, Inspected, RuleResult

from .crowds import PERIOD, Crowd
from .guards import Guard


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What became of a crowd's requests at one web ACL, those of the first client."""

    crowd: Crowd
    guard: Guard
    came: int
    passed: Sequence[float]
    stopped: Mapping[str, int]
    """Requests by the rule that stopped them."""
    first: RuleResult | None
    """What stops a request that comes alone; None: nothing of ours does."""
    spared: RuleResult | None
    """What lets it pass before later rules look at it; None: nothing of ours does."""
    starts: float | None
    """When a rate-based rule refused the first."""
    over: float | None
    """When there were too many for it."""
    limit: rates.Limit | None
    """The one that refused."""
    may_stop: tuple[str, ...]
    """AWS's groups that may stop what passes."""
    counts: tuple[str, ...]

    @property
    def blocked(self) -> int:
        """Requests that our own rules stopped, of one client."""
        return self.came - len(self.passed)

    @property
    def left(self) -> float:
        """Requests of one client that still pass, a second, in the last minute."""
        last = PERIOD - 60
        return sum(at >= last for at in self.passed) / 60

    def total(self, count: int) -> str:
        """Return a count for all clients of the crowd, as a figure."""
        return f"{count * self.crowd.clients:,}"


def send(crowd: Crowd, guard: Guard, request: Inspected, times: Sequence[float]) -> Passage:
    """Send a client's requests to a web ACL.

    Args:
        crowd: Whose client it is.
        guard: The web ACL.
        request: Each of its requests, as it comes there.
        times: When they come.

    Raises:
        Unsupported: a part of the web ACL is not understood.
    """
    alone = guard.judge(request)
    stops = None if alone.passes else alone.ending
    passed, stopped = list(times), dict[str, int]()
    starts, over, acted = None, None, None
    for limit in guard.limits:
        if alone.ending and alone.ending.priority <= limit.priority:
            break
        if crowd.claims(limit.header, request) or not _acts(guard, limit, request):
            continue
        stream = rates.blocked(passed, limit.window, limit.requests)
        if stream.starts is None:
            continue
        passed = list(stream.passed)
        stopped[limit.rule] = stream.refused
        if starts is None or stream.starts < starts:
            starts, over, acted = stream.starts, stream.starts - rates.DELAY, limit
    if stops and passed:
        stopped[stops.name] = stopped.get(stops.name, 0) + len(passed)
        passed = []
    return Passage(
        crowd=crowd,
        guard=guard,
        came=len(times),
        passed=passed,
        stopped=stopped,
        first=stops,
        spared=alone.ending if alone.passes else None,
        starts=starts,
        over=over,
        limit=acted,
        may_stop=tuple(each.name for each in alone.may_block) if passed else (),
        counts=tuple(each.name for each in alone.results if each.effect is Effect.COUNTS),
    )


def _acts(guard: Guard, limit: rates.Limit, request: Inspected) -> bool:
    """Return whether a rate-based rule counts such a request, and blocks those above the limit."""
    flooding = replace(request, rate=2 * limit.per_second)
    return not guard.alone(limit.rule).judge(flooding).passes
