"""Signals that end this process, so that what a drill has started and written ends with it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# What ends a process without a word, unless somebody listens; SIGINT is Python's own exception.
_ENDS = (signal.SIGTERM, signal.SIGHUP)
# What shells add to a signal's number for the status of whoever it ended.
_BY_SIGNAL = 128


@contextmanager
def leaving() -> Iterator[None]:
    """Let signals that end this process leave the block as an exception (in the main thread)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(_BY_SIGNAL + number)

    # Who started this process may want it to outlive a signal, as `nohup` does.
    heard = [number for number in _ENDS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, leave) for number in heard}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
