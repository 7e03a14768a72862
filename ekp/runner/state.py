"""The stored state of a stack: what it publishes and which resources it holds."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from . import diagnostics, files, terraform
from .errors import TerraformFailedError
from .results import Output
from .run import Run
from .stacks import Stack

PUSHED = "pushed.tfstate"
ABSENT = re.compile(r"s3 bucket .* does not exist|nosuchbucket", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class State:
    """A state as Terraform stores it (version 4). Holds secrets: never print it."""

    raw: Mapping[str, Any]

    @property
    def outputs(self) -> Mapping[str, Output]:
        """The outputs by name."""
        return {
            name: Output(body.get("value"), sensitive=bool(body.get("sensitive")))
            for name, body in (self.raw.get("outputs") or {}).items()
        }

    @cached_property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """Address -> attributes, of managed resources that were not set aside for deletion."""
        return {
            _address(resource, instance): instance.get("attributes") or {}
            for resource in self.raw.get("resources") or ()
            if resource.get("mode") == "managed"
            for instance in resource.get("instances") or ()
            if "deposed" not in instance
        }

    def has(self, contract: Mapping[str, object]) -> bool:
        """Whether every field of a contract is an output."""
        return all(name in self.outputs for name in contract)


def pull(run: Run, stack: Stack) -> State | None:
    """The state as stored; None when there is none yet. Takes no lock, needs no provider.

    Raises:
        TerraformFailedError: the backend cannot be read, or the state is broken.
    """
    try:
        folder = _ready(run, stack)
    except TerraformFailedError as error:
        if any(ABSENT.search(problem.text) for problem in error.problems):
            return None
        raise
    answer = run.read(folder, "state pull")
    if answer.code != 0:
        raise diagnostics.plain(stack, "state pull", answer.err)
    if not answer.out.strip():
        return None
    try:
        raw = json.loads(answer.out)
    except ValueError as error:
        raise diagnostics.plain(stack, "state pull", f"bad state: {error}") from error
    # Some backends answer with an empty state, which nothing ever gave a lineage, for none.
    return State(raw) if raw.get("lineage") else None


def push(run: Run, stack: Stack, body: Mapping[str, Any]) -> None:
    """Store a state in place of whatever is there; for what is thrown away afterwards.

    Raises:
        TerraformFailedError: the backend cannot be written.
    """
    folder = _ready(run, stack)
    files.write_json(folder / PUSHED, body)
    answer = run.read(folder, "state push", PUSHED, force=terraform.FLAG)
    (folder / PUSHED).unlink()
    if answer.code != 0:
        raise diagnostics.plain(stack, "state push", answer.err)


def _ready(run: Run, stack: Stack) -> Path:
    copy = run.target.copy_of(stack)
    folder = _reader(stack, copy.folder, copy.run / "state")
    settings = json.loads((folder / "cdk.tf.json").read_text())
    run.initialise(stack, folder, folder, settings)
    return folder


def _reader(stack: Stack, home: Path, folder: Path) -> Path:
    """A folder that holds the stack's backend alone, so that no provider is installed."""
    terraform = stack.configuration.get("terraform", {})
    kind, settings = stack.backend
    if kind == "cloud":
        backend = {"cloud": terraform["cloud"]}
    elif kind == "local":
        path = home / settings.get("path", "terraform.tfstate")
        backend = {"backend": {"local": {**settings, "path": str(path)}}}
    else:
        backend = {"backend": terraform["backend"]}
    files.write_json(folder / "cdk.tf.json", {"terraform": backend})
    return folder


def _address(resource: Mapping[str, Any], instance: Mapping[str, Any]) -> str:
    module = f"{resource['module']}." if resource.get("module") else ""
    key = instance.get("index_key")
    index = "" if key is None else f"[{json.dumps(key)}]"
    return f"{module}{resource['type']}.{resource['name']}{index}"
