"""`ekp plan ENV --summary FILE`, over small stacks that need no provider."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ekp.cli import app
from ekp.commands import selection
from ekp.commands.workspace import Workspace
from ekp.runner.errors import NotWritableError
from ekp.runner.stacks import Stack

from ..runner.synthesis import Sketch, synthesize

RUNNER = CliRunner()
STACKS = {
    "dev-network": Sketch(
        resources={"terraform_data": {"vpc": {"input": "a|b"}}},
        outputs={"vpc_id": {"value": "vpc-secret"}},
        contract={"vpc_id": "vpc-1"},
    ),
    "dev-cluster": Sketch(
        resources={"terraform_data": {"eks": {"input": "c"}}},
        after=["dev-network"],
        reads=["dev-network"],
    ),
    "qa-network": Sketch(resources={"terraform_data": {"vpc": {"input": "x"}}}, environment="qa"),
}


class Small(Workspace):
    """A workspace whose stacks are synthesized already."""

    def synthesize(self) -> Mapping[str, Stack]:
        return self.stacks()


@pytest.fixture(autouse=True)
def _small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synthesize(tmp_path / "cdktf.out", STACKS)
    monkeypatch.setenv("EKP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("EKP_WORKSPACE", raising=False)
    monkeypatch.setattr(selection, "workspace", lambda: Small(tmp_path))


def test_a_plan_is_appended_for_each_environment_and_printed_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    file.write_text("What another step wrote.\n\n", encoding="utf-8")

    dev = RUNNER.invoke(app, ["plan", "dev", "--summary", str(file)])
    qa = RUNNER.invoke(app, ["plan", "qa", "--summary", str(file), "--json"])

    assert dev.exit_code == qa.exit_code == 0, dev.output + qa.output
    assert "terraform_data" in dev.stdout
    text = file.read_text(encoding="utf-8")
    assert text.startswith("What another step wrote.\n\n## Plan of `dev` (aws)\n")
    assert text.count("## Plan of") == 2
    assert "| `dev-network` | planned | 1 |" in text
    assert "| `dev-cluster` | **waiting** | ? |" in text
    assert "dev-cluster reads dev-network, which is not applied yet." in text
    assert "| add | `vpc/Resource` | `terraform_data` |" in text
    assert "vpc-secret" not in text


def test_a_plan_that_fails_is_summarized_too(tmp_path: Path) -> None:
    broken = {"terraform_data": {"vpc": {"no_such_argument": "x"}}}
    synthesize(tmp_path / "cdktf.out", {"dev-network": Sketch(resources=broken)})
    file = tmp_path / "summary.md"

    done = RUNNER.invoke(app, ["plan", "dev", "--summary", str(file)])

    assert done.exit_code == 1
    assert "| `dev-network` | **failed** | ? |" in file.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_named_before_anything_is_planned(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    done = RUNNER.invoke(app, ["plan", "dev", "--summary", str(tmp_path / "file" / "summary.md")])

    assert isinstance(done.exception, NotWritableError)
    assert not (tmp_path / ".ekp").exists()
