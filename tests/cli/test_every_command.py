"""Every command, given what no command can use: a message and an exit code, never a traceback."""

import re
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ekp import cli
from ekp.commands import policy
from ekp.commands.workspace import Workspace
from ekp.runner.target import Target
from tests.gate.made_up import clean
from tests.runner.synthesis import Sketch, synthesize
from tests.support.reference.commands import commands

USAGE = 2
# Those that read what was synthesized.
READERS = {
    *("charts", "deploy", "destroy", "diagram", "drift", "drill", "hcp apply-workspaces"),
    *("hcp plan", "outputs", "plan", "policy", "rotate header", "trace", "traffic show"),
}
# How each command is called with everything it needs.
COMPLETE = {
    "charts": "",
    "charts check": "",
    "cost": "--sample",
    "demo": "",
    "deploy": "dev --local",
    "destroy": "dev --local",
    "diagram": "dev",
    "doctor": "",
    "drift": "dev --local",
    "drill": "all dev",
    "bootstrap": "dev --local",
    "hcp apply-workspaces": "dev",
    "hcp plan": "dev",
    "local env": "",
    "local start": "",
    "local status": "",
    "local stop": "",
    "outputs": "dev --local",
    "plan": "dev --local",
    "policy": "dev",
    "rotate header": "dev --local",
    "secrets": "dev",
    "services render": "dev --out services",
    "synth": "dev",
    "tenants check": "",
    "tenants delete": "nobody --yes nobody",
    "tenants list": "",
    "tenants new": "billing --owner a@b.example --cost-center cc-1 --admin-group nobody",
    "tenants register": "billing",
    "tenants schema": "",
    "tenants show": "shop",
    "trace": "https://shop.dev.ekp.example/ dev",
    "traffic shift": "prod --region eu-west-1 --weight 10",
    "traffic show": "prod",
    "upgrade plan": "dev --kubernetes 1.36",
}


@dataclass(frozen=True)
class Ended:
    """How a command ended. An exception that left the program is none of these."""

    code: int
    out: str
    err: str

    @property
    def complained(self) -> bool:
        """Whether it failed in words, and with nothing on standard output."""
        return self.code != 0 and "rror" in self.err and "Traceback" not in self.err


class Program:
    """`ekp` in this process: what would be a traceback is an exception of the test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ended:
        self._monkeypatch.setattr(sys, "argv", ["ekp", *arguments])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = self._capsys.readouterr()
        return Ended(int(ended.value.code or 0), told.out, told.err)


@pytest.fixture
def ekp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Program:
    monkeypatch.setenv("EKP_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setenv("EKP_TODAY", "2026-11-21")
    monkeypatch.chdir(tmp_path)
    return Program(monkeypatch, capsys)


def every() -> dict[str, Any]:
    return {words.removeprefix("ekp "): command for words, command in commands()}


def test_every_command_is_looked_at_here() -> None:
    assert set(COMPLETE) == set(every())


@pytest.mark.parametrize("words", sorted(COMPLETE))
def test_an_option_that_no_command_has_is_named(words: str, ekp: Program) -> None:
    done = ekp(*words.split(), *COMPLETE[words].split(), "--no-such-option")

    assert done.code == USAGE
    assert "No such option" in done.err
    assert done.out == ""


def required() -> list[str]:
    return [words for words, one in every().items() if any(p.required for p in one.params)]


@pytest.mark.parametrize("words", required())
def test_what_is_missing_is_named(words: str, ekp: Program) -> None:
    done = ekp(*words.split())

    assert done.code == USAGE
    assert "Missing" in done.err
    assert done.out == ""


def test_an_environment_that_is_none_is_answered_with_those_that_are(
    ekp: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synthesized(tmp_path, monkeypatch)

    ended = {
        words: ekp(*words.split(), *re.sub(r"\b(dev|prod)\b", "dve", COMPLETE[words]).split())
        for words in READERS - {"charts"}
    }

    assert {words: done.code for words, done in ended.items()} == dict.fromkeys(ended, USAGE)
    told = {words: " ".join(done.err.split()) for words, done in ended.items()}
    answer = "There is no environment 'dve'. Did you mean dev? Known environments: dev."
    assert {words: text for words, text in told.items() if answer not in text} == {}
    assert {words for words, done in ended.items() if done.out} == set()


def test_stacks_that_are_no_stacks_are_named_with_what_makes_them_anew(
    ekp: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "cdktf.out"
    broken.mkdir()
    (broken / "manifest.json").write_text('{"stacks": {"dev-edge": {"synth', encoding="utf-8")
    monkeypatch.setattr(Workspace, "outdir", broken)
    monkeypatch.setattr(Workspace, "synthesize", Workspace.stacks)

    ended = {words: ekp(*words.split(), *COMPLETE[words].split()) for words in READERS}

    assert {words: done for words, done in ended.items() if not done.complained} == {}
    assert {words for words, done in ended.items() if "`ekp synth`" not in done.err} == set()
    assert {words for words, done in ended.items() if done.out} == set()


def test_a_workspace_that_cannot_be_written_is_named(
    ekp: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("EKP_WORKSPACE", str(tmp_path / "file" / "workspace"))
    synthesized(tmp_path, monkeypatch)

    ended = {
        words: ekp(*words.split(), *COMPLETE[words].split())
        for words in sorted(COMPLETE)
        if "--local" in COMPLETE[words] or words in {"local start", "demo", "policy"}
        # That dev has no secret to rotate here is known before anything is written.
        if words != "rotate header"
    }

    assert {words: done for words, done in ended.items() if not done.complained} == {}
    assert {
        words for words, done in ended.items() if str(tmp_path / "file") not in done.err
    } == set()


@pytest.mark.parametrize(
    "state", ['{"version": 4, "serial', '{"version": 5, "serial": 1}', '["no state"]']
)
def test_a_state_that_is_damaged_is_told_and_left_as_it_is(
    state: str, ekp: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synthesized(tmp_path, monkeypatch)
    monkeypatch.setattr(Workspace, "target", lambda *_, **__: Target("aws", {}, tmp_path / "work"))
    monkeypatch.setattr(policy, "opened", lambda *_: nullcontext())
    monkeypatch.setattr(policy, "judged", lambda *_, **__: clean())
    file = tmp_path / "states" / "dev-network.tfstate"
    file.parent.mkdir()
    file.write_text(state, encoding="utf-8")

    ended = {
        command: ekp(*command.split())
        for command in (
            "outputs dev",
            "plan dev",
            "drift dev",
            "deploy dev --yes",
            "destroy dev --local",
        )
    }

    assert {command: done.code for command, done in ended.items()} == dict.fromkeys(ended, 1)
    told = {command: done.out + done.err for command, done in ended.items()}
    assert {command for command, text in told.items() if "Traceback" in text} == set()
    assert {command for command, text in told.items() if "dev-network" not in text} == set()
    assert file.read_text(encoding="utf-8") == state


def synthesized(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands find one stack of dev, as CDKTF writes it."""
    sketch = Sketch(resources={"terraform_data": {"one": {}}})
    synthesize(folder / "cdktf.out", {"dev-network": sketch})
    monkeypatch.setattr(Workspace, "outdir", folder / "cdktf.out")
    monkeypatch.setattr(Workspace, "synthesize", Workspace.stacks)
