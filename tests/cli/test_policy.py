"""`ekp policy`: the gate over the platform as it is, and what a closed gate stops."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ekp.cli import app
from ekp.commands import policy
from ekp.gate.gate import Gate
from ekp.synth import project_root

CLOSED = 3
FINDING = "prod-break-glass/break-glass/user"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace in which results of the gate stay known from test to test."""
    return tmp_path_factory.mktemp("workspace")


@pytest.fixture(autouse=True)
def _settings(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EKP_WORKSPACE", str(kept))
    monkeypatch.setenv("EKP_TODAY", "2026-11-21")


@pytest.fixture
def strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the exceptions away."""
    severity = project_root() / "policies" / "severity.yaml"
    (tmp_path / severity.name).write_bytes(severity.read_bytes())

    def gate(stacks: Any, services: Any, _: Path, *rest: Any) -> Gate:
        return Gate(stacks, services, tmp_path, *rest)

    monkeypatch.setattr(policy, "Gate", gate)


def ekp(*arguments: str) -> Any:
    return CliRunner().invoke(app, arguments)


def opened(report: dict[str, Any]) -> set[str]:
    """Return the paths of findings that nothing explains."""
    return {one["path"] for one in report["findings"] if one["exception"] is None}


@pytest.mark.requirement("R48")
def test_nothing_of_any_environment_is_found_that_no_exception_explains(tmp_path: Path) -> None:
    files = {kind: tmp_path / f"review.{kind}" for kind in ("sarif", "junit", "html")}

    done = ekp("policy", "--json", *(f"--{kind}={file}" for kind, file in files.items()))

    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["gate"] == "open"
    assert opened(report) == set()
    assert report["problems"] == []
    assert set(report["environments"]) == {"dev", "qa", "prod", "management"}
    assert report["counts"]["passed"] > 5000
    assert all(file.read_text(encoding="utf-8") for file in files.values())


@pytest.mark.usefixtures("strict")
def test_a_closed_gate_names_the_construct_and_has_an_exit_code_of_its_own() -> None:
    done = ekp("policy", "prod", "--json")

    assert done.exit_code == CLOSED
    assert FINDING in opened(json.loads(done.stdout))


@pytest.mark.usefixtures("strict")
def test_a_deploy_starts_nothing_while_the_gate_is_closed(kept: Path) -> None:
    done = ekp("deploy", "prod", "--local", "--json")

    assert done.exit_code == CLOSED
    assert FINDING in opened(json.loads(done.stdout))
    assert not (kept / "local-aws").exists()
    assert not (kept / "local").exists()
