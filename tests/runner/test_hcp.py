"""Runs over stacks whose state is in HCP Terraform, with the real Terraform."""

import getpass
import io
import json
import stat
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ekp.local.layout import HCP
from ekp.runner import stacks as synthesized
from ekp.runner.contracts import local_speculation
from ekp.runner.deploy import deploy
from ekp.runner.destroy import destroy
from ekp.runner.drift.check import drift
from ekp.runner.hcp import Hosted
from ekp.runner.outputs import outputs
from ekp.runner.plan import plan
from ekp.runner.results import Counts, Status
from ekp.runner.stacks import Stack
from ekp.runner.target import Target

from .hcp import Hcp, serving, workspace
from .recording import Recorder
from .synthesis import Sketch, synthesize

CONTRACT = {"vpc_id": "vpc-0", "zones": ["a"]}
NETWORK = "data.terraform_remote_state.network.outputs"


@pytest.fixture(scope="module")
def hcp() -> Iterator[Hcp]:
    with serving() as served:
        yield served


@pytest.fixture
def every(tmp_path: Path, name: str) -> Mapping[str, Stack]:
    """A network, and a cluster that reads it; the test's own name is their environment."""
    network, cluster = f"{name}-network", f"{name}-cluster"

    def cloud(id_: str) -> dict[str, Any]:
        settings = workspace(id_)
        named = {**settings["workspaces"], "project": "platform"}
        return {"terraform": {"cloud": {**settings, "workspaces": named}}}

    reads = {"backend": "remote", "config": workspace(network)}
    outdir = synthesize(
        tmp_path / "cdktf.out",
        {
            network: Sketch(
                resources={"terraform_data": {"vpc": {"input": "vpc-1"}}},
                outputs={
                    "vpc_id": {"value": "${terraform_data.vpc.output}"},
                    "zones": {"value": ["a", "b"]},
                },
                contract=CONTRACT,
                environment=name,
                extra=cloud(network),
            ),
            cluster: Sketch(
                resources={"terraform_data": {"cluster": {"input": f"${{{NETWORK}.vpc_id}}"}}},
                outputs={"seen": {"value": "${terraform_data.cluster.output}"}},
                contract={"seen": "vpc-0"},
                after=[network],
                environment=name,
                extra={
                    **cloud(cluster),
                    "data": {"terraform_remote_state": {"network": reads}},
                },
            ),
        },
    )
    return synthesized.load(outdir)


@pytest.fixture
def target(hcp: Hcp, tmp_path: Path, every: Mapping[str, Stack]) -> Target:
    found = hcp.target(tmp_path / "work")
    hcp.settle(every, found)
    return found


def test_who_reads_a_workspace_is_known(every: Mapping[str, Stack], name: str) -> None:
    read = every[f"{name}-cluster"].remote_states

    assert read == {"network": every[f"{name}-network"].state_key}


@pytest.mark.requirement("R50")
@pytest.mark.parametrize("mode", ["local", "remote"])
def test_stacks_are_deployed_read_and_destroyed_wherever_their_runs_happen(
    hcp: Hcp, every: Mapping[str, Stack], target: Target, name: str, mode: str
) -> None:
    network, cluster = f"{name}-network", f"{name}-cluster"
    hcp.make(f"ekp-{network}", f"ekp-{cluster}", mode=mode)

    made = deploy(every, target=target)
    again = plan(every, target=target)
    read = outputs(every, target=target)
    gone = destroy(every, target=target)

    assert [one.status for one in made.stacks] == [Status.APPLIED, Status.APPLIED]
    assert made.of(cluster).outputs["seen"].value == "vpc-1"
    assert [one.status for one in again.stacks] == [Status.UNCHANGED, Status.UNCHANGED]
    assert read.of(network).outputs["zones"].value == ["a", "b"]
    assert [one.counts.destroy for one in gone.stacks] == [1, 1]


@pytest.mark.requirement("R50")
@pytest.mark.parametrize("mode", ["local", "remote"])
def test_a_comparison_with_aws_leaves_no_run_that_somebody_could_confirm(
    hcp: Hcp, every: Mapping[str, Stack], target: Target, name: str, mode: str
) -> None:
    network = f"{name}-network"
    hcp.make(f"ekp-{network}", mode=mode)
    assert deploy(every, target=target, selected=[network]).ok
    # A refresh would write this output, so that HCP waits for a yes. The secret has no value.
    newer = dict(every[network].configuration)
    newer["output"] = {**newer["output"], "more": {"value": "x"}}
    newer["variable"] = {"secret": {"type": "string", "sensitive": True, "nullable": False}}
    every[network].file.write_text(json.dumps(newer))
    later = {network: replace(every[network], configuration=newer)}
    person = Recorder()

    found = drift(later, target=target, environ={}, reporter=person)

    assert found.run.of(network).status is Status.READ, found.to_json()
    assert not found.found
    runs = hcp.ask("GET", f"workspaces/{hcp.id_of(f'ekp-{network}')}/runs")["data"]
    expected = ["discarded", "applied"] if mode == "remote" else []
    assert [one["attributes"]["status"] for one in runs] == expected
    assert not any("discard" in one for one in person.said)


@pytest.mark.requirement("R50")
def test_a_stack_is_planned_with_samples_before_what_it_reads_is_applied(
    hcp: Hcp, every: Mapping[str, Stack], target: Target, name: str
) -> None:
    cluster = f"{name}-cluster"

    found = plan(every, target=target, selected=[cluster], speculation=local_speculation()).of(
        cluster
    )

    assert (found.status, found.speculative, found.counts) == (Status.PLANNED, True, Counts(add=1))
    # No sample got near the place of the real states.
    held = hcp.ask("GET", f"workspaces/{hcp.id_of(f'ekp-{name}-network')}")["data"]
    assert held["relationships"]["current-state-version"]["data"] is None


@pytest.mark.requirement("R50")
@pytest.mark.parametrize(("mode", "patience"), [("local", "0s"), ("remote", "1s")])
def test_a_locked_workspace_is_named_and_nothing_is_changed(
    hcp: Hcp, every: Mapping[str, Stack], target: Target, *, mode: str, patience: str
) -> None:
    network = next(iter(every))
    hcp.make(f"ekp-{network}", mode=mode)
    id_ = hcp.id_of(f"ekp-{network}")
    hcp.ask("POST", f"workspaces/{id_}/actions/lock")

    found = deploy(every, target=target, selected=[network], lock_timeout=patience).of(network)

    assert found.failure is not None
    # Terraform shows who asks as if he held it.
    assert f"{network}: The workspace acme/ekp-{network} is locked by " in found.failure.message
    assert getpass.getuser() + "@" not in found.failure.message
    assert "--lock-timeout" in found.failure.remedy
    held = hcp.ask("GET", f"workspaces/{id_}")["data"]
    assert held["attributes"]["locked"] is True
    assert held["relationships"]["current-state-version"]["data"] is None


@pytest.mark.requirement("R50")
def test_a_run_of_hcp_that_holds_the_lock_is_named(
    hcp: Hcp, every: Mapping[str, Stack], target: Target
) -> None:
    network = next(iter(every))
    hcp.make(f"ekp-{network}")
    workspace = hcp.id_of(f"ekp-{network}")
    # Planned by somebody else, and waiting for a yes.
    saved = plan(every, target=target, selected=[network]).of(network)
    assert saved.status is Status.PLANNED
    (uploaded,) = hcp.ask("GET", f"workspaces/{workspace}/configuration-versions")["data"]
    run = hcp.run(workspace, uploaded["id"])

    found = deploy(every, target=target, selected=[network], lock_timeout="1s").of(network)

    assert found.failure is not None
    assert f"/app/acme/workspaces/ekp-{network}/runs/{run}." in found.failure.message


@pytest.mark.requirement("R50")
def test_a_run_in_hcp_gets_the_whole_folder_of_its_stack_and_nothing_else(
    hcp: Hcp, every: Mapping[str, Stack], target: Target, name: str
) -> None:
    stack = every[f"{name}-network"]
    chart = stack.folder / "assets" / "objects-chart" / "F8E1"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("name: objects")
    (chart / "templates" / "objects.yaml").write_text("{{ .Values }}")
    hcp.make(f"ekp-{stack.id}")
    person = Recorder()

    deploy(every, target=target, selected=[stack.id], reporter=person)
    # Now there are plans and logs in the working copy.
    assert list(target.copy_of(stack).run.glob("*.log"))
    plan(every, target=target, selected=[stack.id])

    for archive in archives(hcp, f"ekp-{stack.id}"):
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            files = {one.name: one for one in packed if one.isfile()}
            held = {
                file: packed.extractfile(one).read()  # type: ignore[union-attr] # it is a file
                for file, one in files.items()
            }
        ignored = held.pop(".terraformignore").decode()
        assert "/run" in ignored
        assert held == {
            str(file.relative_to(stack.folder)): file.read_bytes()
            for file in stack.folder.rglob("*")
            if file.is_file()
        }
    assert any("https://app.terraform.io/app/acme/" in one for one in person.said)


def archives(hcp: Hcp, name: str) -> list[bytes]:
    """What was uploaded for the runs of a workspace."""
    listed = hcp.ask("GET", f"workspaces/{hcp.id_of(name)}/configuration-versions")["data"]
    assert len(listed) == 2
    return [hcp.download(f"configuration-versions/{one['id']}/download") for one in listed]


def test_the_stand_in_lets_nobody_in_but_this_user(hcp: Hcp) -> None:
    stranger = Hcp(Hosted(hcp.api.address, "guessed"), hcp.directory, hcp.endpoint)

    with pytest.raises(AssertionError, match="unauthorized"):
        stranger.ask("GET", "organizations/acme/workspaces")
    # Whoever has the token can start programs of this user.
    assert stat.S_IMODE((hcp.directory / HCP).stat().st_mode) == 0o600
