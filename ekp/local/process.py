"""Starts, finds and stops the process of the local AWS."""

import contextlib
import fcntl
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from .layout import ALIVE_LOCK, IDENTITY_PATH, LOG, READY, START_LOCK, STATE

ANSWER_SECONDS = 5.0
STOP_SECONDS = 10.0
LOG_TAIL_LINES = 15
REMEDY = (
    "run `make setup`, or install the extra `local` (pip install 'enterprise-eks-platform[local]')"
)

# The processes this one started: their parent has to take notice of their end.
_children: dict[int, subprocess.Popen[bytes]] = {}


class LocalAwsError(Exception):
    """The local AWS cannot do what was asked; the message says what to do."""


@dataclass(frozen=True)
class LocalAws:
    """A local AWS that runs."""

    endpoint: str
    pid: int
    directory: Path


def start(directory: Path, *, port: int | None = None) -> LocalAws:
    """Start the local AWS of a directory, or give the one that runs there already."""
    return _start(directory, port, lifeline=None)


def status(directory: Path) -> LocalAws | None:
    """Give the local AWS of a directory if it runs and is the one that was started there."""
    try:
        record = json.loads((directory / STATE).read_text(encoding="utf-8"))
        endpoint, pid, instance = record["endpoint"], record["pid"], record["instance"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    # The pid alone proves nothing: the system may have given it to another program.
    if _identity(endpoint) != {"instance": instance, "pid": pid}:
        return None
    return LocalAws(endpoint, pid, directory)


def stop(directory: Path) -> bool:
    """Stop the local AWS of a directory; tell whether one ran."""
    if not directory.is_dir():
        return False
    with _exclusive(directory / START_LOCK):
        pid = _owner(directory)
        if pid is None:
            (directory / STATE).unlink(missing_ok=True)
            return False
        for asked in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, asked)
            if _gone(directory, pid):
                (directory / STATE).unlink(missing_ok=True)
                return True
        raise LocalAwsError(f"process {pid} of the local AWS does not end; end it: kill -9 {pid}")


@contextlib.contextmanager
def throwaway() -> Iterator[LocalAws]:
    """Give a local AWS of its own, which ends with the block, or with this process."""
    with tempfile.TemporaryDirectory(prefix="ekp-local-aws-") as name:
        directory = Path(name)
        lifeline, held = os.pipe()
        try:
            try:
                running = _start(directory, None, lifeline=lifeline)
            finally:
                os.close(lifeline)
            yield running
        finally:
            os.close(held)
            stop(directory)


def _start(directory: Path, port: int | None, *, lifeline: int | None) -> LocalAws:
    missing = [name for name in ("moto", "flask", "flask_cors", "tf") if not _installed(name)]
    if missing:
        raise LocalAwsError(f"the local AWS needs {', '.join(missing)}: {REMEDY}")
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalAwsError(
            f"the local AWS cannot be kept in {directory}: {error.strerror}; make the folder "
            "writable for this user, or name another workspace in EKP_WORKSPACE"
        ) from error
    with _exclusive(directory / START_LOCK):
        running = status(directory)
        if running is not None:
            return running
        owner = _owner(directory)
        if owner is not None:
            raise LocalAwsError(
                f"the local AWS of {directory} runs as process {owner} but does not answer: "
                "run `ekp local stop`, then start it again"
            )
        _launch(directory, port, lifeline)
        started = status(directory)
        if started is None:
            raise LocalAwsError(_died(directory))
        return started


def _launch(directory: Path, port: int | None, lifeline: int | None) -> None:
    """Start the server and wait until it says that it listens, or ends."""
    ready, says_ready = os.pipe()
    fds = [says_ready] if lifeline is None else [says_ready, lifeline]
    command = [
        # -P: the working directory is no place to import from.
        *(sys.executable, "-P", "-m", "ekp.local.server"),
        *("--directory", str(directory.resolve()), "--instance", uuid.uuid4().hex),
        *("--port", str(port or 0), "--ready-fd", str(says_ready)),
    ]
    if lifeline is not None:
        command += ["--lifeline-fd", str(lifeline)]
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    with (directory / LOG).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - this Python, this package
            command,
            cwd=directory,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=fds,
            start_new_session=True,
        )
    _children[process.pid] = process
    os.close(says_ready)
    with os.fdopen(ready, encoding="utf-8") as pipe:
        said = pipe.read()
    if said != READY:
        process.wait()
        del _children[process.pid]
        port_hint = " (choose another port, or leave it out for a free one)" if port else ""
        raise LocalAwsError(
            f"the local AWS did not start: {said}{port_hint}" if said else _died(directory)
        )


def _installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _died(directory: Path) -> str:
    lines = (directory / LOG).read_text(encoding="utf-8", errors="replace").splitlines()
    tail = "\n".join(lines[-LOG_TAIL_LINES:])
    return f"the local AWS ended at its start; the end of {directory / LOG}:\n{tail}"


def _identity(endpoint: str) -> object:
    """Ask who answers; `http.client` is used because it takes no proxy."""
    try:
        address = urlsplit(endpoint)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=ANSWER_SECONDS)
        with contextlib.closing(connection):
            connection.request("GET", IDENTITY_PATH)
            return json.loads(connection.getresponse().read())
    except (OSError, ValueError, HTTPException):
        return None


@contextlib.contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _owner(directory: Path) -> int | None:
    """Give the process that holds a directory; the lock proves that the pid is still its own."""
    try:
        with (directory / ALIVE_LOCK).open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(lock.read())
    except (FileNotFoundError, ValueError):
        return None
    return None


def _gone(directory: Path, pid: int) -> bool:
    child = _children.get(pid)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        ended = child.poll() is not None if child else _owner(directory) is None
        if ended:
            _children.pop(pid, None)
            return True
        time.sleep(0.01)
    return False
