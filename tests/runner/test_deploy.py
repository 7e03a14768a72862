"""Deploys of stacks that need no provider plugin."""

import json
import os
import stat
from pathlib import Path

import pytest

from ekp.runner import stacks as synthesized
from ekp.runner.deploy import deploy
from ekp.runner.destroy import destroy
from ekp.runner.errors import RunnerError
from ekp.runner.outputs import outputs
from ekp.runner.plan import plan
from ekp.runner.results import Status
from ekp.runner.stacks import Stack
from ekp.runner.target import Target
from ekp.runner.teardown import UnreadableError

from .recording import Recorder
from .synthesis import Sketch, synthesize

NETWORK = Sketch(
    resources={"terraform_data": {"vpc": {"input": "vpc-1"}}},
    outputs={
        "vpc_id": {"value": "${terraform_data.vpc.output}"},
        "token": {"value": "hunter2", "sensitive": True},
    },
    contract={"vpc_id": "vpc-0a1b", "token": "sample"},
)
CLUSTER = Sketch(
    resources={
        "terraform_data": {
            "cluster": {"input": "${data.terraform_remote_state.network.outputs.vpc_id}"}
        }
    },
    after=["dev-network"],
    reads=["dev-network"],
)
BROKEN = Sketch(
    resources={
        "terraform_data": {
            "bad": {"provisioner": [{"local-exec": {"command": "echo no room >&2; exit 3"}}]}
        }
    }
)
FINE = Sketch(resources={"terraform_data": {"one": {"input": "x"}}})


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(file.relative_to(folder)): (file.read_bytes(), file.stat().st_mtime_ns)
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_a_deploy_applies_in_order_and_the_next_one_changes_nothing(
    tmp_path: Path, here: Target
) -> None:
    stacks = synthesized.load(
        synthesize(tmp_path / "cdktf.out", {"dev-cluster": CLUSTER, "dev-network": NETWORK})
    )

    first = deploy(stacks, target=here)
    second = deploy(stacks, target=here)
    planned = plan(stacks, target=here)

    assert {one.stack: one.status for one in first.stacks} == {
        "dev-cluster": Status.APPLIED,
        "dev-network": Status.APPLIED,
    }
    assert {one.status for one in (*second.stacks, *planned.stacks)} == {Status.UNCHANGED}
    assert first.of("dev-network").counts.add == 1


def test_synthesized_files_stay_as_they_are_byte_for_byte(tmp_path: Path, here: Target) -> None:
    outdir = synthesize(tmp_path / "cdktf.out", {"dev-cluster": CLUSTER, "dev-network": NETWORK})
    before = snapshot(outdir)

    stacks = synthesized.load(outdir)
    plan(stacks, target=here)
    deploy(stacks, target=here)
    destroy(stacks, target=here)

    assert snapshot(outdir) == before


def test_a_changed_stack_is_planned_from_its_new_files(tmp_path: Path, here: Target) -> None:
    deploy(synthesized.load(synthesize(tmp_path / "cdktf.out", {"dev-a": FINE})), target=here)
    changed = Sketch(
        resources={"terraform_data": {"one": {"input": "y"}, "two": {"triggers_replace": ["z"]}}}
    )
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", {"dev-a": changed}))

    planned = plan(stacks, target=here).of("dev-a")

    assert (planned.counts.add, planned.counts.change) == (1, 1)
    assert {(one.address, one.construct_path, one.actions) for one in planned.changes} == {
        ("terraform_data.one", "dev-a/one/Resource", ("update",)),
        ("terraform_data.two", "dev-a/two/Resource", ("create",)),
    }


def test_a_plan_is_kept_for_its_owner_alone(tmp_path: Path, here: Target) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", {"dev-a": FINE}))

    planned = plan(stacks, target=here).of("dev-a")

    assert planned.plan_file is not None
    assert planned.plan_json is not None
    assert json.loads(planned.plan_json.read_text())["resource_changes"]
    for file in (planned.plan_file, planned.plan_json):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not list(planned.plan_json.parent.glob(".plan*"))


def test_a_failure_skips_its_dependents_and_lets_the_others_finish(
    tmp_path: Path, here: Target
) -> None:
    after = Sketch(resources=FINE.resources, after=["dev-bad"])
    last = Sketch(resources=FINE.resources, after=["dev-after"])
    stacks = synthesized.load(
        synthesize(
            tmp_path / "cdktf.out",
            {"dev-bad": BROKEN, "dev-after": after, "dev-last": last, "dev-fine": FINE},
        )
    )

    result = deploy(stacks, target=here)

    assert {one.stack: one.status for one in result.stacks} == {
        "dev-bad": Status.FAILED,
        "dev-after": Status.SKIPPED,
        "dev-last": Status.SKIPPED,
        "dev-fine": Status.APPLIED,
    }
    assert result.of("dev-last").because == ("dev-bad",)
    assert not result.ok


def test_an_error_shows_terraforms_words_the_construct_and_the_log(
    tmp_path: Path, here: Target
) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", {"dev-bad": BROKEN}))

    failure = deploy(stacks, target=here).of("dev-bad").failure

    assert failure is not None
    assert failure.problems[0].construct_path == "dev-bad/bad/Resource"
    assert "no room" in failure.problems[0].text
    assert failure.log is not None
    assert "no room" in failure.log.read_text()


def test_the_gate_sees_each_plan_before_its_apply_and_may_refuse(
    tmp_path: Path, here: Target
) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", {"dev-a": FINE, "dev-b": NETWORK}))
    seen: list[str] = []

    def gate(stack: Stack, plan_json: Path) -> None:
        seen.append(stack.id)
        assert json.loads(plan_json.read_text())["resource_changes"]
        if stack.id == "dev-a":
            raise RunnerError("dev-a is not encrypted.", remedy="Encrypt it.")

    result = deploy(stacks, target=here, before_apply=gate)

    assert sorted(seen) == ["dev-a", "dev-b"]
    assert result.of("dev-a").status is Status.FAILED
    assert result.of("dev-b").status is Status.APPLIED
    assert not (tmp_path / "states" / "dev-a.tfstate").exists()


def test_destroy_goes_backwards_and_is_empty_the_second_time(tmp_path: Path, here: Target) -> None:
    stacks = synthesized.load(
        synthesize(tmp_path / "cdktf.out", {"dev-network": NETWORK, "dev-cluster": CLUSTER})
    )
    deploy(stacks, target=here)
    recorder = Recorder()

    result = destroy(stacks, target=here, reporter=recorder)
    again = destroy(stacks, target=here)

    assert [one.stack for one in recorder.results] == ["dev-cluster", "dev-network"]
    assert {one.status for one in result.stacks} == {Status.DESTROYED}
    assert {one.status for one in again.stacks} == {Status.UNCHANGED}


def test_outputs_come_from_state_and_secrets_stay_hidden(tmp_path: Path, here: Target) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", {"dev-network": NETWORK}))
    deployed = deploy(stacks, target=here)

    read = outputs(stacks, target=here)

    assert read.of("dev-network").outputs["vpc_id"].value == "vpc-1"
    for result in (deployed, read):
        assert "hunter2" not in json.dumps(result.to_json()) + repr(result)
    kept = tmp_path / "work" / "aws" / "dev-network" / "run" / "outputs.json"
    assert json.loads(kept.read_text()) == {"vpc_id": "vpc-1", "token": None}


def test_only_selected_stacks_are_run_and_a_missing_upstream_is_waited_for(
    tmp_path: Path, here: Target
) -> None:
    stacks = synthesized.load(
        synthesize(tmp_path / "cdktf.out", {"dev-network": NETWORK, "dev-cluster": CLUSTER})
    )

    waiting = deploy(stacks, target=here, selected=["dev-cluster"])
    deploy(stacks, target=here, selected=["dev-network"])
    ready = deploy(stacks, target=here, selected=["dev-cluster"])

    assert [one.stack for one in waiting.stacks] == ["dev-cluster"]
    assert waiting.of("dev-cluster").status is Status.WAITING
    assert waiting.of("dev-cluster").because == ("dev-network",)
    assert ready.of("dev-cluster").status is Status.APPLIED


def test_an_upstream_without_a_field_of_its_contract_is_not_applied(
    tmp_path: Path, here: Target
) -> None:
    outdir = tmp_path / "cdktf.out"
    deploy(synthesized.load(synthesize(outdir, {"dev-network": NETWORK})), target=here)
    grown = Sketch(
        resources=NETWORK.resources,
        outputs={**NETWORK.outputs, "zone": {"value": "a"}},
        contract={**NETWORK.contract, "zone": "a"},
    )
    stacks = synthesized.load(synthesize(outdir, {"dev-network": grown, "dev-cluster": CLUSTER}))

    planned = plan(stacks, target=here)

    assert planned.of("dev-cluster").status is Status.WAITING


def test_a_broken_state_is_one_message_with_a_remedy(tmp_path: Path, here: Target) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", {"dev-a": FINE}))
    deploy(stacks, target=here)
    (tmp_path / "states" / "dev-a.tfstate").write_text("{half a sta")

    for command in (deploy, outputs):
        failure = command(stacks, target=here).of("dev-a").failure

        assert failure is not None
        assert "could not be parsed" in failure.problems[0].text
        assert "Put an earlier version" in failure.remedy
    with pytest.raises(UnreadableError, match="could not be parsed") as refused:
        destroy(stacks, target=here)
    assert "An earlier version" in refused.value.remedy


def test_a_workspace_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("a file where a folder should be")
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", {"dev-a": FINE}))

    failure = deploy(stacks, target=Target("aws", {}, tmp_path / "work")).of("dev-a").failure

    assert failure is not None
    assert "cannot be written" in failure.message


def test_another_run_on_this_machine_is_refused_while_one_works(
    tmp_path: Path, here: Target
) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", {"dev-a": FINE}))

    with here.copy_of(stacks["dev-a"]).held():
        failure = deploy(stacks, target=here).of("dev-a").failure

    assert failure is not None
    assert f"process {os.getpid()}" in failure.message


def test_a_run_stopped_before_it_starts_changes_nothing(
    tmp_path: Path, here: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EKP_TERRAFORM", str(tmp_path / "nowhere"))
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", {"dev-a": FINE}))

    with pytest.raises(RunnerError, match="was not found"):
        deploy(stacks, target=here)

    assert not here.workspace.exists()
