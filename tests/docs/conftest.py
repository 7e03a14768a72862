"""What pages are compared with: the synthesized stacks, and the pages as a site."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Once

from .known import Known, known
from .pages import ROOT


@pytest.fixture(scope="session")
def stacks(synthesized_outdir: Path) -> Path:
    """The stacks of all environments."""
    return synthesized_outdir / "stacks"


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
