"""Fixtures of the synth tier: fresh stacks, and every stack of every environment."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import modules  # noqa: F401 - its seam comes before anything of CDKTF
from modules.core.context import Context

import pytest
from cdktf import App, TerraformStack

from tests.support import settings
from tests.support.synth import Synth

# A day on which every version in use is supported, so that the suite does not age.
TODAY = date(2026, 11, 21)


@pytest.fixture
def ctx() -> Context:
    """Production in eu-west-1, with a permissions boundary."""
    return settings.context()


@pytest.fixture
def stack(tmp_path: Path) -> TerraformStack:
    """A fresh stack in an app of its own."""
    return TerraformStack(App(outdir=str(tmp_path / "one")), "test")


@pytest.fixture
def other_stack(tmp_path: Path) -> TerraformStack:
    """A second fresh stack, to compare the first with."""
    return TerraformStack(App(outdir=str(tmp_path / "other")), "test")


@pytest.fixture
def app(tmp_path: Path) -> App:
    """A fresh app, for layers: they are stacks themselves."""
    return App(outdir=str(tmp_path / "app"))


@pytest.fixture(scope="session")
def outdir(synthesized_outdir: Path) -> Path:
    """A ``cdktf.out`` with every environment; synthesized once, only read."""
    return synthesized_outdir


@pytest.fixture(scope="session")
def stacks(outdir: Path) -> Mapping[str, Synth]:
    """Every stack of every environment, by stack id."""
    files = sorted((outdir / "stacks").glob("*/cdk.tf.json"))
    return {file.parent.name: Synth.read(file) for file in files}
