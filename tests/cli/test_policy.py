"""`ekp policy`: the gate over the platform as it is, and what a closed gate stops."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from ekp.cli import app
from ekp.commands import policy
from ekp.gate.errors import GateError
from ekp.gate.gate import Gate
from ekp.synth import project_root
from tests.gate.made_up import clean, report

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


def opened(found: dict[str, Any]) -> set[str]:
    """Return the paths of findings that nothing explains."""
    return {one["path"] for one in found["findings"] if one["exception"] is None}


@pytest.mark.requirement("R48")
def test_nothing_of_any_environment_is_found_that_no_exception_explains(tmp_path: Path) -> None:
    files = {kind: tmp_path / f"review.{kind}" for kind in ("sarif", "junit", "html")}

    done = ekp("policy", "--json", *(f"--{kind}={file}" for kind, file in files.items()))

    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["gate"] == "open"
    assert opened(found) == set()
    assert found["problems"] == []
    assert set(found["environments"]) == {"dev", "qa", "prod", "management"}
    assert found["counts"]["passed"] > 5000
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


def test_an_exception_that_explains_nothing_is_a_warning_for_a_deploy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    idle = "exceptions.yaml:9: CKV_AWS_18 at **: explains nothing; remove it"
    report = clean(problems=(idle,), unused=(idle,))

    policy.refuse(report, as_json=False)

    assert report.closed
    assert capsys.readouterr().err == f"warning: {idle}\n"


def test_a_deploy_is_refused_for_anything_else_that_closes_the_gate() -> None:
    for closed in (report(), clean(problems=("exceptions.yaml:9: expired on 2026-11-20",))):
        with pytest.raises(typer.Exit) as refused:
            policy.refuse(closed, as_json=True)
        assert refused.value.exit_code == CLOSED


def test_half_a_plan_is_an_error_for_its_environment_alone(kept: Path) -> None:
    plan = kept / "aws" / "dev-edge" / "run" / "plan.json"
    plan.parent.mkdir(parents=True)
    plan.write_text('{"planned_values"', encoding="utf-8")

    error = ekp("policy", "dev").exception

    assert isinstance(error, GateError)
    assert "The plan of dev-edge cannot be judged" in error.message
    assert "Plan again" in error.remedy
    assert ekp("policy", "management").exit_code == 0
