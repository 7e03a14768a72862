"""What pages are compared with: the synthesized stacks, and the pages as a site."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import main

from .known import Known, known
from .pages import ROOT

DAY = date(2026, 11, 21)

Once = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(scope="session")
def once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Make a folder once for all workers of a run; two that begin together both make it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if hasattr(request.config, "workerinput") else base

    def folder(name: str, make: Callable[[Path], object]) -> Path:
        if not (shared / name).exists():
            own = tmp_path_factory.mktemp("documented") / name
            make(own)
            try:
                own.rename(shared / name)
            except OSError:  # another worker was first
                shutil.rmtree(own)
        return shared / name

    return folder


@pytest.fixture(scope="session")
def stacks(once: Once) -> Path:
    """The stacks of all environments."""
    return once("cdktf.out", lambda folder: main.synth(str(folder), today=DAY)) / "stacks"


@pytest.fixture(scope="session", name="known")
def _known(stacks: Path) -> Known:
    return known(stacks)


@pytest.fixture(scope="session")
def site(once: Once) -> Path:
    """The site, built as `make docs` does: a warning is an error."""
    return once("documentation", built)


def built(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        text=True,
    )
    assert done.returncode == 0, done.stderr
