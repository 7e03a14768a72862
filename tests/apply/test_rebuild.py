"""An environment that was destroyed is made anew from a clean clone, and is what it was."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import main
from ekp.local.environment import child_environment
from ekp.local.prepare import prepare
from ekp.local.process import LocalAws, throwaway
from ekp.runner import expected, files
from ekp.runner import run as running
from ekp.runner import stacks as synthesized
from ekp.runner.deploy import deploy
from ekp.runner.destroy import destroy
from ekp.runner.leftovers.search import search
from ekp.runner.outputs import outputs
from ekp.runner.progress import Silent
from ekp.runner.results import Status
from ekp.runner.stacks import Stack
from ekp.runner.target import Target, difference
from ekp.synth import project_root

from .account import DAY, client

NETWORK = "dev-eu-west-1-network"
# What AWS draws: ids of EC2, and addresses (a network has a slash).
DRAWN = re.compile(r"\b(?:vpc|subnet|rtb)-[0-9a-f]{8,}\b|\b\d{1,3}(?:\.\d{1,3}){3}\b(?!/)")
SYNTH = "import main; from datetime import date; main.synth({!r}, today=date.fromisoformat({!r}))"


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    with throwaway() as running:
        yield running


def clone(folder: Path) -> Path:
    """Write what Git has, and nothing else."""
    root = project_root()
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z"],
        capture_output=True,
        check=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, folder / name)
    assert not (folder / "cdktf.out").exists()
    assert not (folder / ".ekp").exists()
    return folder


def stacks_of(folder: Path) -> Mapping[str, Stack]:
    """Synthesize the settings of a folder, with its own modules."""
    code = SYNTH.format(str(folder / "cdktf.out"), DAY)
    environ = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=folder, env=environ)
    return network_of(folder)


def network_of(folder: Path) -> Mapping[str, Stack]:
    return {NETWORK: synthesized.load(folder / "cdktf.out")[NETWORK]}


def published(stacks: Mapping[str, Stack], target: Target) -> dict[str, Any]:
    read = outputs(stacks, target=target).of(NETWORK)
    assert read.ok
    return {name: output.value for name, output in read.outputs.items()}


def without_drawn(value: Any) -> Any:
    """The same value with a word in the place of each id that AWS draws."""
    if isinstance(value, dict):
        return {name: without_drawn(one) for name, one in value.items()}
    if isinstance(value, list):
        return [without_drawn(one) for one in value]
    return DRAWN.sub("(drawn)", value) if isinstance(value, str) else value


def take_over(stack: Stack, key: str, target: Target, folder: Path) -> None:
    """Import a key as the runbook does: by the backend, the provider and the key alone."""
    run = running.start({stack.id: stack}, target=target, reporter=Silent())
    ((name, body),) = stack.resources["aws_kms_key"].items()
    written = {
        "terraform": stack.configuration["terraform"],
        "provider": {"aws": stack.configuration["provider"]["aws"]},
        "resource": {"aws_kms_key": {name: body}},
    }
    files.write_json(folder / "cdk.tf.json", written)
    run.initialise(stack, folder, folder, written["terraform"])
    answer = run.read(folder, "import", f"aws_kms_key.{name}", key)
    assert answer.code == 0, answer.err


@pytest.mark.requirement("R23")
def test_a_destroyed_environment_is_made_anew_from_a_clean_clone_and_publishes_the_same(
    aws: LocalAws, tmp_path: Path
) -> None:
    variables = difference(os.environ, child_environment(aws.endpoint, os.environ))
    (tmp_path / "before").mkdir()
    main.synth(str(tmp_path / "before" / "cdktf.out"), today=date.fromisoformat(DAY))
    before = network_of(tmp_path / "before")
    prepare(aws.endpoint, **asdict(expected.by(before.values())))
    here = Target("local", variables, tmp_path / "before" / ".ekp")
    assert deploy(before, target=here).ok
    first = published(before, here)

    assert destroy(before, target=here).of(NETWORK).status is Status.DESTROYED
    left = search([*before.values()], variables=variables)
    assert left.ok, left
    # Keys are all that waits: every name is free at once.
    (waiting,) = left.pending
    assert ":kms:" in waiting.arn
    key = waiting.arn.rpartition("/")[2]
    keys = client(aws.endpoint, "kms", region="eu-west-1", account="111111111111")
    keys.cancel_key_deletion(KeyId=key)
    keys.enable_key(KeyId=key)
    shutil.rmtree(tmp_path / "before")

    after = stacks_of(clone(tmp_path / "after"))
    there = Target("local", variables, tmp_path / "after" / ".ekp")
    take_over(after[NETWORK], key, there, tmp_path / "import")
    assert deploy(after, target=there).of(NETWORK).status is Status.APPLIED
    second = published(after, there)

    assert second["vpc_id"] != first["vpc_id"]
    assert without_drawn(second) == without_drawn(first)
    assert {*second} == {*after[NETWORK].contract}
    # The key that was saved from its deletion has the alias, so it opens what it closed.
    aliases = {one["AliasName"]: one.get("TargetKeyId") for one in keys.list_aliases()["Aliases"]}
    assert aliases["alias/ekp-dev-euw1-flow-logs"] == key
