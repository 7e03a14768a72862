"""A reporter that keeps what it is told, for tests to wait on and to look at."""

import threading
from collections.abc import Sequence

from ekp.runner.results import StackResult


class Recorder:
    """Keeps every call; ``reached`` waits until a stack is in a step."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []
        self.said: list[str] = []
        self.results: list[StackResult] = []
        self.done: dict[str, int] = {}
        self.totals: dict[str, int] = {}
        self._changed = threading.Condition()
        self._ended = False

    def begin(self, stacks: Sequence[str]) -> None:
        self.stacks = list(stacks)

    def step(self, stack: str, step: str, total: int = 0) -> None:
        with self._changed:
            self.steps.append((stack, step))
            self.done[stack] = 0
            self.totals[stack] = total
            self._changed.notify_all()

    def progress(self, stack: str, done: int) -> None:
        with self._changed:
            self.done[stack] = done
            self._changed.notify_all()

    def finished(self, result: StackResult) -> None:
        with self._changed:
            self.results.append(result)
            self._changed.notify_all()

    def say(self, text: str) -> None:
        self.said.append(text)

    def end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def reached(self, stack: str, step: str, *, done: int = 0) -> None:
        """Wait for the moment; fail with what the run says when it ends before."""

        def now() -> bool:
            return (stack, step) in self.steps and self.done.get(stack, 0) >= done

        with self._changed:
            self._changed.wait_for(lambda: now() or self._ended, 240)
            assert now(), [result.to_json() for result in self.results]
