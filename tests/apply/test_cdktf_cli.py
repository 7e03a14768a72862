"""The CLI of CDKTF does the same job on the same cdktf.json."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ekp.synth import project_root

CDKTF = shutil.which("cdktf")

pytestmark = pytest.mark.skipif(
    CDKTF is None, reason="the CLI of CDKTF is not on PATH: npm install --global cdktf-cli@0.21.0"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the CLI reads: it writes to cdktf.out, which other tests use."""
    for name in ("main.py", "cdktf.json"):
        shutil.copy(project_root() / name, tmp_path)
    for name in ("modules", "environments", "helm-values"):
        shutil.copytree(project_root() / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The variables of `ekp local env`, as a shell would take them."""
    workspace = {**os.environ, "EKP_WORKSPACE": str(tmp_path / "workspace")}
    bin_folder = Path(sys.executable).parent
    workspace["PATH"] = f"{bin_folder}{os.pathsep}{workspace['PATH']}"
    shown = subprocess.run(
        ["bash", "-c", 'set -e; lines=$(ekp local env); eval "$lines"; env -0'],
        capture_output=True,
        check=True,
        env=workspace,
        text=True,
    ).stdout
    yield dict(line.split("=", 1) for line in shown.split("\0") if "=" in line)
    subprocess.run(["ekp", "local", "stop"], check=True, env=workspace, capture_output=True)


@pytest.mark.requirement("R46")
def test_cdktf_deploy_applies_dev_from_the_same_app(project: Path, environ: dict[str, str]) -> None:
    done = subprocess.run(
        [str(CDKTF), "deploy", "dev-*", "--auto-approve"],
        capture_output=True,
        check=False,
        cwd=project,
        env={**environ, "CI": "true", "DISABLE_VERSION_CHECK": "true"},
        text=True,
    )

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert done.stdout.count("Apply complete!") == 6
    assert "cluster_name = ekp-dev-euw1-eks" in done.stdout
