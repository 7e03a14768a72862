"""The runner's errors: each one says what is wrong, what was given and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .lock import StateLock


class RunnerError(Exception):
    """Something a person can put right; ``remedy`` says how."""

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n{self.remedy}"


class NotSynthesizedError(RunnerError):
    """There is no synthesized configuration where it was looked for."""


class BrokenSynthesisError(RunnerError):
    """The synthesized configuration cannot be read."""


class UnknownEnvironmentError(RunnerError):
    """No stack belongs to the environment that was named."""


class TerraformMissingError(RunnerError):
    """The Terraform binary cannot be started."""


class TerraformTooOldError(RunnerError):
    """The Terraform binary is older than the state lock needs."""


class NotWritableError(RunnerError):
    """A file or folder of the run cannot be written."""


class BusyError(RunnerError):
    """Another run of this project works on the same stack, here and now."""


class UnfinishedRunError(RunnerError):
    """An earlier run was killed; what it made may be missing from the state."""


class LockedError(RunnerError):
    """The state of a stack is locked by another run; ``held`` is the lock."""

    def __init__(self, message: str, *, remedy: str, held: "StateLock") -> None:
        super().__init__(message, remedy=remedy)
        self.held = held


class InterruptedRunError(RunnerError):
    """A person asked the run to stop."""


@dataclass(frozen=True)
class Problem:
    """One diagnostic of Terraform, with the construct it is about.

    ``address`` and ``construct_path`` are empty where Terraform names no resource.
    """

    summary: str
    detail: str = ""
    address: str = ""
    construct_path: str = ""

    @property
    def text(self) -> str:
        """Summary and detail as Terraform wrote them."""
        return f"{self.summary}\n{self.detail}".strip()


class TerraformFailedError(RunnerError):
    """Terraform ran and reported errors."""

    def __init__(
        self,
        message: str,
        *,
        remedy: str,
        problems: Sequence[Problem] = (),
        log: Path | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.problems = tuple(problems)
        self.log = log
