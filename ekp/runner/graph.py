"""Work over a graph: dependencies first, in parallel where nothing forbids it."""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

# Signal handlers run in the main thread between two waits; this bounds how late.
WAKE_SECONDS = 0.2


@dataclass(frozen=True)
class Done(Generic[T]):
    """A node's work ran to its end; ``value`` is what it gave back."""

    value: T


@dataclass(frozen=True)
class Skipped:
    """A node was not worked on, because ``because`` failed before it."""

    because: tuple[str, ...]


@dataclass(frozen=True)
class NotStarted:
    """A node was not worked on, because the run was asked to stop."""


Outcome = Done[T] | Skipped | NotStarted


def restrict(
    depends_on: Mapping[str, Collection[str]], chosen: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """The graph of the chosen nodes; a path through nodes not chosen still orders its ends."""

    def nearest(node: str) -> set[str]:
        found: set[str] = set()
        for upstream in depends_on[node]:
            found |= {upstream} if upstream in chosen else nearest(upstream)
        return found

    return {node: tuple(sorted(nearest(node))) for node in depends_on if node in chosen}


def reverse(depends_on: Mapping[str, Collection[str]]) -> dict[str, tuple[str, ...]]:
    """The same graph with every arrow turned round."""
    return {
        node: tuple(other for other, upstream in depends_on.items() if node in upstream)
        for node in depends_on
    }


def order(depends_on: Mapping[str, Collection[str]]) -> list[str]:
    """The nodes, each after those it depends on.

    Raises:
        ValueError: some depend on each other in a circle.
    """
    settled: list[str] = []
    while len(settled) < len(depends_on):
        free = [
            node for node, up in depends_on.items() if node not in settled and {*up} <= {*settled}
        ]
        if not free:
            left = ", ".join(sorted(set(depends_on) - set(settled)))
            raise ValueError(f"These depend on each other in a circle: {left}.")
        settled += free
    return settled


def waves(depends_on: Mapping[str, Collection[str]]) -> list[list[str]]:
    """The nodes in waves: each in the first wave after those of all that it depends on.

    Raises:
        ValueError: some depend on each other in a circle.
    """
    number: dict[str, int] = {}
    for node in order(depends_on):
        number[node] = max((number[up] + 1 for up in depends_on[node]), default=0)
    return [[n for n in number if number[n] == at] for at in sorted({*number.values()})]


def walk(
    depends_on: Mapping[str, Collection[str]],
    work: Callable[[str], T],
    *,
    parallelism: int,
    failed: Callable[[T], bool],
    stop: Callable[[], bool] = lambda: False,
    skipped: Callable[[str, Skipped], None] = lambda _node, _skipped: None,
) -> dict[str, Outcome[T]]:
    """Call ``work`` on every node after those it depends on, at most ``parallelism`` at once.

    A node whose value ``failed`` stops only what depends on it. Once ``stop()`` is true nothing
    new starts; what runs is waited for. ``skipped`` is told of each node that is passed over.

    Raises:
        ValueError: the graph has a cycle, or ``parallelism`` is below 1.
        Exception: the first exception out of ``work``, after all other work has ended.
    """
    outcomes: dict[str, Outcome[T]] = {}
    running: dict[Future[T], str] = {}
    crash: BaseException | None = None
    nodes = order(depends_on)
    with ThreadPoolExecutor(max_workers=parallelism) as pool:
        while True:
            halted = stop() or crash is not None
            for node in _ready(depends_on, outcomes, running.values()):
                faults = _faults(depends_on[node], outcomes, failed)
                if faults:
                    outcomes[node] = Skipped(faults)
                    skipped(node, Skipped(faults))
                elif halted:
                    outcomes[node] = NotStarted()
                elif len(running) < parallelism:
                    running[pool.submit(work, node)] = node
            if not running and len(outcomes) == len(depends_on):
                break
            for future in wait(running, WAKE_SECONDS, return_when=FIRST_COMPLETED).done:
                node = running.pop(future)
                error = future.exception()
                crash = crash or error
                outcomes[node] = NotStarted() if error else Done(future.result())
    if crash is not None:
        raise crash
    return {node: outcomes[node] for node in nodes}


def _ready(
    depends_on: Mapping[str, Collection[str]],
    outcomes: Mapping[str, object],
    running: Collection[str],
) -> list[str]:
    return [
        node
        for node, upstream in depends_on.items()
        if node not in outcomes and node not in running and all(one in outcomes for one in upstream)
    ]


def _faults(
    upstream: Collection[str], outcomes: Mapping[str, Outcome[T]], failed: Callable[[T], bool]
) -> tuple[str, ...]:
    found: set[str] = set()
    for node in upstream:
        match outcomes[node]:
            case Skipped(because):
                found.update(because)
            case Done(value) if failed(value):
                found.add(node)
    return tuple(sorted(found))
