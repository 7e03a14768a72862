"""A local AWS that fails for a while, two deploys at once, and requests to stop."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from ekp.runner import stacks as synthesized
from ekp.runner.deploy import deploy
from ekp.runner.outputs import outputs
from ekp.runner.plan import plan
from ekp.runner.results import Status
from ekp.runner.target import Target

from .conftest import Aws
from .faults import Background, until, wait_for
from .recording import Recorder
from .synthesis import Sketch, synthesize


def held(gate: Path) -> Sketch:
    """A stack whose apply makes one resource, then waits at a gate, then makes another."""
    wait = {"local-exec": {"command": wait_for(gate)}}
    resources: dict[str, dict[str, Any]] = {
        "terraform_data": {
            "first": {"provisioner": [wait]},
            "second": {"depends_on": ["terraform_data.first"], "input": "x"},
        }
    }
    return Sketch(resources=resources, outputs={"done": {"value": "${terraform_data.second.id}"}})


def test_errors_and_throttling_for_a_while_lose_no_state(
    tmp_path: Path, aws: Aws, local: Target, name: str
) -> None:
    resources = {
        "aws_cloudwatch_log_group": {key: {"name": f"/ekp/{name}/{key}"} for key in ("a", "b")}
    }
    outdir = synthesize(
        tmp_path / "cdktf.out",
        {"dev-logs": Sketch(aws=True, resources=resources)},
        bucket=aws.bucket,
    )
    stacks = synthesized.load(outdir)
    aws.fail(
        {"service": "logs", "operation": "CreateLogGroup", "count": 1},
        {
            "service": "logs",
            "operation": "CreateLogGroup",
            "status": 400,
            "code": "ThrottlingException",
            "count": 1,
        },
        {"service": "s3", "operation": "GetObject", "count": 1},
        {"service": "s3", "operation": "PutObject", "count": 1},
    )

    deployed = deploy(stacks, target=local).of("dev-logs")
    body = aws.client("s3").get_object(Bucket=aws.bucket, Key="dev-logs.tfstate")["Body"].read()

    assert deployed.status is Status.APPLIED
    assert {one["name"] for one in json.loads(body)["resources"]} == {"a", "b"}


def test_a_state_that_could_not_be_stored_is_kept_and_stored_later(
    tmp_path: Path, aws: Aws, here: Target
) -> None:
    gate = tmp_path / "gate"
    outdir = synthesize(tmp_path / "cdktf.out", {"dev-a": held(gate)}, bucket=aws.bucket)
    stacks = synthesized.load(outdir)
    target = Target("local", aws.variables(), here.workspace)
    run = Background(lambda: deploy(stacks, target=target))
    until(Path(f"{gate}.here").exists)
    aws.fail(
        {
            "service": "s3",
            "operation": "PutObject",
            "status": 403,
            "code": "AccessDenied",
            "count": 100,
        }
    )
    gate.touch()
    failed = run.result().of("dev-a").failure
    aws.heal()

    refused = deploy(stacks, target=target).of("dev-a").failure
    recovered = deploy(stacks, target=target, recover=True).of("dev-a")

    assert failed is not None
    assert "errored.tfstate" in failed.remedy
    assert refused is not None
    assert "its state was not stored" in refused.message
    assert recovered.status is Status.UNCHANGED
    assert recovered.outputs["done"].value


def test_two_deploys_of_one_stack_at_once_do_not_meet(tmp_path: Path, here: Target) -> None:
    gate = tmp_path / "gate"
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", {"dev-a": held(gate)}))
    elsewhere = Target("aws", {}, tmp_path / "colleague")
    run = Background(lambda: deploy(stacks, target=here))
    until(Path(f"{gate}.here").exists)

    refused = deploy(stacks, target=elsewhere).of("dev-a").failure
    recorder = Recorder()
    patient = Background(
        lambda: deploy(stacks, target=elsewhere, reporter=recorder, lock_timeout="60s")
    )
    recorder.reached("dev-a", "plan")
    gate.touch()

    assert run.result().of("dev-a").status is Status.APPLIED
    assert patient.result().of("dev-a").status is Status.UNCHANGED
    assert refused is not None
    assert "is locked by" in refused.message
    assert "--lock-timeout" in refused.remedy
    assert not plan(stacks, target=here).of("dev-a").changes


def test_a_lock_released_just_when_terraform_asks_who_holds_it_is_asked_for_again(
    tmp_path: Path, aws: Aws, here: Target
) -> None:
    one = Sketch(resources={"terraform_data": {"one": {}}})
    outdir = synthesize(tmp_path / "cdktf.out", {"dev-a": one}, bucket=aws.bucket)
    target = Target("local", aws.variables(), here.workspace)
    refused = {"operation": "PutObject", "status": 412, "code": "PreconditionFailed", "count": 2}
    aws.fail({"service": "s3", **refused})

    assert deploy(synthesized.load(outdir), target=target).of("dev-a").status is Status.APPLIED


SCRIPT = """
    import json, sys
    from pathlib import Path
    from rich.console import Console
    from ekp.runner import stacks
    from ekp.runner.deploy import deploy
    from ekp.runner.progress import Lines
    from ekp.runner.target import Target

    outdir, workspace, variables = sys.argv[1:]
    found = stacks.load(Path(outdir))
    target = Target("local", json.loads(variables), Path(workspace))
    say = lambda text: print(text, flush=True)
    result = deploy(found, target=target, reporter=Lines(say), parallelism=2)
    Console().print(result.summary())
"""


def test_ctrl_c_waits_for_terraform_to_save_its_state(
    tmp_path: Path, aws: Aws, here: Target
) -> None:
    gate = tmp_path / "gate"
    after = Sketch(resources={"terraform_data": {"one": {}}}, after=["dev-a"])
    sketches = {"dev-a": held(gate), "dev-b": after}
    outdir = synthesize(tmp_path / "cdktf.out", sketches, bucket=aws.bucket)
    target = Target("local", aws.variables(), here.workspace)
    arguments = [str(outdir), str(here.workspace), json.dumps(target.variables)]
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "COLUMNS": "160"},
    )
    assert process.stdout is not None
    until(Path(f"{gate}.here").exists)
    # Saving the state takes long enough for someone to press Ctrl-C again.
    aws.fail({"service": "s3", "operation": "PutObject", "status": 0, "delay_ms": 2500})

    process.send_signal(signal.SIGINT)
    lines = iter(process.stdout.readline, "")
    assert any("Stopping:" in line for line in lines)
    process.send_signal(signal.SIGTERM)
    assert any("Still waiting" in line for line in lines)
    rest = process.stdout.read()
    process.wait(60)
    process.stdout.close()

    body = aws.client("s3").get_object(Bucket=aws.bucket, Key="dev-a.tfstate")["Body"].read()
    recorded = {one["name"] for one in json.loads(body)["resources"]}
    assert recorded == {"first"}
    assert "its state is saved" in rest
    gate.touch()
    stacks = synthesized.load(outdir)
    assert outputs(stacks, target=target).of("dev-b").status is Status.WAITING
    assert deploy(stacks, target=target).ok
