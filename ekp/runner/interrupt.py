"""Ctrl-C and SIGTERM: told to each running Terraform once, then waited for."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from .errors import InterruptedRunError

STOPPING = "Stopping: each Terraform finishes what it has begun and saves its state."
STILL_WAITING = "Still waiting for Terraform to save its state; killing it now would lose it."


class Interrupts:
    """Whether the run was asked to stop, and the processes to tell.

    ``notify`` is given one line for the person at each request.
    """

    def __init__(self, notify: Callable[[str], None] = lambda _text: None) -> None:
        self._notify = notify
        # Re-entrant: the handler runs in the main thread, which may hold the lock already.
        self._lock = threading.RLock()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._requested = False

    def requested(self) -> bool:
        """Whether someone asked the run to stop."""
        return self._requested

    def request(self) -> None:
        """Ask the run to stop; each running Terraform gets SIGINT once, at the first call."""
        with self._lock:
            first, self._requested = not self._requested, True
            if first:
                for process in self._processes:
                    _interrupt(process)
        # In a thread of its own: a signal handler may interrupt its own thread in mid-print.
        text = STOPPING if first else STILL_WAITING
        threading.Thread(target=self._notify, args=(text,), daemon=True).start()

    @contextmanager
    def watching(
        self, start: Callable[[], subprocess.Popen[bytes]]
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Start a process and pass a later request on to it.

        Raises:
            InterruptedRunError: the run was asked to stop before the process started.
        """
        with self._lock:
            if self._requested:
                raise InterruptedRunError("Stopped on request.", remedy="Run the command again.")
            process = start()
            self._processes.add(process)
        try:
            yield process
        finally:
            with self._lock:
                self._processes.discard(process)

    @contextmanager
    def handling(self) -> Iterator[None]:
        """Turn SIGINT and SIGTERM into requests while the block runs (in the main thread only)."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def handler(_number: int, _frame: FrameType | None) -> None:
            self.request()

        before = {number: signal.signal(number, handler) for number in SIGNALS}
        try:
            yield
        finally:
            for number, old in before.items():
                signal.signal(number, old)


SIGNALS = (signal.SIGINT, signal.SIGTERM)


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    # The process leads a group of its own, so its provider plugins hear it too, as at a terminal.
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
