"""What the page says of its examples is what they say."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ekp.cli import app
from ekp.commands import trace
from ekp.commands.workspace import Workspace
from ekp.synth import project_root

PAGE = project_root() / "docs" / "trace.md"
EXAMPLES = re.findall(
    r"```console\n\$ ekp (trace [^\n]+)\n```\n\n> ([^\n]+)", PAGE.read_text(encoding="utf-8")
)


@pytest.mark.parametrize(("command", "said"), EXAMPLES)
def test_an_example_comes_out_as_the_page_says(
    command: str,
    said: str,
    synthesized_outdir: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(trace, "workspace", lambda: Workspace(synthesized_outdir.parent))
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(app, shlex.split(command))

    assert done.exit_code == 0, done.output
    assert said in done.stdout.splitlines()


def test_the_page_has_four_examples() -> None:
    assert len(EXAMPLES) == PAGE.read_text(encoding="utf-8").count("$ ekp ") == 4
