"""What `ekp drift` prints, and its exit codes."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from ekp.cli import app
from ekp.commands import drift as command
from ekp.commands.console import out
from ekp.runner import stacks
from ekp.runner.drift.arguments import Kind
from ekp.runner.drift.report import Attribute, Drift, Drifted
from ekp.runner.results import Failure, RunResult, StackResult, Status
from ekp.runner.target import Target
from tests.runner.synthesis import Sketch, synthesize

VPC = Drifted(
    "aws_vpc.vpc_A212",
    "dev-network/vpc/Resource",
    "aws_vpc",
    "changed",
    (Attribute("tags.Owner", "platform", "[somebody]", Kind.SET),),
    (Attribute("dhcp_options_id", "dopt-1", "dopt-2", Kind.OTHERS),),
)
GROUP = Drifted(
    "aws_security_group.endpoints_FB95",
    "dev-network/endpoints/security-group",
    "aws_security_group",
    "changed",
    (Attribute("ingress", None, "tcp 22 from 0.0.0.0/0", Kind.OPEN),),
)
RECORD = Drifted(
    "aws_route53_record.api_7C2F", "dev-edge/records/api", "aws_route53_record", "deleted"
)
QUIET = Drifted(
    "aws_acm_certificate.c_EC03",
    "dev-edge/certificate",
    "aws_acm_certificate",
    "changed",
    (),
    (Attribute("status", "PENDING_VALIDATION", "ISSUED", Kind.OTHERS),),
)
READ = {name: StackResult(name, Status.READ) for name in ("dev-edge", "dev-network")}
BROKEN = StackResult(
    "dev-cluster",
    Status.FAILED,
    failure=Failure("`terraform plan` failed for dev-cluster.", "Sign in to AWS."),
)


def found(*stacks: StackResult, **resources: Sequence[Drifted]) -> Drift:
    named = {name.replace("_", "-"): several for name, several in resources.items()}
    return Drift(RunResult("drift", "local", stacks, 1.0), named)


@pytest.fixture
def ekp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Ekp":
    return Ekp(tmp_path, monkeypatch)


class Ekp:
    """The command, with a comparison that has been made."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        synthesize(folder / "cdktf.out", {"dev-network": Sketch()})
        loaded = stacks.load(folder / "cdktf.out")
        space = SimpleNamespace(
            stacks=lambda: loaded, target=lambda *_, **__: Target("local", {}, folder)
        )
        monkeypatch.setattr(command, "workspace", lambda: space)
        monkeypatch.setattr(out, "width", 200)

    def __call__(self, result: Drift, *options: str) -> Result:
        self._patch.setattr(command, "run_drift", lambda *_, **__: result)
        return CliRunner().invoke(app, ["drift", "dev", "--local", *options])


def test_no_drift_is_said_and_is_no_failure(ekp: Ekp) -> None:
    done = ekp(found(*READ.values(), dev_edge=[QUIET], dev_network=[]))

    assert done.exit_code == 0
    assert "No drift. 2 of 2 stacks compared (local)." in done.stdout
    assert "What does not count differs in 1 attribute: see --all." in done.stdout
    assert "PENDING_VALIDATION" not in done.stdout
    assert "ekp deploy" not in done.stdout


def test_what_does_not_count_is_shown_to_those_who_ask_and_changes_no_exit_code(ekp: Ekp) -> None:
    done = ekp(found(*READ.values(), dev_edge=[QUIET], dev_network=[]), "--all")

    assert done.exit_code == 0
    assert "PENDING_VALIDATION" in done.stdout


def test_drift_is_shown_by_stack_and_construct_with_what_to_do(ekp: Ekp) -> None:
    done = ekp(found(*READ.values(), dev_edge=[RECORD, QUIET], dev_network=[GROUP, VPC]))

    rows = [
        [cell.strip() for cell in line.split("│")[1:-1]]
        for line in done.stdout.splitlines()
        if line.startswith("│")
    ]
    assert rows == [
        ["records/api", "", "aws_route53_record", "gone"],
        ["endpoints/security-group", "ingress *", "-", "tcp 22 from 0.0.0.0/0"],
        ["vpc/Resource", "tags.Owner", "platform", "[somebody]"],
    ]
    assert done.exit_code == 4
    assert "3 resources drifted: 2 changed, 1 deleted. 2 of 2 stacks compared" in done.stdout
    assert "* The configuration does not set it" in done.stdout
    assert "`ekp deploy dev --local` puts back" in done.stdout


def test_a_stack_that_could_not_be_compared_is_a_failure_and_drift_is_still_shown(ekp: Ekp) -> None:
    done = ekp(found(BROKEN, READ["dev-network"], dev_network=[VPC]))

    assert done.exit_code == 1
    assert "`terraform plan` failed for dev-cluster." in done.stdout
    assert "Sign in to AWS." in done.stdout
    assert "tags.Owner" in done.stdout
    assert "1 of 2 stacks compared" in done.stdout


def test_json_has_the_same_keys_however_it_comes_out(ekp: Ekp) -> None:
    waiting = StackResult("dev-later", Status.WAITING)
    result = found(BROKEN, waiting, *READ.values(), dev_edge=[RECORD], dev_network=[VPC])

    document = json.loads(ekp(result, "--json").stdout)

    assert {name: document[name] for name in ("command", "target", "ok", "drift")} == {
        "command": "drift",
        "target": "local",
        "ok": False,
        "drift": True,
    }
    assert {one["stack"]: one["result"] for one in document["stacks"]} == {
        "dev-cluster": "failed",
        "dev-later": "not applied",
        "dev-edge": "drift",
        "dev-network": "drift",
    }
    assert {tuple(one) for one in document["stacks"]} == {
        ("failure", "resources", "result", "stack")
    }
    (vpc,) = document["stacks"][-1]["resources"]
    assert vpc["attributes"] == [
        {
            "path": "tags.Owner",
            "before": "platform",
            "after": "[somebody]",
            "kind": "set",
            "sensitive": False,
        }
    ]
    assert vpc["construct_path"] == "dev-network/vpc/Resource"


def test_an_environment_that_there_is_not_is_refused(ekp: Ekp) -> None:
    done = CliRunner().invoke(app, ["drift", "dve"])

    assert "Did you mean dev?" in str(done.exception)
    assert ekp(found(*READ.values())).exit_code == 0
