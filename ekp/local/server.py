"""The process of the local AWS: `python -m ekp.local.server`."""

import argparse
import contextlib
import fcntl
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import NoReturn

from .environment import LOOPBACK, without_aws
from .layout import ALIVE_LOCK, READY, STATE

WATCH_SECONDS = 1.0
# What every stack calls first; made while Terraform still starts.
WARM_SERVICES = ("sts", "s3", "iam", "ec2", "kms", "logs", "eks")


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m ekp.local.server", description=__doc__)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--instance", required=True, help="the name that /_ekp/identity answers")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--ready-fd", type=int, help="where to say that the server listens")
    parser.add_argument("--lifeline-fd", type=int, help="the server ends when this pipe closes")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _end)
    lock = _own(options.directory, options.ready_fd)
    Thread(target=_end_without, args=(options.directory / ALIVE_LOCK, lock), daemon=True).start()
    try:
        listener = socket.create_server((LOOPBACK, options.port), backlog=128)
    except OSError as error:
        _fail(
            options.ready_fd, f"port {options.port} of {LOOPBACK} cannot be used: {error.strerror}"
        )
    _set_moto_up(listener.getsockname()[1])
    with listener, _recorded(options.directory, options.instance, listener.getsockname()[1]):
        try:
            _serve(listener, options)
        except SystemExit:
            logging.shutdown()
    # Taking the interpreter down object by object takes half a second and does nothing more.
    os._exit(0)


def _serve(listener: socket.socket, options: argparse.Namespace) -> None:
    # moto reads its settings from the environment when it is imported.
    from .answers import Answers  # noqa: PLC0415
    from .application import make_server, warm_up  # noqa: PLC0415

    server = make_server(listener, options.instance, options.directory)
    server.app = Answers().wrap(server.app)
    if options.ready_fd is not None:
        _say(options.ready_fd, READY)
    if options.lifeline_fd is not None:
        Thread(target=_end_with, args=(options.lifeline_fd,), daemon=True).start()
    Thread(target=warm_up, args=(server, WARM_SERVICES), daemon=True).start()
    server.serve_forever()


def _own(directory: Path, ready_fd: int | None) -> int:
    """Hold a lock for life: the kernel frees it when the process is gone, however it ended."""
    lock = os.open(directory / ALIVE_LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _fail(ready_fd, f"another server holds {directory}")
    os.truncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    return lock


def _set_moto_up(port: int) -> None:
    kept = without_aws(os.environ)
    os.environ.clear()
    # MOTO_ACCOUNT_ID among them: it would put every environment in one account.
    os.environ.update({key: value for key, value in kept.items() if not key.startswith("MOTO_")})
    os.environ.update(
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        MOTO_PORT=str(port),
        MOTO_IAM_LOAD_MANAGED_POLICIES="true",
        # 1300 images in each account and region; nothing here starts from one.
        MOTO_EC2_LOAD_DEFAULT_AMIS="false",
    )
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    # One line a request is noise, and costs time.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)


@contextlib.contextmanager
def _recorded(directory: Path, instance: str, port: int) -> Iterator[None]:
    state = directory / STATE
    record = {"endpoint": f"http://{LOOPBACK}:{port}", "pid": os.getpid(), "instance": instance}
    draft = state.with_suffix(f".{instance}.tmp")
    draft.write_text(json.dumps(record), encoding="utf-8")
    draft.replace(state)
    try:
        yield
    finally:
        # Another server may have the place by now, when somebody removed the directory.
        with contextlib.suppress(OSError, ValueError):
            if json.loads(state.read_text(encoding="utf-8")) == record:
                state.unlink()


def _say(fd: int, text: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(fd, text.encode())
    os.close(fd)


def _fail(ready_fd: int | None, reason: str) -> NoReturn:
    if ready_fd is not None:
        _say(ready_fd, reason)
    sys.exit(reason)


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)


def _end_without(path: Path, lock: int) -> None:
    """End when the directory is removed: nobody would find this server again."""
    own = os.fstat(lock).st_ino
    while True:
        try:
            if path.stat().st_ino != own:
                break
        except FileNotFoundError:
            break
        time.sleep(WATCH_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _end_with(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
