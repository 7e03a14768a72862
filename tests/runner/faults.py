"""Runs in the background, and the moments at which a test kills them."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ekp.runner.results import RunResult
from ekp.runner.target import WorkingCopy

THROTTLED = {"status": 400, "code": "ThrottlingException", "count": 10_000}


class Background:
    """A run in a thread; ``result`` waits for it."""

    def __init__(self, work: Callable[[], RunResult]) -> None:
        self._results: list[RunResult] = []
        self._thread = threading.Thread(target=lambda: self._results.append(work()))
        self._thread.start()

    def result(self) -> RunResult:
        self._thread.join(600)
        return self._results[0]


def recorded_pid(copy: WorkingCopy, operation: str = "apply") -> int:
    """The process of the run that the journal says is under way; 0 before it is known."""
    for journal in copy.run.glob(f"{operation}-*.journal.json"):
        return int(json.loads(journal.read_text())["pid"])
    return 0


def until(holds: Callable[[], object]) -> None:
    """Wait for a condition; fail when it does not come true."""
    deadline = time.monotonic() + 240
    while not holds():
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)


def kill_terraform(copy: WorkingCopy, operation: str = "apply") -> None:
    os.kill(recorded_pid(copy, operation), signal.SIGKILL)


def wait_for(path: Path) -> str:
    """A shell command that says where it is and goes on when a file appears."""
    return f"trap '' INT; touch {path}.here; until [ -e {path} ]; do sleep 0.05; done"
