"""Terraform as a process: the only module that touches python-terraform."""

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_terraform import IsFlagged
from python_terraform import Terraform as CommandBuilder

from .errors import NotWritableError, TerraformMissingError, TerraformTooOldError
from .interrupt import Interrupts

Event = Mapping[str, Any]
FLAG = IsFlagged
CHANGES_FOUND = 2  # `plan -detailed-exitcode`
OLDEST = (1, 10)  # the first version that locks state in S3 itself (`use_lockfile`)
POLL_SECONDS = 0.05
# Terraform and its AWS provider spend a third of a plan of a web ACL on collecting garbage. With
# more room they take about 750 MB in place of 600; the second value keeps them from taking more.
ROOMY = {"GOGC": "400", "GOMEMLIMIT": "1GiB"}
QUIET = {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}


@dataclass(frozen=True)
class Binary:
    """A Terraform (or OpenTofu) that can be started. ``version`` is what it calls itself."""

    path: str
    version: str


@dataclass(frozen=True)
class Captured:
    """A short command that has ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Streamed:
    """A long command that has ended. ``code`` is negative when a signal killed it."""

    code: int
    diagnostics: tuple[Event, ...]
    log: Path

    @property
    def killed(self) -> bool:
        """Whether a signal ended the process, so that it could not save its state."""
        return self.code < 0


def find(environ: Mapping[str, str]) -> Binary:
    """The Terraform to use: the one that ``EKP_TERRAFORM`` names, else ``terraform`` on PATH.

    Raises:
        TerraformMissingError: it is not there or does not start.
        TerraformTooOldError: it cannot lock state in S3.
    """
    name = environ.get("EKP_TERRAFORM") or "terraform"
    remedy = "Install Terraform >= 1.10, or let EKP_TERRAFORM name the binary to use."
    path = shutil.which(name, path=environ.get("PATH"))
    if path is None:
        raise TerraformMissingError(f"{name} was not found on PATH.", remedy=remedy)
    try:
        answer = subprocess.run(  # noqa: S603  the person names the binary
            command(path, "version", json=FLAG),
            capture_output=True,
            check=True,
            env={**environ, **QUIET},
            text=True,
        )
        # A CLI configuration that does not exist makes it print a warning first.
        version = str(json.loads(answer.stdout[answer.stdout.index("{") :])["terraform_version"])
        numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    except (OSError, subprocess.CalledProcessError, ValueError, KeyError) as error:
        raise TerraformMissingError(
            f"{path} does not answer as Terraform does: {error}.", remedy=remedy
        ) from error
    if numbers < OLDEST:
        raise TerraformTooOldError(
            f"{path} is version {version}; state locks in S3 need 1.10 or newer.", remedy=remedy
        )
    return Binary(path, version)


def command(path: str, name: str, *arguments: str, **options: object) -> list[str]:
    """The command line of ``name`` (such as ``state pull``); ``FLAG`` stands for a bare option."""
    # The state that it would read here is not used; the null device would not parse.
    builder = CommandBuilder(terraform_bin_path=path, state="state-is-not-read-here")
    return [str(part) for part in builder.generate_cmd_string(name, *arguments, **options)]


def environment(
    caller: Mapping[str, str], variables: Mapping[str, str | None], data: Path
) -> dict[str, str]:
    """The variables that Terraform gets; None in ``variables`` takes one of the caller's away."""
    merged = {**ROOMY, **caller, **variables, **QUIET, "TF_DATA_DIR": str(data)}
    return {name: value for name, value in merged.items() if value is not None}


def capture(argv: list[str], *, folder: Path, environ: Mapping[str, str]) -> Captured:
    """Run a short command that changes nothing (Ctrl-C does not reach it)."""
    ended = subprocess.run(  # noqa: S603  built by `command`
        argv,
        capture_output=True,
        check=False,
        cwd=folder,
        env=environ,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    return Captured(ended.returncode, ended.stdout, ended.stderr)


def stream(
    argv: list[str],
    *,
    folder: Path,
    environ: Mapping[str, str],
    log: Path,
    interrupts: Interrupts,
    on_event: Callable[[Event], None] = lambda _event: None,
    on_start: Callable[[int], None] = lambda _pid: None,
    on_text: Callable[[str], None] = lambda _line: None,
) -> Streamed:
    """Run a long command with ``-json``, hand on its events, keep its raw output in ``log``.

    ``on_start`` is told the process id, ``on_text`` each line that is no event. Raises
    ``InterruptedRunError`` when the run was asked to stop before the start, ``NotWritableError``
    when ``log`` cannot be written.
    """
    diagnostics: list[Event] = []

    def take(line: bytes) -> None:
        event = parse(line)
        if event is None:
            on_text(line.decode(errors="replace"))
        else:
            if event.get("type") == "diagnostic":
                diagnostics.append(event["diagnostic"])
            on_event(event)

    try:
        # Terraform itself holds the log: its lines are on disk even if this process dies, and no
        # closed pipe can stop it in mid-apply.
        with log.open("ab") as sink, log.open("rb") as source:
            source.seek(0, os.SEEK_END)

            def start() -> subprocess.Popen[bytes]:
                return subprocess.Popen(  # noqa: S603  built by `command`
                    argv,
                    cwd=folder,
                    env=environ,
                    start_new_session=True,
                    stderr=sink,
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                )

            with interrupts.watching(start) as process:
                on_start(process.pid)
                rest = b""
                ended = False
                while not ended:
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(POLL_SECONDS)
                    ended = process.poll() is not None
                    *lines, rest = (rest + source.read()).split(b"\n")
                    for line in lines:
                        take(line)
                take(rest)
                code = process.wait()
    except OSError as error:
        raise NotWritableError(
            f"{log} cannot be written: {error.strerror or error}.",
            remedy="Make the folder writable for this user, or free space on its disk.",
        ) from error
    if code < 0:
        # A killed Terraform leaves its provider plugins behind.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    return Streamed(code, tuple(diagnostics), log)


def parse(line: bytes) -> Event | None:
    """One line of ``-json`` output; None for what is not an event (``init`` prints some)."""
    if not line.startswith(b"{"):
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
