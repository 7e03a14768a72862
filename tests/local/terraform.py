"""Real Terraform with the real AWS provider, on a local AWS."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ekp.local.environment import child_environment
from ekp.local.process import LocalAws
from ekp.runner import mirror
from ekp.runner import terraform as runner

# A plan that asks for everything stands before each but the first.
CHANGE = ("-auto-approve", "-parallelism=20", "-input=false", "-no-color", "-refresh=false")


@dataclass(frozen=True)
class Terraform:
    """A working directory."""

    directory: Path
    environment: dict[str, str]

    def write(self, stack: dict[str, Any], **blocks: Any) -> None:
        """Put a stack in the directory."""
        (self.directory / "main.tf.json").write_text(json.dumps({**stack, **blocks}))

    def run(self, *arguments: str, accept: tuple[int, ...] = (0,)) -> tuple[int, str]:
        """Run a command; fail with Terraform's own words."""
        done = subprocess.run(
            ["terraform", *arguments],
            cwd=self.directory,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode not in accept:
            pytest.fail(f"terraform {' '.join(arguments)}:\n{done.stdout[-5000:]}\n{done.stderr}")
        return done.returncode, done.stdout

    def init(self) -> None:
        """Make the directory ready."""
        self.run("init", "-input=false", "-no-color")

    def apply(self) -> None:
        """Apply what is written."""
        self.run("apply", *CHANGE)

    def destroy(self) -> None:
        """Destroy all there is."""
        self.run("destroy", *CHANGE)

    def is_settled(self) -> bool:
        """Tell whether a plan is empty."""
        arguments = ("-detailed-exitcode", "-input=false", "-no-color")
        return self.run("plan", *arguments, accept=(0, 2))[0] == 0

    def changes(self) -> dict[str, str]:
        """Plan, and give the action on each address that is not left alone or only imported."""
        # `show` would start the provider once more to read a plan, or the state below.
        lines = self.run("plan", "-input=false", "-json")[1].splitlines()
        events = [json.loads(line) for line in lines]
        planned = [event["change"] for event in events if event["type"] == "planned_change"]
        found = {change["resource"]["addr"]: change["action"] for change in planned}
        return {address: action for address, action in found.items() if action != "import"}

    def resources(self) -> list[dict[str, Any]]:
        """Give the resources in state, with their addresses and values."""
        state = json.loads(self.run("state", "pull")[1])
        return [
            {
                "address": f"{item['type']}.{item['name']}",
                "type": item["type"],
                "values": instance["attributes"],
            }
            for item in state["resources"]
            for instance in item["instances"]
        ]


def terraform(aws: LocalAws, directory: Path) -> Terraform:
    """Give a working directory, or skip where the AWS provider is out of reach."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    directory.mkdir()
    environment = runner.environment(
        child_environment(aws.endpoint, os.environ),
        mirror.configuration(os.environ),
        directory / ".terraform",
    )
    return Terraform(directory, environment)
