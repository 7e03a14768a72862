"""The run journal: what was begun on a stack, on disk before Terraform starts."""

import getpass
import json
import os
import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from . import files, terraform
from .target import WorkingCopy

SUFFIX = ".journal.json"


@dataclass(frozen=True)
class Entry:
    """One run of Terraform that takes the state lock.

    ``born`` tells the process from a later one with the same id. ``log`` is its raw ``-json``
    output, ``plan`` the JSON of the plan it applies (empty for a plan itself).
    """

    stack: str
    operation: str
    host: str
    user: str
    started: str
    pid: int
    born: str
    log: str
    plan: str
    file: Path

    @property
    def started_at(self) -> datetime:
        """When it began."""
        return datetime.fromisoformat(self.started)

    @property
    def here(self) -> bool:
        """Whether it ran on this machine."""
        return self.host == socket.gethostname()

    @property
    def alive(self) -> bool:
        """Whether its process still runs on this machine."""
        return self.here and self.pid > 0 and _born(self.pid) == self.born != ""

    def runs_as(self, pid: int) -> None:
        """Record the process of the run, on disk."""
        _save(replace(self, pid=pid, born=_born(pid)))

    def close(self) -> None:
        """Nothing of this run is unrecorded any more."""
        self.file.unlink(missing_ok=True)
        if self.plan:
            Path(self.plan).unlink(missing_ok=True)


def begin(copy: WorkingCopy, stack: str, operation: str, *, log: Path, plan: Path | None) -> Entry:
    """Record a run about to start (``pid`` 0: not known yet).

    Raises:
        NotWritableError: the journal cannot be written, so the run must not start.
    """
    entry = Entry(
        stack=stack,
        operation=operation,
        host=socket.gethostname(),
        user=getpass.getuser(),
        started=datetime.now(UTC).isoformat(),
        pid=0,
        born="",
        log=str(log),
        plan=str(plan or ""),
        file=copy.run / f"{log.stem}{SUFFIX}",
    )
    return _save(entry)


def unfinished(copy: WorkingCopy) -> list[Entry]:
    """Runs on the stack that were begun and not closed, oldest first."""
    return sorted(_read(copy), key=lambda entry: entry.started)


def events(entry: Entry) -> list[terraform.Event]:
    """Everything that the run said, as far as its log goes."""
    try:
        lines = Path(entry.log).read_bytes().splitlines()
    except OSError:
        return []
    return [event for line in lines if (event := terraform.parse(line)) is not None]


def _read(copy: WorkingCopy) -> Iterator[Entry]:
    for file in copy.run.glob(f"*{SUFFIX}"):
        try:
            yield Entry(**json.loads(file.read_text()), file=file)
        except (OSError, ValueError, TypeError):
            # Written in one step, so this is no journal of this version.
            continue


def _save(entry: Entry) -> Entry:
    files.write_json(entry.file, _fields(entry))
    return entry


def _fields(entry: Entry) -> dict[str, str | int]:
    return {name: value for name, value in asdict(entry).items() if name != "file"}


def _born(pid: int) -> str:
    """The start time of a process; empty when it has ended."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        if stat.parent.parent.joinpath("self").exists():
            return ""
    else:
        return "" if fields[0] == "Z" else fields[19]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "unknown"  # no /proc: the id alone has to do
