"""The synthesized stacks as values."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ekp.runner import stacks as synthesized
from ekp.runner.errors import (
    BrokenSynthesisError,
    NotSynthesizedError,
    UnknownEnvironmentError,
)

from .synthesis import REGION, ROLE, Sketch, synthesize

STACKS = {
    "dev-network": Sketch(
        aws=True,
        resources={"aws_vpc": {"main": {"count": 2}}},
        contract={"vpc_id": "vpc-1"},
    ),
    "dev-cluster": Sketch(after=["dev-network"], reads=["dev-network"]),
    "prod-network": Sketch(environment="prod"),
}


def test_a_stack_knows_its_place_its_contract_and_its_constructs(tmp_path: Path) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "out", STACKS, bucket="b"))
    network = stacks["dev-network"]

    assert (network.environment, network.region, network.layer) == ("dev", REGION, "network")
    assert network.contract == {"vpc_id": "vpc-1"}
    assert network.construct_path("aws_vpc.main[1]") == "dev-network/main/Resource"
    assert network.construct_path("aws_vpc.other") == ""
    assert network.deploy_roles == (ROLE,)
    assert network.provider_versions == {"registry.terraform.io/hashicorp/aws": "5.100.0"}


def test_a_remote_state_is_the_state_of_the_stack_that_wrote_it(tmp_path: Path) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "out", STACKS, bucket="b"))

    assert stacks["dev-cluster"].remote_states == {"network": stacks["dev-network"].state_key}
    assert stacks["dev-cluster"].depends_on == ("dev-network",)


def test_an_unknown_environment_lists_the_known_ones_and_a_guess(tmp_path: Path) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "out", STACKS))

    assert set(synthesized.of_environment(stacks, "prod")) == {"prod-network"}
    with pytest.raises(UnknownEnvironmentError, match=r"Did you mean prod\?.*dev, prod"):
        synthesized.of_environment(stacks, "prd")


def test_a_folder_without_a_manifest_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NotSynthesizedError, match="ekp synth"):
        synthesized.load(tmp_path)


@pytest.mark.parametrize(
    "manifest",
    [
        "{half",
        "[]",
        "{}",
        json.dumps({"stacks": {"a": {}}}),
        json.dumps({"stacks": {"a": {"synthesizedStackPath": "stacks/a/cdk.tf.json"}}}),
    ],
)
def test_a_broken_manifest_says_what_to_run(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)

    with pytest.raises(BrokenSynthesisError, match="ekp synth"):
        synthesized.load(tmp_path)


def test_a_stack_of_another_program_and_a_missing_upstream_are_named(tmp_path: Path) -> None:
    outdir = synthesize(tmp_path / "out", {"a": Sketch(after=["gone"])})
    with pytest.raises(BrokenSynthesisError, match="a depends on gone"):
        synthesized.load(outdir)

    (outdir / "stacks" / "a" / "cdk.tf.json").write_text("{}")
    with pytest.raises(BrokenSynthesisError, match=r"ekp is missing"):
        synthesized.load(outdir)


def test_the_runner_loads_no_binding_and_no_settings() -> None:
    script = (
        "import sys, ekp.runner.deploy, ekp.runner.destroy, ekp.runner.outputs\n"
        "heavy = {'cdktf', 'jsii', 'modules', 'environments', 'main', 'moto', 'boto3'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)

    assert ended.stderr == b""
    assert ended.returncode == 0
