"""`ekp destroy` shows what goes before it asks, asks by what is at stake, and looks afterwards."""

import json
import os
import pty
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ekp.cli import app
from ekp.commands import destroy as command
from ekp.commands.workspace import Workspace
from ekp.runner import progress, protection, teardown
from ekp.runner import stacks as synthesized
from ekp.runner.leftovers.search import Found, Leftover
from ekp.runner.results import RunResult, Status
from ekp.runner.stacks import Stack
from ekp.runner.target import Target
from tests.runner.recording import Recorder
from tests.runner.synthesis import Sketch, synthesize

# From the last to go to the first: each needs the one before.
NAMES = ["dev-network", "dev-cluster", "dev-tenants"]
USAGE = 2
# As Terraform stores what `terraform_data` made.
STATE = {
    "version": 4,
    "terraform_version": "1.10.0",
    "serial": 1,
    "lineage": "00000000-0000-0000-0000-000000000001",
    "outputs": {},
    "resources": [
        {
            "mode": "managed",
            "type": "terraform_data",
            "name": "one",
            "provider": 'provider["terraform.io/builtin/terraform"]',
            "instances": [{"schema_version": 0, "attributes": {"id": "one"}}],
        }
    ],
}
Stacks = Mapping[str, Stack]


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return Target("aws", {}, tmp_path / "work")


@pytest.fixture
def stacks(tmp_path: Path) -> Stacks:
    """Three deployed stacks that say nothing of protection."""
    sketches = {
        name: Sketch(resources={"terraform_data": {"one": {}}}, after=NAMES[:at])
        for at, name in enumerate(NAMES)
    }
    found = synthesized.load(synthesize(tmp_path / "cdktf.out", sketches))
    for stack in found.values():
        file = state_of(stack)
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(STATE), encoding="utf-8")
    return found


def state_of(stack: Stack) -> Path:
    return Path(stack.backend[1]["path"])


def there(stacks: Stacks) -> set[str]:
    """The stacks that are still deployed."""
    return {
        name for name, one in stacks.items() if json.loads(state_of(one).read_text())["resources"]
    }


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setattr(progress, "reporter", lambda *_, **__: recorder)
    return recorder


@pytest.fixture(autouse=True)
def _chosen(stacks: Stacks, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, stacks, target)


def choose(monkeypatch: pytest.MonkeyPatch, stacks: Stacks, target: Target) -> None:
    monkeypatch.setattr(command, "select", lambda *_, **__: (Workspace(Path()), stacks, stacks))
    monkeypatch.setattr(Workspace, "target", lambda *_, **__: target)


def unprotected(stacks: Stacks) -> Stacks:
    def told(stack: Stack) -> Stack:
        comment = stack.configuration["//"]
        facts = {**comment, "ekp": {**comment["ekp"], "protected": False}}
        return replace(stack, configuration={**stack.configuration, "//": facts})

    return {name: told(stack) for name, stack in stacks.items()}


def ekp(*arguments: str, typed: str = "") -> Any:
    return CliRunner().invoke(app, [*arguments], input=typed, env={"COLUMNS": "1000"})


def at_a_terminal(*arguments: str, typed: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run a command with a terminal to type into; its exit code."""
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    with os.fdopen(theirs, encoding="utf-8") as stdin, monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", stdin)
        with pytest.raises(SystemExit) as ended:
            app([*arguments])
    os.close(ours)
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--yes"], "dev is protected: --yes is not taken for it."),
        ([], "dev is protected, and there is no terminal to type its name."),
    ],
)
def test_nobody_destroys_a_protected_environment_without_typing_its_name(
    options: list[str],
    said: str,
    stacks: Stacks,
    capfd: pytest.CaptureFixture[str],
) -> None:
    done = ekp("destroy", "dev", *options, typed="dev\n")

    told = done.stderr + capfd.readouterr().err
    assert done.exit_code == USAGE
    assert said in told
    assert "--dry-run` asks nothing" in told
    assert there(stacks) == {*NAMES}


def test_another_name_than_the_protected_environment_s_destroys_nothing(
    stacks: Stacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert at_a_terminal("destroy", "dev", typed="prod\n", monkeypatch=monkeypatch) == 1
    assert there(stacks) == {*NAMES}


@pytest.mark.parametrize(
    ("options", "typed", "left"),
    [(["--yes"], "", set()), ([], "y\n", set()), ([], "n\n", {"dev-network"})],
)
def test_an_environment_that_is_not_protected_is_confirmed(
    *,
    options: list[str],
    typed: str,
    left: set[str],
    stacks: Stacks,
    target: Target,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = {"dev-network": stacks["dev-network"]}
    choose(monkeypatch, unprotected(one), target)

    assert ekp("destroy", "dev", *options, typed=typed).exit_code == (1 if left else 0)
    assert there(one) == left


def test_a_dry_run_shows_the_order_in_which_stacks_go_and_changes_nothing(
    stacks: Stacks, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = json.loads(ekp("destroy", "dev", "--dry-run", "--json").stdout)
    waves = [[one["stack"] for one in wave] for wave in shown["waves"]]

    assert shown["protected"] is True
    assert [wave[0]["resources"] for wave in shown["waves"]] == [1, 1, 1]
    assert there(stacks) == {*NAMES}
    assert at_a_terminal("destroy", "dev", typed="dev\n", monkeypatch=monkeypatch) == 0
    assert waves == [["dev-tenants"], ["dev-cluster"], ["dev-network"]]
    assert [[one.stack] for one in recorder.results] == waves
    assert {one.status for one in recorder.results} == {Status.DESTROYED}


def test_what_aws_refuses_is_said_before_anybody_is_asked(
    stacks: Stacks, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = teardown.Holding("dev-ingress", 3, kept=("  dev-ingress/alb: is protected",))
    monkeypatch.setattr(teardown, "look", lambda *_, **__: teardown.Teardown(((kept,),)))
    choose(monkeypatch, unprotected(stacks), target)

    done = ekp("destroy", "dev", typed="y\n")

    assert isinstance(done.exception, protection.ProtectedError)
    assert "dev-ingress/alb: is protected" in str(done.exception)
    assert "Destroy dev?" not in done.output


def test_a_state_that_cannot_be_read_fails_a_dry_run(
    stacks: Stacks, capfd: pytest.CaptureFixture[str]
) -> None:
    state_of(stacks["dev-cluster"]).write_text("{", encoding="utf-8")

    done = ekp("destroy", "dev", "--dry-run")

    assert done.exit_code == 1
    assert "its state cannot be read" in done.stdout + capfd.readouterr().out


def test_a_state_that_cannot_be_read_is_no_reason_to_destroy_the_others(
    stacks: Stacks, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Only its own state says whether AWS would refuse to destroy what it holds.
    state_of(stacks["dev-network"]).write_text("{", encoding="utf-8")
    choose(monkeypatch, unprotected(stacks), target)

    done = ekp("destroy", "dev", "--json", typed="y\n")

    assert isinstance(done.exception, teardown.UnreadableError)
    assert "dev-network: " in done.exception.message
    assert done.stdout == ""
    assert "Destroy dev?" not in done.output
    untouched = {name: stacks[name] for name in NAMES[1:]}
    assert there(untouched) == {*untouched}


@pytest.fixture
def two_regions(stacks: Stacks, target: Target, monkeypatch: pytest.MonkeyPatch) -> Stacks:
    """A region that needs the global stack, beside which nothing needs the region."""
    places = {"dev-network": "global", "dev-cluster": "us-east-1", "dev-tenants": "us-east-1"}
    found = {name: replace(one, region=places[name]) for name, one in stacks.items()}
    choose(monkeypatch, unprotected(found), target)
    return found


def test_a_region_is_destroyed_alone_before_the_settings_give_it_up(two_regions: Stacks) -> None:
    asked = ekp("destroy", "dev", "--region", "us-east-1", typed="n\n")
    assert "Destroy us-east-1 of dev?" in asked.stderr
    assert there(two_regions) == {*NAMES}

    done = ekp("destroy", "dev", "--region", "us-east-1", "--yes", "--json")

    assert done.exit_code == 0, done.output
    assert there(two_regions) == {"dev-network"}
    assert {one["stack"] for one in json.loads(done.stdout)["stacks"]} == {*NAMES[1:]}


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ("global", "The stacks of global are needed by dev-cluster, dev-tenants."),
        ("mars", "There is no region 'mars' here."),
    ],
)
def test_a_region_that_others_need_is_not_destroyed(
    two_regions: Stacks, region: str, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    done = ekp("destroy", "dev", "--region", region, "--yes")

    assert done.exit_code == USAGE
    assert said in done.stderr + capfd.readouterr().err
    assert there(two_regions) == {*NAMES}


LEFT = Leftover(
    "arn:aws:ec2:eu-west-1:1:volume/vol-1", "ec2 volume", "data", "the EBS driver", sure=True
)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (Found(left=(LEFT,)), 1),
        (Found(unsearched=("111111111111 eu-west-1: AccessDenied",)), 1),
        (Found(others=(LEFT,)), 0),
    ],
)
def test_a_destroy_that_leaves_something_or_cannot_tell_has_failed(
    found: Found,
    code: int,
    stacks: Stacks,
    target: Target,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choose(monkeypatch, unprotected(stacks), target)
    done_well = RunResult("destroy", "aws", (), 0.0)
    monkeypatch.setattr(teardown, "look", lambda *_, **__: teardown.Teardown(()))
    monkeypatch.setattr(command, "run_destroy", lambda *_, **__: done_well)
    monkeypatch.setattr(command, "_search", lambda *_, **__: found)

    done = ekp("destroy", "dev", "--yes", "--json")

    assert done.exit_code == code
    assert json.loads(done.stdout)["leftovers"] == json.loads(json.dumps(found.to_json()))
