"""The process of the local AWS: started once, found again, stopped for good."""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ekp.local import process
from ekp.local.process import LocalAwsError, start, status, stop, throwaway


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "local"
    yield place
    stop(place)


def answers(endpoint: str) -> bool:
    address = urlsplit(endpoint)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=5)
    try:
        connection.request("GET", "/_ekp/identity")
        return connection.getresponse().status == 200
    except ConnectionError:
        return False
    finally:
        connection.close()


def test_it_starts_on_loopback_and_a_second_start_gives_the_same_one(directory: Path) -> None:
    first = start(directory)
    second = start(directory)

    assert first == second == status(directory)
    assert first.endpoint.startswith("http://127.0.0.1:")
    assert json.loads((directory / "server.json").read_text())["pid"] == first.pid


def test_stop_ends_the_process_and_leaves_no_state(directory: Path) -> None:
    running = start(directory)

    assert stop(directory)

    with pytest.raises(ProcessLookupError):
        os.kill(running.pid, 0)
    assert not (directory / "server.json").exists()
    assert status(directory) is None
    assert not stop(directory)


def test_it_outlives_the_process_that_started_it(directory: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from ekp.local.process import start;"
        "print(start(Path(sys.argv[1])).pid)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", script, str(directory)], check=True, capture_output=True, text=True
    ).stdout

    running = status(directory)

    assert running is not None
    assert running.pid == int(printed)
    assert stop(directory)
    assert not answers(running.endpoint)


def test_many_starts_at_once_make_one_server(directory: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda _: start(directory), range(4)))

    assert len(set(started)) == 1
    assert answers(started[0].endpoint)


def test_a_killed_server_is_replaced(directory: Path) -> None:
    killed = start(directory)
    os.kill(killed.pid, signal.SIGKILL)
    os.waitpid(killed.pid, 0)

    assert status(directory) is None
    assert (directory / "server.json").exists()
    assert start(directory).pid != killed.pid


class Stranger(BaseHTTPRequestHandler):
    """Answers as another local AWS would."""

    def do_GET(self) -> None:
        body = json.dumps({"instance": "another", "pid": os.getpid()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_pid_and_a_port_that_others_use_now_are_not_taken_for_the_server(
    directory: Path,
) -> None:
    directory.mkdir()
    with HTTPServer(("127.0.0.1", 0), Stranger) as stranger:
        thread = threading.Thread(target=stranger.serve_forever)
        thread.start()
        record = {
            "endpoint": f"http://127.0.0.1:{stranger.server_port}",
            "pid": os.getpid(),
            "instance": "ours",
        }
        (directory / "server.json").write_text(json.dumps(record))

        found, stopped = status(directory), stop(directory)

        stranger.shutdown()
        thread.join()
    # This very process would be gone if stop had gone by the pid.
    assert (found, stopped) == (None, False)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}'])
def test_a_state_file_that_makes_no_sense_is_as_good_as_none(directory: Path, content: str) -> None:
    directory.mkdir()
    (directory / "server.json").write_text(content)

    assert status(directory) is None
    assert start(directory) == status(directory)


def test_a_port_that_is_taken_is_named(directory: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LocalAwsError, match=rf"port {port} .*choose another port"):
            start(directory, port=port)

    assert status(directory) is None


def test_a_port_can_be_chosen(directory: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    assert start(directory, port=port).endpoint == f"http://127.0.0.1:{port}"


def test_a_server_that_hangs_is_named_and_can_be_stopped(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = start(directory)
    monkeypatch.setattr(process, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(process, "STOP_SECONDS", 0.5)
    os.kill(running.pid, signal.SIGSTOP)

    with pytest.raises(LocalAwsError, match=f"process {running.pid} but does not answer"):
        start(directory)

    assert stop(directory)


def test_a_missing_extra_is_named_with_its_remedy(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_installed", lambda name: name != "moto")

    with pytest.raises(LocalAwsError, match=r"needs moto: run `make setup`"):
        start(directory)


def test_a_server_that_dies_at_its_start_leaves_its_last_words(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text("raise SystemExit('no luck today')")
    monkeypatch.setenv("PYTHONPATH", str(broken))

    with pytest.raises(LocalAwsError, match=r"server\.log:[\s\S]*no luck today"):
        start(directory)


def test_an_account_in_the_environment_does_not_put_all_requests_in_it(
    directory: Path, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "999999999999")
    running = start(directory)

    sts = session.client("sts", endpoint_url=running.endpoint, region_name="us-east-1")

    assert sts.get_caller_identity()["Account"] == "123456789012"


def test_it_ends_when_its_directory_is_removed_and_leaves_the_next_one_alone(
    directory: Path,
) -> None:
    lost = start(directory)
    shutil.rmtree(directory)
    found = start(directory)

    _, ended = os.waitpid(lost.pid, 0)

    assert ended == 0
    assert found.pid != lost.pid
    assert status(directory) == found


def test_a_throwaway_ends_with_its_block() -> None:
    with throwaway() as one, throwaway() as other:
        assert one.endpoint != other.endpoint
        assert answers(one.endpoint)

    assert not answers(one.endpoint)
    assert not one.directory.exists()


def test_a_throwaway_ends_with_the_process_that_made_it() -> None:
    script = (
        "import os, signal; from ekp.local.process import throwaway;"
        "local = throwaway(); print(local.__enter__().directory, flush=True);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    directory = Path(done.stdout.strip())
    # The lock is free as soon as the server is gone: taking it is waiting for that.
    with (directory / "alive.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

    assert done.returncode == -signal.SIGKILL
    assert status(directory) is None
