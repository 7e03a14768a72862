"""Prometheus itself, over samples that a drill makes up: one process, on loopback, for a while.

The programs are Debian's package ``prometheus``. Nothing is scraped, and nothing is asked but the
server that was started here.
"""

import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from ekp.runner.errors import RunnerError

from .ending import leaving

_ONCE = "Run the drill again, with more memory where that is what ran out."
REMEDY = "Install Debian's package prometheus, which brings promtool too."
_LOOPBACK = "127.0.0.1"
_STARTS_WITHIN_SECONDS = 60.0
_ASKS_AGAIN_SECONDS = 0.02
# One block for everything: more would each read the whole text again.
_BLOCK = "--max-block-duration=8760h"


class PrometheusError(RunnerError):
    """Prometheus did not start, did not take its samples, or ended too soon."""


class QueryError(ValueError):
    """Prometheus refuses a query."""


def found() -> str | None:
    """Return the path of ``prometheus``; None: it is not installed, or without ``promtool``."""
    program = shutil.which("prometheus")
    return program if program and shutil.which("promtool", path=_beside(program)) else None


def _beside(program: str) -> str:
    """Return where its tools are looked for: beside it, then wherever programs are."""
    return os.pathsep.join([str(Path(program).parent), os.environ.get("PATH", "")])


@dataclass(frozen=True)
class Server:
    """A running Prometheus."""

    port: int
    _connection: http.client.HTTPConnection
    _known: dict[tuple[str, float], tuple[float, ...] | float] = field(default_factory=dict)

    def ask(self, query: str, at: float) -> tuple[float, ...] | float:
        """Return the values of an instant query, in no order, or the number that it is.

        Raises:
            QueryError: it refuses the query.
            PrometheusError: it answers no more.
        """
        if (query, at) not in self._known:
            self._known[query, at] = self._answer(query, at)
        return self._known[query, at]

    def _answer(self, query: str, at: float) -> tuple[float, ...] | float:
        parameters = urlencode({"query": query, "time": f"{at:.3f}"})
        try:
            self._connection.request("GET", f"/api/v1/query?{parameters}")
            told = json.loads(self._connection.getresponse().read())
        except (OSError, http.client.HTTPException) as error:
            raise PrometheusError(
                f"Prometheus answers no more: {error!r}.", remedy=_ONCE
            ) from error
        if told["status"] != "success":
            raise QueryError(f"{query}: {told.get('error')}")
        data = told["data"]
        if data["resultType"] == "scalar":
            return float(data["result"][1])
        return tuple(float(one["value"][1]) for one in data["result"])


@contextmanager
def serving(program: str, samples: Iterable[str]) -> Iterator[Server]:
    """Run Prometheus over some samples until the block is left, in whatever way.

    It is killed and its folder removed when this process is asked to end, too (SIGINT, SIGTERM,
    SIGHUP); nothing can do so where this process is killed itself (SIGKILL).

    Args:
        program: Its path.
        samples: Lines of OpenMetrics with times, each with its end.

    Raises:
        PrometheusError: it does not start, or does not take the samples.
    """
    with leaving(), tempfile.TemporaryDirectory(prefix="ekp-prometheus-") as name:
        folder = Path(name)
        _write_blocks(program, folder, samples)
        configuration = folder / "prometheus.yml"
        configuration.write_text("{}\n", encoding="utf-8")
        port = _free_port()
        log = folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - the program that was found, no shell
                [
                    program,
                    f"--config.file={configuration}",
                    f"--storage.tsdb.path={folder / 'data'}",
                    # What is made up lies in the past, and is not to be thrown away for it.
                    "--storage.tsdb.retention.time=100y",
                    f"--web.listen-address={_LOOPBACK}:{port}",
                    "--log.level=warn",
                ],
                stdout=output,
                stderr=output,
                cwd=folder,
            )
        connection = http.client.HTTPConnection(_LOOPBACK, port, timeout=30)
        try:
            _wait(process, connection, folder)
            yield Server(port, connection)
        finally:
            connection.close()
            process.kill()
            process.wait()


def _write_blocks(program: str, folder: Path, samples: Iterable[str]) -> None:
    text = folder / "samples.txt"
    with text.open("w", encoding="utf-8") as file:
        file.writelines(samples)
        file.write("# EOF\n")
    promtool = shutil.which("promtool", path=_beside(program))
    if promtool is None:
        raise PrometheusError(f"There is no promtool beside {program}.", remedy=REMEDY)
    arguments = ["tsdb", "create-blocks-from", "openmetrics", _BLOCK, "--quiet"]
    made = subprocess.run(  # noqa: S603 - the program that was found, no shell
        [promtool, *arguments, str(text), str(folder / "data")],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise PrometheusError(f"promtool takes no samples: {made.stderr.strip()}.", remedy=REMEDY)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind((_LOOPBACK, 0))
        port: int = listening.getsockname()[1]
        return port


def _wait(
    process: subprocess.Popen[bytes], connection: http.client.HTTPConnection, folder: Path
) -> None:
    """Wait until the server answers, as long as the process lives.

    Another drill's server may have taken the port meanwhile: the one with our folder is ours.
    """
    end = time.monotonic() + _STARTS_WITHIN_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            connection.request("GET", "/api/v1/status/flags")
            answer = connection.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
        else:
            if answer.status == http.HTTPStatus.OK and _stores(told) == str(folder / "data"):
                return
        time.sleep(_ASKS_AGAIN_SECONDS)
    said = (folder / "log").read_text(encoding="utf-8", errors="replace").strip()
    raise PrometheusError(f"Prometheus does not start: {said or 'it says nothing'}.", remedy=REMEDY)


def _stores(flags: bytes) -> str:
    """Return the folder that a server tells as its own."""
    return str(json.loads(flags)["data"]["storage.tsdb.path"])
