"""Progress for people: a live table on a terminal, plain lines elsewhere, silence for --json."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Protocol

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from .results import StackResult

QUIET_SECONDS = 5.0  # between two progress lines of one stack without a terminal
NONE: Mapping[str, Any] = MappingProxyType({})


class Reporter(Protocol):
    """Who is told how a run goes on. Called from several threads."""

    def begin(self, stacks: Sequence[str]) -> None:
        """The run is about to work on these stacks."""

    def step(self, stack: str, step: str, total: int = 0) -> None:
        """A stack enters a step; ``total`` resources are to be done in it (0: not known)."""

    def progress(self, stack: str, done: int) -> None:
        """``done`` resources of the stack's step are finished."""

    def finished(self, result: StackResult) -> None:
        """A stack came out."""

    def say(self, text: str) -> None:
        """One line for the person."""

    def end(self) -> None:
        """The run is over; the summary follows."""


class Silent:
    """Says nothing."""

    def begin(self, stacks: Sequence[str]) -> None:
        """Nothing."""

    def step(self, stack: str, step: str, total: int = 0) -> None:
        """Nothing."""

    def progress(self, stack: str, done: int) -> None:
        """Nothing."""

    def finished(self, result: StackResult) -> None:
        """Nothing."""

    def say(self, text: str) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


@dataclass(frozen=True)
class _Row:
    step: str = "waits for its turn"
    done: int = 0
    total: int = 0
    began: float = 0.0
    seconds: float | None = None

    @property
    def resources(self) -> str:
        return f"{self.done}/{self.total}" if self.total else ""


class Lines:
    """A line at each step, and at most one every few seconds within a step."""

    def __init__(
        self, write: Callable[[str], None] = print, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._write = write
        self._clock = clock
        self._lock = threading.Lock()
        self._rows: dict[str, _Row] = {}
        self._last: dict[str, float] = {}

    def begin(self, stacks: Sequence[str]) -> None:
        """Say which stacks come."""
        self.say(f"{len(stacks)} stacks: {', '.join(stacks)}")

    def step(self, stack: str, step: str, total: int = 0) -> None:
        """Say the step at once."""
        with self._lock:
            self._rows[stack] = _Row(step, total=total)
            self._last[stack] = self._clock()
            self._write(f"{stack}: {step}" + (f" ({total} resources)" if total else ""))

    def progress(self, stack: str, done: int) -> None:
        """Say it if the last line about the stack is old enough."""
        with self._lock:
            row = self._rows[stack] = replace(self._rows.get(stack, _Row()), done=done)
            if self._clock() - self._last.get(stack, float("-inf")) >= QUIET_SECONDS:
                self._last[stack] = self._clock()
                self._write(f"{stack}: {row.step} {row.resources}".rstrip())

    def finished(self, result: StackResult) -> None:
        """Say how the stack came out."""
        self.say(f"{result.stack}: {result.status.value} ({result.seconds:.1f} s)")

    def say(self, text: str) -> None:
        """Write one line."""
        with self._lock:
            self._write(text)

    def end(self) -> None:
        """Nothing is left to do."""


class LiveTable:
    """A table that follows the run on a terminal."""

    def __init__(self, console: Console, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rows: dict[str, _Row] = {}
        self._live = Live(console=console, get_renderable=self.table, transient=True)

    def begin(self, stacks: Sequence[str]) -> None:
        """Show the table."""
        with self._lock:
            self._rows = {stack: _Row() for stack in stacks}
        self._live.start()

    def step(self, stack: str, step: str, total: int = 0) -> None:
        """Show the step."""
        with self._lock:
            began = self._rows.get(stack, _Row()).began or self._clock()
            self._rows[stack] = _Row(step, total=total, began=began)

    def progress(self, stack: str, done: int) -> None:
        """Show the number."""
        with self._lock:
            self._rows[stack] = replace(self._rows.get(stack, _Row()), done=done)

    def finished(self, result: StackResult) -> None:
        """Show how the stack came out."""
        with self._lock:
            row = self._rows.get(result.stack, _Row())
            self._rows[result.stack] = replace(
                row, step=result.status.value, seconds=result.seconds
            )

    def say(self, text: str) -> None:
        """Print above the table."""
        self._live.console.print(escape(text))

    def end(self) -> None:
        """Take the table away; the summary comes in its place."""
        self._live.stop()

    def table(self) -> Table:
        """The table as it stands."""
        table = Table("stack", "step", "resources", "seconds")
        with self._lock:
            for stack, row in self._rows.items():
                running = self._clock() - row.began if row.began else 0.0
                seconds = row.seconds if row.seconds is not None else running
                table.add_row(escape(stack), row.step, row.resources, f"{seconds:.0f}")
        return table


def reporter(console: Console, *, silent: bool = False) -> Reporter:
    """The reporter that suits where the output goes."""
    if silent:
        return Silent()
    if console.is_terminal:
        return LiveTable(console)
    return Lines(lambda text: console.print(text, markup=False, highlight=False, soft_wrap=True))


class Counter:
    """Counts finished resources in the events of one step."""

    def __init__(self, reporter: Reporter, stack: str) -> None:
        self._reporter = reporter
        self._stack = stack
        self._done = 0

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Take one event of Terraform."""
        action = event.get("hook", NONE).get("action")
        planned = event.get("type") == "refresh_complete"
        if planned or (event.get("type") == "apply_complete" and action != "read"):
            self._done += 1
            self._reporter.progress(self._stack, self._done)
