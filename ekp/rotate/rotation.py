"""How far a rotation has come, on disk: a killed one is gone on with from where it was.

A folder of the owner's alone holds each value in a file of its own, and beside them which moves
are done. It is written before and after each deploy.
"""

import json
import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from ekp.runner import files
from ekp.runner.errors import RunnerError
from ekp.runner.variables import PREFIX

from .moves import CURRENT, MOVES, NEXT, Move, Value

_PROGRESS = "progress.json"
_BYTES = 32


class RotationError(RunnerError):
    """The rotation cannot go on this way."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """A rotation that was begun. ``done`` counts moves, ``running`` tells of one more begun."""

    folder: Path
    done: int = 0
    running: bool = False

    @property
    def next(self) -> Move | None:
        """The move that comes next, or is to be finished; None: all are done."""
        return MOVES[self.done] if self.done < len(MOVES) else None

    @property
    def wanted(self) -> Move | None:
        """The move whose values every deploy takes now; None: those before the rotation."""
        reached = self.done + self.running
        return MOVES[reached - 1] if reached else None

    def file(self, value: Value) -> Path:
        """Return the file that holds a value and nothing else."""
        return self.folder / value

    def variables(self, move: Move) -> dict[str, str]:
        """Return the environment variables of a move's deploy.

        Raises:
            RotationError: a value cannot be read.
        """
        try:
            return {
                PREFIX + CURRENT: self.file(move.current).read_text(),
                PREFIX + NEXT: self.file(move.next).read_text(),
            }
        except OSError as error:
            raise _unreadable(self.folder, str(error)) from error

    def started(self) -> "Rotation":
        """Write down that the next move is begun."""
        return _saved(replace(self, running=True))

    def finished(self) -> "Rotation":
        """Write down that the next move is done."""
        ended = _saved(replace(self, done=self.done + 1, running=False))
        if ended.next is None:
            ended.file(Value.OLD).unlink(missing_ok=True)
        return ended


def begin(folder: Path, *, old: str) -> Rotation:
    """Make a new value, and write down a rotation from ``old`` to it.

    Raises:
        NotWritableError: the folder cannot be written.
    """
    # The values come first: a rotation that is written down has both.
    (folder / _PROGRESS).unlink(missing_ok=True)
    files.write(folder / Value.OLD, old)
    files.write(folder / Value.NEW, secrets.token_hex(_BYTES))
    return _saved(Rotation(folder))


def load(folder: Path) -> Rotation | None:
    """Return the rotation in a folder; None: there is none.

    Raises:
        RotationError: what is there cannot be read.
    """
    file = folder / _PROGRESS
    try:
        text = file.read_text()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(folder, str(error)) from error
    try:
        known = json.loads(text)
        done, running = known["done"], known["running"]
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(folder, f"{_PROGRESS} is no record of one") from error
    if type(done) is not int or not 0 <= done <= len(MOVES) or type(running) is not bool:
        raise _unreadable(folder, f"{_PROGRESS} is no record of one")
    return Rotation(folder, done, running)


def _saved(rotation: Rotation) -> Rotation:
    progress = {"done": rotation.done, "running": rotation.running}
    files.write_json(rotation.folder / _PROGRESS, progress)
    return rotation


def _unreadable(folder: Path, reason: str) -> RotationError:
    return RotationError(
        f"The rotation in {folder} cannot be read: {reason}.",
        remedy="Bring the folder back from a copy. Without one: the values that are deployed stand"
        " in the states of edge and ingress; deploy with those, remove the folder, begin again.",
    )
