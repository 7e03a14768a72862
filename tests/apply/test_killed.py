"""dev, with Terraform killed in the middle of each layer, ends as if nothing had happened."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import main
from ekp.local.environment import child_environment
from ekp.local.prepare import prepare
from ekp.local.process import throwaway
from ekp.runner import stacks as synthesized
from ekp.runner.deploy import deploy
from ekp.runner.plan import plan
from ekp.runner.results import Status
from ekp.runner.target import Target, difference
from tests.plan.conftest import TODAY
from tests.runner.faults import Background, kill_terraform
from tests.runner.recording import Recorder

NETWORK = "dev-eu-west-1-network"
CLUSTER = "dev-eu-west-1-cluster"


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    with throwaway() as aws:
        turned = child_environment(aws.endpoint, os.environ)
        prepare(
            aws.endpoint,
            deploy_roles=["arn:aws:iam::111111111111:role/ekp-deploy"],
            state_buckets=[("ekp-tfstate-444444444444", "eu-west-1")],
        )
        yield Target("local", difference(os.environ, turned), tmp_path / "work")


@pytest.mark.requirement("R23")
def test_what_was_made_before_a_kill_is_taken_over_and_nothing_is_made_twice(
    target: Target, tmp_path: Path
) -> None:
    main.synth(str(tmp_path / "cdktf.out"), today=TODAY)
    every = synthesized.load(tmp_path / "cdktf.out")
    dev = {layer: every[layer] for layer in (NETWORK, CLUSTER)}

    def killed(layer: str, done: int, *, recover: bool) -> None:
        recorder = Recorder()
        run = Background(
            lambda: deploy(every, selected=dev, target=target, reporter=recorder, recover=recover)
        )
        recorder.reached(layer, "apply", done=done)
        kill_terraform(target.copy_of(dev[layer]))
        assert run.result().of(layer).status is Status.FAILED

    # Early: the subnets are begun and made, and Terraform has heard of none of them.
    killed(NETWORK, 4, recover=False)
    killed(CLUSTER, 17, recover=True)
    recovered = deploy(every, selected=dev, target=target, recover=True)
    again = plan(every, selected=dev, target=target)

    failures = [stack.failure for stack in recovered.stacks if stack.failure]
    assert not failures, failures
    assert recovered.ok
    taken_over = recovered.of(CLUSTER).recovered
    assert "aws_eks_cluster" in {address.partition(".")[0] for address in taken_over}
    assert recovered.of(CLUSTER).counts.replace == 0
    assert [again.of(layer).changes for layer in (NETWORK, CLUSTER)] == [(), ()]
    assert [again.of(layer).status for layer in (NETWORK, CLUSTER)] == [Status.UNCHANGED] * 2
