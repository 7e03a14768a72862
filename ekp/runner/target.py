"""Where a run goes: variables for Terraform, and working copies of the stack folders."""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import files
from .errors import BusyError, NotWritableError
from .stacks import Stack

LOCK_FILE = ".terraform.lock.hcl"
DATA = ".terraform"
RUN = "run"
ERRORED = "errored.tfstate"  # where Terraform puts a state that it could not store
KEPT = {LOCK_FILE, DATA, RUN, ERRORED}


@dataclass(frozen=True)
class Target:
    """An account to run against: ``aws`` is the caller's, ``local`` the local AWS.

    ``variables`` are set for Terraform over the caller's; None takes one away. ``workspace`` is
    the folder of all working copies. ``option`` is what a command needs to come here again.
    ``mirrors`` hold providers that are used here and nowhere else. ``hosts`` says where the API of
    HCP Terraform is that is not on its own host: hostname -> address.
    """

    name: str
    variables: Mapping[str, str | None]
    workspace: Path
    option: str = ""
    mirrors: Sequence[Path] = ()
    hosts: Mapping[str, str] = field(default_factory=dict)

    def recover(self, stack: Stack) -> str:
        """The command that takes over what a killed run on the stack made."""
        return " ".join(filter(None, ["ekp deploy", stack.environment, self.option, "--recover"]))

    def copy_of(self, stack: Stack) -> "WorkingCopy":
        """The working copy of a stack (nothing is written yet)."""
        return WorkingCopy((self.workspace / self.name / stack.id).absolute())


def difference(caller: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str | None]:
    """What turns the caller's variables into the wanted ones: ``Target.variables`` of a place."""
    gone: dict[str, str | None] = {name: None for name in caller if name not in wanted}
    return gone | {name: value for name, value in wanted.items() if caller.get(name) != value}


@dataclass(frozen=True)
class WorkingCopy:
    """A copy of one stack folder in which Terraform runs; ``cdktf.out`` itself is never written."""

    folder: Path

    @property
    def data(self) -> Path:
        """Terraform's data folder (providers, backend settings)."""
        return self.folder / DATA

    @property
    def run(self) -> Path:
        """Plans, outputs, logs and journals of this stack."""
        return self.folder / RUN

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other runs on this machine out of the working copy while the block runs.

        Raises:
            BusyError: another run has it.
            NotWritableError: the folder cannot be written.
        """
        files.make_folder(self.run)
        try:
            handle = os.open(self.run / "busy", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise NotWritableError(
                f"{self.run} cannot be written: {error.strerror}.",
                remedy="Make the folder writable for this user.",
            ) from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                owner = os.pread(handle, 32, 0).decode() or "unknown"
                raise BusyError(
                    f"Another ekp (process {owner}) works on {self.folder.name} in this folder.",
                    remedy="Wait until it is done, or stop it with Ctrl-C.",
                ) from error
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
            yield
        finally:
            os.close(handle)

    def refresh(self, source: Path) -> None:
        """Make the files those of ``source``; Terraform's own data and our runs stay.

        Raises:
            NotWritableError: a file cannot be written.
        """
        files.make_folder(self.folder)
        try:
            for old in self.folder.iterdir():
                if old.name not in KEPT and not (source / old.name).exists():
                    shutil.rmtree(old) if old.is_dir() else old.unlink()
            for new in source.iterdir():
                if new.name in KEPT:
                    continue
                if new.is_dir():
                    shutil.rmtree(self.folder / new.name, ignore_errors=True)
                    shutil.copytree(new, self.folder / new.name)
                else:
                    files.write(self.folder / new.name, new.read_bytes())
        except OSError as error:
            raise NotWritableError(
                f"{self.folder} cannot be refreshed from {source}: {error.strerror or error}.",
                remedy="Make both folders readable and the first one writable for this user.",
            ) from error
