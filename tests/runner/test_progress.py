"""What people see of a run."""

import io
import json
from pathlib import Path

from rich.console import Console

from ekp.runner.errors import Problem
from ekp.runner.progress import Counter, Lines, LiveTable, Silent, reporter
from ekp.runner.results import (
    Change,
    Counts,
    Doubt,
    Failure,
    Output,
    RunResult,
    StackResult,
    Status,
)

FAILED = StackResult(
    "dev-cluster",
    Status.FAILED,
    seconds=3.21,
    failure=Failure(
        "`terraform apply` failed for dev-cluster.",
        "Correct it.",
        (Problem("creating EKS Cluster", "no [room]", "aws_eks_cluster.c", "dev-cluster/eks/c"),),
        Path("run/apply.log"),
    ),
)
APPLIED = StackResult(
    "dev-network",
    Status.APPLIED,
    counts=Counts(add=2, replace=1),
    changes=(Change("aws_vpc.v", "dev-network/vpc", ("create",)),),
    outputs={"vpc_id": Output("vpc-1"), "token": Output("hunter2", sensitive=True)},
    in_doubt=(Doubt("aws_vpc.w", "dev-network/w", "look for aws_vpc tagged Name=w"),),
    speculative=True,
)
RESULT = RunResult("deploy", "local", (APPLIED, FAILED), 12.5)


def shown(renderable: object) -> str:
    console = Console(file=io.StringIO(), width=160)
    console.print(renderable)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_summary_shows_each_stack_and_terraforms_words_at_the_construct() -> None:
    text = shown(RESULT.summary())

    for part in (
        "+2 ~0 ±1 -0",
        "applied (speculative)",
        "no [room]",
        "at dev-cluster/eks/c (aws_eks_cluster.c)",
        "Full log: run/apply.log",
        "in doubt: dev-network/w (aws_vpc.w): look for aws_vpc tagged Name=w",
    ):
        assert part in text


def test_the_json_is_stable_and_holds_no_secret() -> None:
    body = json.loads(json.dumps(RESULT.to_json()))

    assert set(body) == {"command", "target", "ok", "seconds", "speculative", "stacks"}
    assert body["stacks"][0].keys() == body["stacks"][1].keys()
    assert body["stacks"][0]["outputs"] == {
        "token": {"sensitive": True, "value": None},
        "vpc_id": {"sensitive": False, "value": "vpc-1"},
    }
    assert body["stacks"][1]["failure"]["problems"][0]["construct_path"] == "dev-cluster/eks/c"
    assert body["speculative"] == ["dev-network"]


def test_a_waiting_stack_is_no_failure_and_a_failed_one_is() -> None:
    waiting = StackResult("a", Status.WAITING)

    assert RunResult("plan", "aws", (waiting,), 0.0).ok
    assert not RESULT.ok


def test_without_a_terminal_progress_is_told_at_most_every_few_seconds() -> None:
    lines: list[str] = []
    now = [0.0]
    told = Lines(lines.append, clock=lambda: now[0])

    told.begin(["a"])
    told.step("a", "apply", 3)
    told.progress("a", 1)
    now[0] = 6.0
    told.progress("a", 2)
    told.progress("a", 3)
    told.finished(StackResult("a", Status.APPLIED, seconds=6.04))

    assert lines == [
        "1 stacks: a",
        "a: apply (3 resources)",
        "a: apply 2/3",
        "a: applied (6.0 s)",
    ]


def test_the_live_table_shows_step_resources_and_seconds() -> None:
    now = [1.0]
    live = LiveTable(Console(file=io.StringIO()), clock=lambda: now[0])

    live.step("dev-network", "apply", 12)
    live.progress("dev-network", 5)
    now[0] = 31.0

    row = next(line for line in shown(live.table()).splitlines() if "dev-network" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "dev-network",
        "apply",
        "5/12",
        "30",
    ]


def test_the_reporter_suits_where_the_output_goes() -> None:
    assert isinstance(reporter(Console(file=io.StringIO())), Lines)
    assert isinstance(reporter(Console(file=io.StringIO(), force_terminal=True)), LiveTable)
    assert isinstance(reporter(Console(file=io.StringIO()), silent=True), Silent)


def test_reading_a_data_source_is_no_finished_resource() -> None:
    lines: list[str] = []
    told = Lines(lines.append, clock=iter([0.0, 6.0, 12.0, 18.0]).__next__)
    told.step("a", "apply", 2)
    count = Counter(told, "a")

    count({"type": "apply_complete", "hook": {"action": "read"}})
    count({"type": "apply_complete", "hook": {"action": "create"}})

    assert lines == ["a: apply (2 resources)", "a: apply 1/2"]
