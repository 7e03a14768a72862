"""One drain under way: waiting until objects are gone, telling how far it is, what it leaves."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ekp.runner.errors import InterruptedRunError

from . import kinds
from .connect import Api
from .errors import NotDrainedError
from .kinds import Kind, Object

Found = tuple[Kind, Object]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each step is waited for, and how often is looked.

    A load balancer takes AWS some minutes, a node as long as its pods take to stop.
    """

    balancers_seconds: float = 600.0
    bindings_seconds: float = 300.0
    pods_seconds: float = 300.0
    volumes_seconds: float = 600.0
    nodes_seconds: float = 1200.0
    interval_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Left:
    """Something that the drain leaves, and what a person should know of it."""

    what: str
    why: str


@dataclass
class Session:
    """What the steps of a drain share. ``left`` grows as the steps go.

    ``tell`` is given each step with the number of its objects, ``done`` how many are gone;
    ``stopped`` says whether a person asked to stop.
    """

    api: Api
    limits: Limits = field(default_factory=Limits)
    tell: Callable[[str, int], None] = lambda _step, _total: None
    done: Callable[[int], None] = lambda _count: None
    stopped: Callable[[], bool] = lambda: False
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    left: list[Left] = field(default_factory=list)

    def delete(
        self,
        step: str,
        found: Iterable[Found],
        *,
        seconds: float,
        remedy: str,
        following: Iterable[Found] = (),
    ) -> None:
        """Delete objects and wait until each is gone, and what goes ``following`` them too.

        Raises:
            NotDrainedError: some are still there in the end, or came back.
        """
        deleted = [*found]
        wanted = [*deleted, *following]
        if wanted:
            self.tell(step, len(wanted))
        for kind, body in deleted:
            if not body["metadata"].get("deletionTimestamp"):
                self.api.delete(kind, body)
        self.wait(step, wanted, seconds=seconds, remedy=remedy)

    def wait(self, step: str, wanted: Iterable[Found], *, seconds: float, remedy: str) -> None:
        """Wait until objects are gone.

        Raises:
            NotDrainedError: some are still there in the end, or came back.
            InterruptedRunError: a person asked to stop.
        """
        expected: dict[Kind, dict[tuple[str, str], str]] = {}
        for kind, body in wanted:
            expected.setdefault(kind, {})[kinds.where(body)] = kinds.uid(body)
        total = sum(map(len, expected.values()))
        deadline = self.clock() + seconds
        while expected:
            present = [one for kind in expected for one in self._present(kind, expected[kind])]
            self.done(total - len(present))
            if not present:
                return
            if self.clock() >= deadline:
                raise NotDrainedError(
                    f"{self.api.cluster.name} is not drained ({step}): after {seconds:.0f} s there"
                    " is still\n" + "\n".join(_described(*one, expected) for one in present),
                    remedy=remedy,
                )
            if self.stopped():
                raise InterruptedRunError(
                    f"The drain of {self.api.cluster.name} was stopped on request ({step}).",
                    remedy="Run the command again to go on.",
                )
            self.sleep(self.limits.interval_seconds)

    def _present(self, kind: Kind, names: Mapping[tuple[str, str], str]) -> list[Found]:
        return [(kind, body) for body in self.api.all(kind) if kinds.where(body) in names]


def _described(
    kind: Kind, body: Object, expected: Mapping[Kind, Mapping[tuple[str, str], str]]
) -> str:
    text = f"  {kinds.label(kind, body)}"
    if kinds.uid(body) != expected[kind][kinds.where(body)]:
        makers = [f"{owner['kind']} {owner['name']}" for owner in kinds.owners(body)]
        return f"{text}: made again by {', '.join(makers) or 'somebody'}"
    held = ", ".join(kinds.finalizers(body))
    said = (body.get("status") or {}).get("message")
    return text + (f": held by {held}" if held else "") + (f": {said}" if said else "")
