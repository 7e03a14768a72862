"""`ekp charts` shows the pins, and `ekp charts check` judges the synthesized releases."""

import json
from dataclasses import replace
from pathlib import Path

from modules.addons.charts import CHARTS, KUBE_PROMETHEUS_STACK, METRICS_SERVER

import pytest
from typer.testing import CliRunner, Result

from ekp.charts import pins
from ekp.charts.compare import ChartFiles
from ekp.cli import app
from ekp.commands import charts as commands
from ekp.commands.console import out
from ekp.commands.workspace import Workspace

from ..charts.stacks import release

RUNNER = CliRunner()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose stacks install one chart, beside a folder of charts."""
    root = tmp_path / "project"
    folder = root / "cdktf.out" / "stacks" / "dev-eu-west-1-platform"
    folder.mkdir(parents=True)
    ekp = {"environment": "dev", "region": "eu-west-1", "layer": "platform"}
    body = {
        "//": {"ekp": ekp},
        "resource": {"helm_release": {"a": release("replicas: 2"), "b": release("replica: 2")}},
    }
    (folder / "cdk.tf.json").write_text(json.dumps(body), encoding="utf-8")
    entry = {"synthesizedStackPath": "stacks/dev-eu-west-1-platform/cdk.tf.json"}
    (root / "cdktf.out" / "manifest.json").write_text(
        json.dumps({"stacks": {"dev-eu-west-1-platform": entry}}), encoding="utf-8"
    )
    chart = tmp_path / "shared" / "charts" / "metrics-server"
    chart.mkdir(parents=True)
    (chart / "Chart.yaml").write_text("name: metrics-server\nversion: 3.13.1\n", encoding="utf-8")
    (chart / "values.yaml").write_text("replicas: 1\n", encoding="utf-8")
    # Wide enough for each release to stand on one line.
    monkeypatch.setattr(out, "width", 200)
    monkeypatch.setattr(commands, "workspace", lambda: Workspace(root))
    return root


def ekp(*arguments: str) -> Result:
    return RUNNER.invoke(app, ["charts", *arguments])


@pytest.mark.usefixtures("project")
def test_every_pin_is_shown_with_where_it_is_used() -> None:
    found = {row["chart"]: row for row in json.loads(ekp("--json").stdout)["charts"]}
    shown = ekp().stdout

    assert set(found) == {chart.name for chart in CHARTS}
    assert found["metrics-server"]["releases"][0]["stack"] == "dev-eu-west-1-platform"
    assert "kube-system/metrics-server: dev (2)" in " ".join(shown.split())
    assert "nowhere" in shown


@pytest.mark.usefixtures("project")
def test_every_pin_is_shown_with_what_helm_stores_of_it() -> None:
    stored = KUBE_PROMETHEUS_STACK.stored_bytes or 0
    found = {row["chart"]: row for row in json.loads(ekp("--json").stdout)["charts"]}
    row = found["kube-prometheus-stack"]

    assert row["stored_bytes"] == stored
    assert row["stored_percent"] - 1 < stored / 10_485.76 <= row["stored_percent"]
    assert f"{stored // 1000} kB ({row['stored_percent']} %)" in ekp().stdout


@pytest.mark.usefixtures("project")
def test_a_pin_that_nobody_measured_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    unmeasured = pins.Pin(replace(METRICS_SERVER, stored_bytes=None), ())
    monkeypatch.setattr(pins, "table", lambda _: [unmeasured])

    assert "not measured" in ekp().stdout


@pytest.mark.usefixtures("project")
def test_values_that_do_not_fit_are_named_and_fail() -> None:
    done = ekp("check")

    assert done.exit_code == 1
    assert "dev-eu-west-1-platform: metrics-server: replica: no value of this chart" in done.stderr
    assert "2 releases checked, 1 complaint found." in done.stdout


def test_values_that_fit_succeed(project: Path) -> None:
    (project.parent / "shared" / "charts" / "metrics-server" / "values.yaml").write_text(
        "replicas: 1\nreplica: 1\n", encoding="utf-8"
    )
    done = ekp("check")

    assert done.exit_code == 0
    assert "2 releases checked, nothing found." in done.stdout


def test_the_result_is_json_when_asked_for(project: Path) -> None:
    done = ekp("check", "--json", "--charts", str(project.parent / "shared" / "charts"))

    found = json.loads(done.stdout)
    assert found["releases"] == 2
    assert [c["message"] for c in found["complaints"]] == ["replica: no value of this chart"]


def test_charts_that_are_not_here_are_said_to_be_missing_with_what_to_do(project: Path) -> None:
    done = ekp("check", "--charts", str(project / "nowhere"))

    assert done.exit_code == 2
    assert "There are no charts in" in done.stderr
    assert "helm pull --untar" in done.stderr


def test_a_chart_needs_both_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "values.yaml").write_text("", encoding="utf-8")

    assert ChartFiles.at(tmp_path, "x") is None
