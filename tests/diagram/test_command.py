"""`ekp diagram`: files, formats, and what is told when it cannot be done."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ekp.cli import app
from ekp.commands import diagram
from ekp.commands.workspace import Workspace
from ekp.runner.errors import (
    NotSynthesizedError,
    NotWritableError,
    RunnerError,
    UnknownEnvironmentError,
)

USAGE = 2


@pytest.fixture(autouse=True)
def _project(outdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagram, "workspace", lambda: Workspace(outdir.parent))


def ekp(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["diagram", *map(str, arguments)])


@pytest.fixture
def without_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    monkeypatch.setitem(os.environ, "PATH", str(tmp_path / "nothing"))


@pytest.mark.usefixtures("without_dot")
def test_the_language_of_graphviz_needs_no_graphviz(tmp_path: Path) -> None:
    done = ekp("dev", "--format", "dot")
    assert done.exit_code == 0
    assert done.stdout.startswith('digraph "Environment dev" {')
    assert ekp("dev", "--out", tmp_path / "new" / "dev.dot").exit_code == 0
    assert (tmp_path / "new" / "dev.dot").read_text(encoding="utf-8") == done.stdout


@pytest.mark.usefixtures("without_dot")
def test_a_missing_dot_is_named_with_the_remedy(tmp_path: Path) -> None:
    done = ekp("dev", "--out", tmp_path / "dev.svg")
    assert isinstance(done.exception, RunnerError)
    assert "`dot` is not on PATH" in done.exception.message
    assert "apt-get install graphviz" in done.exception.remedy
    assert not (tmp_path / "dev.svg").exists()


def test_what_is_drawn_is_json_for_other_tools() -> None:
    found = json.loads(ekp("dev", "--format", "json").stdout)
    assert found["environment"] == "dev"
    assert {edge["flow"] for edge in found["edges"]} == {"request", "access", "contract"}


def test_an_unknown_environment_is_answered_with_the_known_ones() -> None:
    done = ekp("prdo", "--format", "dot")
    assert isinstance(done.exception, UnknownEnvironmentError)
    assert "Did you mean prod?" in done.exception.remedy


@pytest.mark.parametrize(
    "arguments", [("dev", "--format", "png"), ("dev", "--out", "dev.png"), ("dev", "--out", "dev")]
)
def test_a_format_that_there_is_not_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    done = ekp(*arguments)
    assert done.exit_code == USAGE
    assert "svg" in done.output
    assert "json" in done.output


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = ekp("dev", "--format", "dot", "--out", tmp_path / "file" / "dev.dot")
    assert isinstance(done.exception, NotWritableError)
    assert "file" in done.exception.message


def test_without_stacks_it_says_how_to_make_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagram, "workspace", lambda: Workspace(tmp_path))
    done = ekp("dev")
    assert isinstance(done.exception, NotSynthesizedError)
    assert "ekp synth" in done.exception.remedy
