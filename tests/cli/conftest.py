"""The command line as a process of its own, with a workspace of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Ekp = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "workspace"


@pytest.fixture
def ekp(workspace: Path) -> Iterator[Ekp]:
    """Run `ekp` with arguments and extra variables; a local AWS that it starts is stopped."""
    environ = {
        **os.environ,
        "EKP_WORKSPACE": str(workspace),
        "EKP_TODAY": "2026-11-21",
        "COLUMNS": "200",
    }

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ekp", *arguments],
            capture_output=True,
            check=False,
            env=environ | variables,
            stdin=subprocess.DEVNULL,
            text=True,
        )

    yield run
    if (workspace / "local-aws").is_dir():
        run("local", "stop")
