"""`ekp plan ENV --html FILE` and its table by layer, with real Terraform over small stacks."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ekp.cli import app
from ekp.commands import selection
from ekp.commands.workspace import Workspace
from ekp.runner import progress
from ekp.runner.deploy import deploy
from ekp.runner.errors import NotWritableError
from ekp.runner.stacks import Stack, load
from ekp.runner.target import Target

from ..runner.synthesis import Sketch, synthesize

RUNNER = CliRunner()
SECRET = "hunter2"
VARIABLE = {"variable": {"password": {"type": "string", "sensitive": True, "default": SECRET}}}


class Small(Workspace):
    """A workspace whose stacks are synthesized already."""

    def synthesize(self) -> Mapping[str, Stack]:
        return self.stacks()


@pytest.fixture(autouse=True)
def _small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EKP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("EKP_WORKSPACE", raising=False)
    monkeypatch.setattr(selection, "workspace", lambda: Small(tmp_path))


def network(tmp_path: Path, **resources: dict[str, Any]) -> None:
    sketch = Sketch(resources={"terraform_data": resources}, extra=VARIABLE)
    synthesize(tmp_path / "cdktf.out", {"dev-network": sketch})


def login(user: str) -> dict[str, Any]:
    return {"input": {"login": {"user": user, "password": "${var.password}"}}}


def test_the_page_tells_what_terraform_would_do_and_no_secret(tmp_path: Path) -> None:
    network(tmp_path, vpc={"triggers_replace": "a"}, login=login("old"), gone={"input": "x"})
    target = Target("aws", {}, tmp_path / ".ekp")
    applied = deploy(load(tmp_path / "cdktf.out"), target=target, reporter=progress.Silent())
    assert applied.ok
    network(tmp_path, vpc={"triggers_replace": "b"}, login=login("new"), come={"input": "y"})
    file = tmp_path / "pages" / "plan.html"

    done = RUNNER.invoke(app, ["plan", "dev", "--html", str(file)])

    assert done.exit_code == 0, done.output
    text = file.read_text(encoding="utf-8")
    assert "1 to destroy, 1 to replace, 1 to change, 1 to add" in text
    assert "is destroyed because it is not in the configuration any more" in text
    assert '<code class="name">triggers_replace</code> cannot change in place' in text
    assert "<code>input.login.user</code>" in text
    assert SECRET not in text
    assert SECRET not in done.output
    assert done.stdout.rindex("by layer") > done.stdout.rindex("plan (aws)")


def test_the_json_has_the_layers_too(tmp_path: Path) -> None:
    network(tmp_path, vpc={"input": "a"})
    done = RUNNER.invoke(app, ["plan", "dev", "--json"])
    (line,) = json.loads(done.stdout)["layers"]
    assert (line["layer"], line["counts"]["add"], line["stacks"]) == ("network", 1, 1)


def test_a_page_that_cannot_be_written_is_told_before_anything_is_planned(tmp_path: Path) -> None:
    network(tmp_path, vpc={"input": "a"})
    (tmp_path / "file").write_text("", encoding="utf-8")

    done = RUNNER.invoke(app, ["plan", "dev", "--html", str(tmp_path / "file" / "plan.html")])

    assert isinstance(done.exception, NotWritableError)
    assert not (tmp_path / ".ekp").exists()


def test_a_page_that_is_there_survives_a_plan_that_does_not_begin(tmp_path: Path) -> None:
    network(tmp_path, vpc={"input": "a"})
    file = tmp_path / "plan.html"
    file.write_text("the last plan", encoding="utf-8")

    done = RUNNER.invoke(app, ["plan", "nowhere", "--html", str(file)])

    assert done.exit_code != 0
    assert file.read_text(encoding="utf-8") == "the last plan"
