"""Simulates a process on a way: each request at an entrance's pod, then at a service's pod.

Requests of a client go to the entrance's pods in turn, and what passes goes to the service's pods
in turn, as load balancers that look for the fewest outstanding requests do where all pods are
alike. The fewest pods run: no autoscaler is as quick as a burst.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from ekp.evaluate.istio.buckets import Meter, fits

from .processes import SECONDS, Crowd, Process
from .ways import Guard, Way

TICKS = 1_000_000
"""Of a second: requests come in whole microseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What became of a process."""

    process: str
    clients: int
    offered: tuple[int, ...]
    """Requests in each second."""
    answered: tuple[int, ...]
    """Those that a pod of the service took."""
    refused: tuple[tuple[str, int], ...]
    """By guard, over all seconds."""
    lost_by_good: int
    """Refused requests of clients that stay within what they may ask."""
    good_requests: int
    good_beside_few: bool
    """Whether the good ones are so few that they are to lose nothing."""
    most_of_client: int
    """The most requests that one client got past the entrance."""
    most_of_pod: int
    """The most requests that one pod of the service took."""
    clients_fit: bool
    """Whether no client got more than every guard allows, in any stretch of time."""
    pods_fit: bool
    """Whether no pod took more than its capacity, in any stretch of time."""


class _Door:
    """The pods of an entrance with their meters; who was longest away is forgotten first."""

    def __init__(self, guard: Guard, pods: int) -> None:
        self._guard = guard
        self._known: list[dict[int, Meter]] = [{} for _ in range(pods)]

    def take(self, pod: int, client: int, tick: int) -> bool:
        known = self._known[pod]
        meter = known.pop(client, None) or Meter(self._guard.bucket, TICKS)
        known[client] = meter
        if self._guard.remembered and len(known) > self._guard.remembered:
            del known[next(iter(known))]
        return meter.take(tick)


@dataclass(slots=True)
class _Seen:
    """What was counted so far."""

    answered: list[int] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    passed: dict[int, list[int]] = field(default_factory=dict)
    taken: list[list[int]] = field(default_factory=list)
    lost: Counter[int] = field(default_factory=Counter)
    """By client, over all seconds."""


@lru_cache(maxsize=256)
def course(way: Way, process: Process) -> Course:
    """Return what becomes of a process on a way; the same for the same arguments."""
    doors = [_Door(guard, way.door.fewest) for guard in way.guards]
    pods = max(1, way.pods.fewest)
    meters = [Meter(way.capacity.bucket, TICKS) for _ in range(pods)] if way.capacity else None
    crowds = [each for each in process.crowds for _ in range(each.clients)]
    seen = _Seen(taken=[[] for _ in range(pods)])
    offered: list[int] = []
    before: Counter[int] = Counter()
    turns = Counter[int]()
    turn = 0
    for second in range(SECONDS):
        refused: Counter[int] = Counter()
        arrivals = sorted(_arrivals(crowds, second, before))
        offered.append(len(arrivals))
        answered = 0
        for tick, client in arrivals:
            at = turns[client] % way.door.fewest
            turns[client] += 1
            if by := _refuser(way, doors, at, client, tick):
                seen.refused[by] += 1
                refused[client] += 1
                continue
            seen.passed.setdefault(client, []).append(tick)
            pod = turn % pods
            turn += 1
            if meters and way.capacity and not meters[pod].take(tick):
                seen.refused[way.capacity.name] += 1
                refused[client] += 1
                continue
            seen.taken[pod].append(tick)
            answered += 1
        seen.answered.append(answered)
        seen.lost += refused
        before = refused
    return _course(way, process, crowds, offered, seen)


def _refuser(way: Way, doors: list[_Door], pod: int, client: int, tick: int) -> str:
    for guard, door in zip(way.guards, doors, strict=True):
        if not door.take(pod, client, tick):
            return guard.name
    return ""


def _arrivals(crowds: list[Crowd], second: int, refused: Counter[int]) -> Iterator[tuple[int, int]]:
    """Yield when requests come, with their client: evenly over the second, each its own way."""
    start, whole = second * TICKS, len(crowds)
    for client, crowd in enumerate(crowds):
        if second == 0:
            yield from [(0, client)] * crowd.at_once
        count = crowd.in_second(second, refused[client])
        for number in range(count):
            yield start + (number * whole + client) * TICKS // (whole * count), client


def _course(
    way: Way, process: Process, crowds: list[Crowd], offered: list[int], seen: _Seen
) -> Course:
    good = {client for client, crowd in enumerate(crowds) if crowd.good}
    lost = sum(count for client, count in seen.lost.items() if client in good)
    allowed = [(guard.at_once(way.door), guard.rate(way.door)) for guard in way.guards]
    capacity = way.capacity
    return Course(
        process=process.name,
        clients=process.clients,
        offered=tuple(offered),
        answered=tuple(seen.answered),
        refused=tuple(sorted(seen.refused.items())),
        lost_by_good=lost,
        good_requests=sum(int(crowds[client].rate * SECONDS) for client in good),
        good_beside_few=process.good_alone_lose_nothing,
        most_of_client=max(map(len, seen.passed.values()), default=0),
        most_of_pod=max(map(len, seen.taken)),
        clients_fit=all(
            fits(times, at_once=at_once, a_second=rate, ticks=TICKS)
            for times in seen.passed.values()
            for at_once, rate in allowed
        ),
        pods_fit=capacity is not None
        and all(
            fits(
                times,
                at_once=capacity.bucket.max_tokens,
                a_second=capacity.bucket.per_second,
                ticks=TICKS,
            )
            for times in seen.taken
        ),
    )
