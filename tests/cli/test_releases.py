"""What commands say about Helm releases in local mode, and when those are void."""

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ekp.cli import app
from ekp.commands import policy, runs
from ekp.commands.workspace import Workspace
from ekp.runner.results import RunResult
from ekp.runner.target import Target
from tests.gate.made_up import clean

from .conftest import Ekp


def keep(workspace: Path, *, releases: int, bundles: int) -> None:
    """Leave in a workspace what the stand-in of the helm provider leaves there."""
    for number in range(releases):
        file = workspace / "releases" / "dev-0a1b" / "kube-system" / f"r{number}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}")
    for number in range(bundles):
        file = workspace / "rendered" / "dev" / f"r{number}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("---\n")


def test_a_new_local_aws_has_no_releases_and_a_running_one_keeps_them(
    ekp: Ekp, workspace: Path
) -> None:
    keep(workspace, releases=1, bundles=1)

    assert ekp("local", "start").returncode == 0
    assert not (workspace / "releases").exists()
    assert not (workspace / "rendered").exists()

    keep(workspace, releases=1, bundles=1)
    assert ekp("local", "start").returncode == 0
    assert (workspace / "rendered" / "dev" / "r0.yaml").is_file()


def test_the_variables_lead_to_the_local_helm_provider(ekp: Ekp, workspace: Path) -> None:
    lines = ekp("local", "env").stdout.splitlines()
    variables = dict(
        line.removeprefix("export ").split("=", 1) for line in lines if line.startswith("export ")
    )

    assert "stand-ins" in Path(variables["TF_CLI_CONFIG_FILE"]).read_text()
    assert variables["EKP_LOCAL_HELM"] == str(workspace)
    assert Path(variables["EKP_LOCAL_PYTHON"]).is_file()
    # The lock files of a real deploy by the same CLI hold the real provider's hashes.
    assert variables["CDKTF_OUTPUT"] == str(workspace / "cdktf.out")


@pytest.mark.parametrize(
    ("local", "releases", "said"),
    [
        (True, 3, "Helm: 3 releases recorded, 2 bundles of objects rendered to {}/rendered"),
        (True, 0, ""),
        (False, 3, ""),
    ],
)
def test_a_deploy_says_in_one_line_what_became_of_releases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, local: bool, releases: int, said: str
) -> None:
    monkeypatch.setenv("EKP_WORKSPACE", str(tmp_path))
    keep(tmp_path, releases=releases, bundles=2 if releases else 0)
    space = Workspace(tmp_path)

    def chosen(_environment: str, *, local: bool) -> tuple[Workspace, Mapping[str, object], object]:
        del local
        return space, {}, {}

    monkeypatch.setattr(runs, "select", chosen)
    monkeypatch.setattr(policy, "opened", lambda *_: nullcontext())
    monkeypatch.setattr(policy, "judged", lambda *_, **__: clean())
    monkeypatch.setattr(runs, "run_deploy", lambda *_, **__: RunResult("deploy", "x", (), 0.0))
    monkeypatch.setattr(Workspace, "target", lambda *_, **__: Target("x", {}, tmp_path))

    arguments = ["deploy", "dev", "--local"] if local else ["deploy", "dev", "--yes"]
    done = CliRunner().invoke(app, arguments)

    assert done.exit_code == 0, done.output
    lines = [line for line in done.output.splitlines() if line.startswith("Helm: ")]
    assert len(lines) == (1 if said else 0)
    if said:
        assert lines[0].startswith(said.format(tmp_path))
        assert "charts are not installed: the local AWS has no Kubernetes" in lines[0]
