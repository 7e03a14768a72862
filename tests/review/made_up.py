"""A plan of three stacks with a change of each kind, in the form in which Terraform writes it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from ekp.runner import plan
from ekp.runner.errors import Problem
from ekp.runner.plan import Saved
from ekp.runner.results import Failure, RunResult, StackResult, Status
from ekp.runner.stacks import Stack

SECRET = "hunter2"
SCRIPT = "<script>document.title = 'ran'</script>"
LONG = "x" * 5_000
FAILURE = Failure(
    "dev-tenants could not be planned.", "Mend it.", (Problem("Error: <b>no</b>", "a.b"),)
)


def stack(id_: str, *addresses: str) -> Stack:
    resources: dict[str, dict[str, Any]] = {}
    for address in addresses:
        kind, _, name = address.partition(".")
        path = f"{id_}/{name}/Resource"
        resources.setdefault(kind, {})[name] = {"//": {"metadata": {"path": path}}}
    layer = id_.rpartition("-")[2]
    return Stack(id_, Path(), "dev", "eu-west-1", layer, (), {}, {"resource": resources})


STACKS = {
    one.id: one
    for one in (
        stack("dev-network", "aws_vpc.vpc", "aws_subnet.a", "aws_eip.nat"),
        stack("dev-cluster", "aws_eks_cluster.eks", "aws_db_instance.db", "aws_iam_role.node"),
        stack("dev-tenants"),
    )
}


def entry(address: str, actions: list[str], before: Any, after: Any, **more: Any) -> dict[str, Any]:
    marks = {name: more.pop(name) for name in list(more) if name.startswith(("before", "after"))}
    paths = {"replace_paths": more.pop("replace_paths")} if "replace_paths" in more else {}
    change = {"actions": actions, "before": before, "after": after, **marks, **paths}
    return {"address": address, "mode": "managed", "change": change, **more}


PLANS = {
    "dev-network": [
        entry("aws_eip.nat", ["create"], None, {"domain": "vpc"}, after_unknown={"id": True}),
        entry("aws_subnet.a", ["update"], {"tags": {"Name": SCRIPT}}, {"tags": {"Name": LONG}}),
        entry(
            "aws_vpc.vpc",
            ["delete", "create"],
            {"cidr_block": "10.0.0.0/16", "id": "vpc-1"},
            {"cidr_block": "10.1.0.0/16"},
            after_unknown={"id": True},
            replace_paths=[["cidr_block"]],
            action_reason="replace_because_cannot_update",
        ),
    ],
    "dev-cluster": [
        entry("aws_iam_role.node", ["create"], None, {"name": "node"}),
        entry(
            "aws_db_instance.db",
            ["update"],
            {"login": [{"user": "a", "password": f"{SECRET}-1"}]},
            {"login": [{"user": "b", "password": f"{SECRET}-2"}]},
            after_sensitive={"login": [{"password": True}]},
        ),
        entry(
            "aws_sqs_queue.old",
            ["delete"],
            {"name": "old"},
            None,
            action_reason="delete_because_no_resource_config",
        ),
    ],
}


def result(folder: Path) -> RunResult:
    """Return what ``plan`` gives back, with the plans' JSON in ``folder``."""
    return RunResult("plan", "local", (*(_planned(folder, id_) for id_ in PLANS), _failed()), 1.0)


def _planned(folder: Path, id_: str) -> StackResult:
    file = folder / f"{id_}.json"
    file.write_text(json.dumps({"resource_changes": PLANS[id_]}), encoding="utf-8")
    made = plan.read(STACKS[id_], Saved(file, file), file)
    return replace(plan.result(STACKS[id_], made, Status.PLANNED), speculative=id_ == "dev-cluster")


def _failed() -> StackResult:
    return StackResult("dev-tenants", Status.FAILED, failure=FAILURE)


def nothing() -> RunResult:
    """Return what ``plan`` gives back where nothing would change."""
    return RunResult("plan", "aws", (StackResult("dev-network", Status.UNCHANGED),), 1.0)
