"""`ekp rotate header`: at no moment of a rotation is a request refused."""

import json
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from itertools import chain, combinations
from pathlib import Path
from typing import Any

from modules.stacks import origin_header

import pytest
from typer.testing import CliRunner, Result

from ekp.cli import app
from ekp.commands import policy, rotate
from ekp.commands.workspace import Workspace
from ekp.rotate import moves
from ekp.rotate.guard import check
from ekp.rotate.header import take
from ekp.rotate.rotation import RotationError, load
from ekp.runner.errors import RunnerError
from ekp.runner.results import RunResult, StackResult, Status
from ekp.runner.stacks import Stack
from ekp.runner.target import Target
from tests.gate.made_up import clean, report

CURRENT, NEXT = "TF_VAR_origin_header_current", "TF_VAR_origin_header_next"
OLD = "o" * 64
SENDERS = ("distribution",)
# Rules of listeners and of web ACLs, in two regions: each is changed by a call of its own.
TAKERS = ("euw1-listener", "euw1-web-acl", "use1-listener", "use1-web-acl")
EVERY = (*SENDERS, *TAKERS)


class Killed(BaseException):
    """The machine goes down."""


@dataclass
class World:
    """What is deployed: each part has the variables that its last apply had."""

    parts: dict[str, Mapping[str, str]] = field(
        default_factory=lambda: {part: {CURRENT: OLD, NEXT: OLD} for part in EVERY}
    )
    seen: list[Mapping[str, str]] = field(default_factory=list)

    def refusals(self) -> list[str]:
        """Return who refuses what some edge sends."""
        sent = {self.parts[sender][CURRENT] for sender in SENDERS}
        return [t for t in TAKERS if not sent <= {self.parts[t][CURRENT], self.parts[t][NEXT]}]

    def applies(
        self, only: Iterable[str] = EVERY, end: Callable[[], bool] = lambda: True
    ) -> Callable[[Mapping[str, str]], bool]:
        """Return a deploy that reaches some parts, and then ends as said."""

        def deploy(variables: Mapping[str, str]) -> bool:
            self.seen.append(dict(variables))
            for part in only:
                self.parts[part] = dict(variables)
                assert self.refusals() == []
            return end()

        return deploy


def killed() -> bool:
    raise Killed


def failed() -> bool:
    return False


def subsets() -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(EVERY, size) for size in range(len(EVERY) + 1))


def move(
    number: int, folder: Path, deploy: Callable[[Mapping[str, str]], bool], old: str = OLD
) -> int:
    """Take a move; how many are done then."""
    done = take(
        number, folder, environment="prod", old=old, differing=lambda: (), deploy=deploy
    ).done
    found = load(folder)
    assert found is not None
    assert found.done == done
    return done


@pytest.mark.parametrize("number", [1, 2, 3])
def test_no_request_is_refused_whatever_a_move_has_reached(number: int, tmp_path: Path) -> None:
    """Every subset of parts may have been reached: parts are changed in any order."""
    world = World()
    for before in range(1, number):
        move(before, tmp_path, world.applies())
    start = dict(world.parts)
    variables: Mapping[str, str] = {}

    def grab(given: Mapping[str, str]) -> bool:
        nonlocal variables
        variables = given
        return True

    move(number, tmp_path, grab)

    for reached in subsets():
        world.parts = start | dict.fromkeys(reached, variables)
        assert world.refusals() == [], reached


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_move_that_was_cut_off_is_gone_on_with_and_refuses_nothing(
    number: int, tmp_path: Path
) -> None:
    for count, reached in enumerate(subsets()):
        folder, world = tmp_path / str(count), World()
        end = killed if count % 2 else failed
        for before in range(1, number):
            move(before, folder, world.applies())
        with suppress(Killed):
            assert move(number, folder, world.applies(reached, end)) == number - 1
        for other in {1, 2, 3} - {number}:
            with pytest.raises(RotationError, match=f"move {number} is not finished"):
                move(other, folder, world.applies())

        # Whatever is left is reached in another order.
        for rest in range(number, 4):
            assert move(rest, folder, world.applies(reversed(EVERY))) == rest
        values = {value for part in world.parts.values() for value in part.values()}
        assert len(values) == 1
        assert OLD not in values


def test_a_move_killed_twice_deploys_the_same_values(tmp_path: Path) -> None:
    world = World()
    for _ in range(2):
        with pytest.raises(Killed):
            move(1, tmp_path, world.applies(SENDERS, killed))
    move(1, tmp_path, world.applies())

    first, *rest = world.seen
    assert rest == [first, first]


def test_a_rotation_in_the_wrong_order_would_refuse_requests() -> None:
    """Proof that the model tells: new values everywhere at once."""
    world = World()

    with pytest.raises(AssertionError):
        world.applies()({CURRENT: "n" * 64, NEXT: "n" * 64})


@pytest.mark.parametrize(
    ("done", "number", "said"),
    [
        (0, 2, "No rotation of prod is begun"),
        (0, 3, "No rotation of prod is begun"),
        (1, 1, "Move 1 of prod is out of order: move 2 comes next"),
        (1, 3, "Move 3 of prod is out of order: move 2 comes next"),
        (2, 2, "Move 2 of prod is out of order: move 3 comes next"),
        (3, 2, "The rotation of prod is done"),
        (3, 3, "The rotation of prod is done"),
    ],
)
def test_a_move_out_of_order_is_refused_before_anything_is_deployed(
    done: int, number: int, said: str, tmp_path: Path
) -> None:
    world = World()
    for before in range(1, done + 1):
        move(before, tmp_path, world.applies())
    seen = len(world.seen)

    with pytest.raises(RotationError, match=said):
        move(number, tmp_path, world.applies())

    assert len(world.seen) == seen


def test_values_that_are_not_those_deployed_begin_nothing(tmp_path: Path) -> None:
    world = World()

    with pytest.raises(RotationError, match="prod-edge would change"):
        take(
            1,
            tmp_path,
            environment="prod",
            old="wrong",
            differing=lambda: ["prod-edge"],
            deploy=world.applies(),
        )

    assert world.seen == []
    assert load(tmp_path) is None


def test_the_next_rotation_begins_with_the_value_of_the_last(tmp_path: Path) -> None:
    world = World()
    for number in (1, 2, 3):
        move(number, tmp_path, world.applies())
    kept = (tmp_path / "new").read_text()
    assert not (tmp_path / "old").exists()

    with pytest.raises(RotationError, match="is not the value that the last rotation"):
        move(1, tmp_path, world.applies())
    for number in (1, 2, 3):
        move(number, tmp_path, world.applies(), old=kept)

    assert world.parts["distribution"][CURRENT] not in {OLD, kept}


def test_values_are_long_random_and_readable_by_the_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "rotations" / "prod"
    move(1, folder, World().applies())

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    new = (folder / "new").read_text()
    assert len(new) == 64
    assert new not in (folder / "progress.json").read_text()


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"done": 4, "running": false}', '{"done": true, "running": false}']
)
def test_a_record_that_is_none_is_told_with_the_way_out(text: str, tmp_path: Path) -> None:
    (tmp_path / "progress.json").write_text(text)

    with pytest.raises(RotationError, match=r"progress\.json is no record") as caught:
        load(tmp_path)

    assert "states of edge and ingress" in caught.value.remedy


def test_a_value_that_is_lost_is_told(tmp_path: Path) -> None:
    world = World()
    move(1, tmp_path, world.applies())
    (tmp_path / "new").unlink()

    with pytest.raises(RotationError, match="cannot be read"):
        move(2, tmp_path, world.applies())


def test_a_deploy_with_the_values_of_an_earlier_move_is_refused(tmp_path: Path) -> None:
    world = World()
    check(tmp_path, {}, environment="prod")
    move(1, tmp_path, world.applies())
    rotation = load(tmp_path)
    assert rotation is not None
    reached = rotation.variables(moves.MOVES[0])

    check(tmp_path, reached, environment="prod")
    with pytest.raises(RotationError, match=f"^{NEXT}: not what move 1 of the header's"):
        check(tmp_path, {**reached, NEXT: OLD}, environment="prod")
    with pytest.raises(RotationError, match=f"^{CURRENT} and {NEXT}: "):
        check(tmp_path, {}, environment="prod")


def test_the_variables_are_those_of_the_stacks() -> None:
    assert (moves.CURRENT, moves.NEXT) == (origin_header.CURRENT, origin_header.NEXT)


def stack(id_: str, *variables: str) -> Stack:
    environment, _, layer = id_.partition("-")
    declared: dict[str, dict[str, Any]] = {name: {} for name in variables}
    return Stack(
        id_, Path(), environment, "eu-west-1", layer, (), {}, {"variable": declared, "//": {}}
    )


STACKS = (
    stack("prod-edge", moves.CURRENT),
    stack("prod-network"),
    stack("prod-ingress", moves.CURRENT, moves.NEXT),
    stack("qa-edge", moves.CURRENT),
    stack("dev-edge"),
)


@pytest.fixture
def deployed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> list[tuple[str, list[str], dict[str, str | None]]]:
    """Runs of Terraform that only write down what they were asked."""
    asked: list[tuple[str, list[str], dict[str, str | None]]] = []

    def run(command: str, status: Status) -> Callable[..., RunResult]:
        def ran(
            _every: Mapping[str, Stack],
            *,
            selected: Mapping[str, Stack],
            target: Target,
            **_: object,
        ) -> RunResult:
            asked.append((command, [*selected], dict(target.variables)))
            results = tuple(StackResult(id_, status) for id_ in selected)
            return RunResult(command, "aws", results, 0.0)

        return ran

    def synthesize(_space: Workspace) -> Mapping[str, Stack]:
        return {one.id: one for one in STACKS}

    monkeypatch.setattr(Workspace, "synthesize", synthesize)
    monkeypatch.setattr(policy, "opened", lambda *_: nullcontext())
    monkeypatch.setattr(policy, "judged", lambda *_, **__: clean())
    monkeypatch.setattr(rotate, "run_plan", run("plan", Status.UNCHANGED))
    monkeypatch.setattr(rotate, "run_deploy", run("deploy", Status.APPLIED))
    monkeypatch.setenv("EKP_WORKSPACE", str(tmp_path))
    monkeypatch.setenv(CURRENT, OLD)
    monkeypatch.setenv(NEXT, OLD)
    return asked


Asked = list[tuple[str, list[str], dict[str, str | None]]]


def header(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["rotate", "header", *arguments])


def test_a_rotation_deploys_the_stacks_with_the_header_and_no_others(
    deployed: Asked, tmp_path: Path
) -> None:
    for number in "123":
        done = header("prod", "--move", number, "--yes")
        assert done.exit_code == 0, done.output

    new = (tmp_path / "aws" / "rotations" / "prod" / "new").read_text()
    stacks = ["prod-edge", "prod-ingress"]
    assert deployed == [
        ("plan", stacks, {CURRENT: OLD, NEXT: OLD}),
        ("deploy", stacks, {CURRENT: OLD, NEXT: new}),
        ("deploy", stacks, {CURRENT: new, NEXT: OLD}),
        ("deploy", stacks, {CURRENT: new, NEXT: new}),
    ]


def test_a_closed_policy_gate_stops_a_move_before_it_begins(
    deployed: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "judged", lambda *_, **__: report())

    done = header("prod", "--move", "1", "--yes")

    assert done.exit_code == 3
    assert "EKP_EKS_1" in done.output
    assert deployed == []
    assert not (tmp_path / "aws" / "rotations").exists()


def test_values_are_never_printed(deployed: Asked, tmp_path: Path) -> None:
    printed = header("prod").output
    for number in "123":
        printed += header("prod", "--move", number, "--yes").output + header("prod").output

    assert OLD not in printed
    assert (tmp_path / "aws" / "rotations" / "prod" / "new").read_text() not in printed
    assert len(deployed) == 4


def test_where_the_rotation_stands_is_shown_with_what_comes_next(
    deployed: Asked, tmp_path: Path
) -> None:
    assert "`ekp rotate header prod --move 1` makes a new value" in header("prod").output

    header("prod", "--move", "1", "--yes")
    shown = header("prod").output

    folder = tmp_path / "aws" / "rotations" / "prod"
    assert f'export {CURRENT}="$(cat {folder / "old"})"' in shown
    assert f'export {NEXT}="$(cat {folder / "new"})"' in shown
    assert "`ekp rotate header prod --move 2` is next." in shown
    assert len(deployed) == 2


@pytest.mark.parametrize("hosted", [True, False])
def test_runs_that_start_in_hcp_get_each_move_s_values_too(
    deployed: Asked, monkeypatch: pytest.MonkeyPatch, *, hosted: bool
) -> None:
    facts = {"//": {"ekp": {"hcp": {"workspace": "ekp-prod-edge"}}}} if hosted else {}
    every = {one.id: replace(one, configuration={**one.configuration, **facts}) for one in STACKS}
    monkeypatch.setattr(Workspace, "synthesize", lambda _space: every)

    shown = header("prod", "--move", "1", "--yes").output

    assert ("ekp hcp apply-workspaces prod --update-secrets" in shown) is hosted
    assert len(deployed) == 2


def test_where_the_rotation_stands_is_json_when_asked_for(deployed: Asked, tmp_path: Path) -> None:
    done = json.loads(header("prod", "--move", "1", "--yes", "--json").stdout)

    assert done == {
        "environment": "prod",
        "stacks": ["prod-edge", "prod-ingress"],
        "moves": {"1": "done", "2": "next", "3": "later"},
        "folder": str(tmp_path / "aws" / "rotations" / "prod"),
    }
    assert len(deployed) == 2


@pytest.mark.usefixtures("deployed")
def test_a_deploy_that_fails_leaves_the_move_to_be_finished(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failed = StackResult("prod-edge", Status.FAILED)

    def fail(*_: object, **__: object) -> RunResult:
        return RunResult("deploy", "aws", (failed,), 0.0)

    monkeypatch.setattr(rotate, "run_deploy", fail)

    done = header("prod", "--move", "1", "--yes")

    assert done.exit_code == 1
    assert "`ekp rotate header prod --move 1` finishes it." in done.output


def test_a_value_that_is_not_set_is_named(deployed: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NEXT)

    done = header("prod", "--move", "1", "--yes")

    assert isinstance(done.exception, RunnerError)
    assert f"{NEXT} is not set (for prod-ingress)." in str(done.exception)
    assert deployed == []


def test_nothing_is_deployed_without_consent(deployed: Asked) -> None:
    done = CliRunner().invoke(app, ["rotate", "header", "prod", "--move", "1"], input="n\n")

    assert done.exit_code == 1
    assert deployed == []


def test_an_environment_without_cloudfront_has_nothing_to_rotate(deployed: Asked) -> None:
    done = header("dev", "--move", "1", "--yes")

    assert "dev has no header to rotate" in str(done.exception)
    assert deployed == []


@pytest.mark.parametrize("number", ["0", "4", "x"])
def test_a_move_that_there_is_not_is_a_usage_error(number: str) -> None:
    assert header("prod", "--move", number).exit_code == 2


def test_the_record_holds_no_secret(deployed: Asked, tmp_path: Path) -> None:
    header("prod", "--move", "1", "--yes")

    file = tmp_path / "aws" / "rotations" / "prod" / "progress.json"
    assert json.loads(file.read_text()) == {"done": 1, "running": False}
    assert deployed
