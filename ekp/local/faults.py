"""Failures on demand, for tests and drills."""

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from threading import Lock
from typing import Any

from .failure import Failure
from .protocol import Call, Environ, StartResponse, WsgiApplication, identify

ALL = "*"


@dataclass
class Fault:
    """The next `count` matching calls fail, each after `delay_ms`; status 0 only delays them."""

    service: str
    operation: str = ALL
    status: int = int(HTTPStatus.INTERNAL_SERVER_ERROR)
    code: str = "InternalFailure"
    count: int = 1
    delay_ms: int = 0

    def __post_init__(self) -> None:
        texts = (self.service, self.operation, self.code)
        numbers = (self.status, self.count, self.delay_ms)
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("service, operation and code are texts")
        if not all(type(number) is int and number >= 0 for number in numbers):
            raise TypeError("status, count and delay_ms are whole numbers, 0 or more")

    def matches(self, call: Call) -> bool:
        """Tell whether this fault is meant for a call."""
        return self.service in (ALL, call.service) and self.operation in (ALL, call.operation)


class Faults:
    """The faults that are still to come, first one first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pending: list[Fault] = []

    def add(self, faults: list[dict[str, Any]]) -> None:
        """Plan faults, in the shape of `Fault`; nothing is planned when one is not valid."""
        parsed = [Fault(**fault) for fault in faults]
        with self._lock:
            self._pending += parsed

    def clear(self) -> None:
        """Forget the faults that did not happen yet."""
        with self._lock:
            self._pending = []

    def left(self) -> list[dict[str, Any]]:
        """List the faults that did not happen yet."""
        with self._lock:
            return [asdict(fault) for fault in self._pending if fault.count]

    def take(self, call: Call) -> Fault | None:
        """Use up one count of the first fault that is meant for a call."""
        with self._lock:
            fault = next(
                (item for item in self._pending if item.count and item.matches(call)), None
            )
            if fault is not None:
                fault.count -= 1
            return fault

    def wrap(self, application: WsgiApplication) -> WsgiApplication:
        """Put these faults in front of an application."""

        def failing(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            fault = self.take(identify(environ)) if self._pending else None
            if fault is None:
                return application(environ, start_response)
            time.sleep(fault.delay_ms / 1000)
            if not fault.status:
                return application(environ, start_response)
            message = f"A planned fault of the local AWS ({fault.count} more to come)."
            failure = Failure(identify(environ), fault.status, fault.code, message)
            return failure(environ, start_response)

        return failing
