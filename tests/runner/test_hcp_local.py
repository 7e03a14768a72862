"""`--local` with settings that say HCP Terraform: the same configuration, no account anywhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ekp.commands.workspace import Workspace
from ekp.local import process
from ekp.local.layout import HCP
from ekp.runner.deploy import deploy
from ekp.runner.hcp import token_variable
from ekp.runner.results import Status
from ekp.runner.stacks import HCP_HOST

from .hcp import workspace
from .synthesis import Sketch, synthesize


@pytest.fixture
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("EKP_WORKSPACE", str(tmp_path / "kept"))
    # A token of a real account, which must not leave this machine.
    monkeypatch.setenv(token_variable(HCP_HOST), "real")
    named = workspace("dev-network")
    sketch = Sketch(
        resources={"terraform_data": {"vpc": {"input": "vpc-1"}}},
        outputs={"vpc_id": {"value": "${terraform_data.vpc.output}"}},
        contract={"vpc_id": "vpc-0"},
        extra={"terraform": {"cloud": named}},
    )
    synthesize(tmp_path / "cdktf.out", {"dev-network": sketch})
    space = Workspace(tmp_path)
    yield space
    process.stop(space.local_aws)


@pytest.mark.requirement("R50")
def test_a_local_deploy_keeps_its_state_beside_the_local_aws(space: Workspace) -> None:
    every = space.stacks()
    before = every["dev-network"].file.read_bytes()

    target = space.target(every, local=True)
    made = deploy(every, target=target)

    assert [one.status for one in made.stacks] == [Status.APPLIED]
    assert target.variables[token_variable(HCP_HOST)] not in {None, "real"}
    assert all(address.startswith("http://127.0.0.1:") for address in target.hosts.values())
    assert (target.copy_of(every["dev-network"]).folder / "cdk.tf.json").read_bytes() == before
    # It goes with the local AWS.
    assert process.stop(space.local_aws)
    again = deploy(every, target=space.target(every, local=True))
    assert again.of("dev-network").counts.add == 1


def test_other_states_get_no_host_and_no_token(space: Workspace, tmp_path: Path) -> None:
    synthesize(tmp_path / "cdktf.out", {"dev-network": Sketch()})

    target = space.target(space.stacks(), local=True)

    assert not target.hosts
    assert not (space.local_aws / HCP).exists()
