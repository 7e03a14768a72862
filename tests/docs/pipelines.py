"""The pipelines as documents, their scripts and commands, and ways to run them."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import typer.main
import yaml

from ekp.cli import app
from ekp.synth import project_root
from environments import load

ROOT = project_root()
BIN = Path(sys.executable).parent
WORKFLOW = ROOT / ".github" / "workflows" / "platform.yml"
ACTION = ROOT / ".github" / "actions" / "set-up" / "action.yml"
DRIFT = ROOT / ".github" / "workflows" / "drift.yml"
PIPELINES = [WORKFLOW, DRIFT, ACTION]

Json = dict[str, Any]
# YAML 1.1 reads `on` as a boolean; the key is asked for as text.
DOCUMENT: Json = {str(k): v for k, v in yaml.safe_load(WORKFLOW.read_text("utf-8")).items()}
JOBS: Json = DOCUMENT["jobs"]


def environments() -> list[str]:
    """Return the names of all environments; loaded when asked, since loading is seen by others."""
    return [*load(date(2026, 11, 21))[0]]


def steps() -> Iterator[tuple[str, Json]]:
    """Yield each step with the job that it is of, those of our own action too."""
    for name, job in JOBS.items():
        for step in job["steps"]:
            yield name, step
    for step in yaml.safe_load(ACTION.read_text("utf-8"))["runs"]["steps"]:
        yield "set-up", step


def step_of(job: str, name: str) -> Json:
    (found,) = (step for at, step in steps() if at == job and step.get("name") == name)
    return found


def call(
    *command: object, cwd: Path = ROOT, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **(environ or {})},
        text=True,
    )


def ours() -> Iterator[tuple[str, list[str]]]:
    """Yield our own commands in scripts, as words, with the job they are of."""
    for job, step in steps():
        for line in step.get("run", "").splitlines():
            if ".venv/bin/ekp" in line:
                text = line.partition(".venv/bin/")[2].replace("$ENVIRONMENT", "dev")
                yield job, shlex.split(text)


def parse(words: list[str]) -> None:
    """Parse a command line as `ekp` would, without running anything."""
    command: Any = typer.main.get_command(app)
    rest = words[1:]
    while known := getattr(command, "commands", None):
        assert rest[0] in known, words
        command = known[rest.pop(0)]
    command.make_context(words[0], rest)
