"""`ekp rotate`: secrets of the way in, replaced without a refused request."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import typer
from rich.table import Table

from ekp.gate.before_apply import BeforeApply
from ekp.rotate.header import stacks_of, take
from ekp.rotate.moves import CURRENT, MOVES, NEXT, Value
from ekp.rotate.rotation import Rotation, load
from ekp.runner import progress, stacks, variables
from ekp.runner.deploy import deploy as run_deploy
from ekp.runner.plan import plan as run_plan
from ekp.runner.results import RunResult, Status
from ekp.runner.stacks import Stack
from ekp.runner.target import Target
from ekp.runner.variables import PREFIX

from .console import err, out, print_json
from .options import EnvironmentName, Json, Local, LockTimeout, Recover, Yes
from .policy import CLOSED, gated
from .workspace import workspace

FAILED = 1
UNCHANGED = {Status.UNCHANGED}
DEPLOYED = {Status.UNCHANGED, Status.APPLIED}

rotate = typer.Typer(
    no_args_is_help=True, help="Secrets of the way in, replaced without a refused request."
)


@rotate.command()
def header(
    environment: EnvironmentName,
    *,
    move: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=len(MOVES),
            help="Take this move, the next one or one that was not finished; the first one makes"
            " the new value.",
            show_default=False,
        ),
    ] = None,
    local: Local = False,
    recover: Recover = False,
    yes: Yes = False,
    lock_timeout: LockTimeout = "0s",
    as_json: Json = False,
) -> None:
    """Replace the secret between CloudFront and the load balancers in three moves.

    Each move deploys the stacks that have the secret, and no others. Without --move nothing is
    done: it shows where the rotation stands and what comes next. Values are never printed; they
    are in files that only you can read, until you have put the new one into your secret store.

    Example: ekp rotate header prod

    Example: ekp rotate header prod --move 1
    """
    space = workspace()
    every = space.synthesize()
    chosen = stacks_of(stacks.of_environment(every, environment), environment)
    folder = space.rotation(environment, local=local)
    if move is None:
        _show(environment, load(folder), chosen, local=local, as_json=as_json)
        return
    known = _known(chosen, local=local)
    if not local and not yes:
        typer.confirm(f"Deploy {', '.join(chosen)} with move {move}?", abort=True, err=True)
    with gated(space, every, environment, as_json=as_json) as last_look:
        target = space.target(chosen, local=local)
        runs = _Runs(every, chosen, target, last_look, lock_timeout, recover, as_json)
        rotation = take(
            move,
            folder,
            environment=environment,
            old=known.get(PREFIX + CURRENT, ""),
            differing=lambda: runs.differing(known),
            deploy=runs.deploy,
        )
    _show(environment, rotation, chosen, local=local, as_json=as_json)
    if rotation.running:
        raise typer.Exit(CLOSED if last_look.closed else FAILED)


@dataclass(frozen=True)
class _Runs:
    """Runs of Terraform over the stacks that have the header."""

    every: Mapping[str, Stack]
    chosen: Mapping[str, Stack]
    target: Target
    last_look: BeforeApply
    lock_timeout: str
    recover: bool
    quiet: bool

    def differing(self, values: Mapping[str, str]) -> Sequence[str]:
        """Return the stacks that a deploy with these values would change, or that fail to plan."""
        variables.require(self.chosen.values(), {**os.environ, **values})
        result = run_plan(
            self.every,
            selected=self.chosen,
            target=self._with(values),
            reporter=progress.reporter(err, silent=self.quiet),
            lock_timeout=self.lock_timeout,
        )
        return self._others(result, UNCHANGED)

    def deploy(self, values: Mapping[str, str]) -> bool:
        """Deploy with these values; tell whether every stack has them now."""
        result = run_deploy(
            self.every,
            selected=self.chosen,
            target=self._with(values),
            reporter=progress.reporter(err, silent=self.quiet),
            recover=self.recover,
            lock_timeout=self.lock_timeout,
            before_apply=self.last_look,
        )
        return not self._others(result, DEPLOYED)

    def _with(self, values: Mapping[str, str]) -> Target:
        return replace(self.target, variables={**self.target.variables, **values})

    def _others(self, result: RunResult, good: set[Status]) -> list[str]:
        found = [one.stack for one in result.stacks if one.status not in good]
        if not result.ok:
            err.print(result.summary())
        return found


def _known(chosen: Mapping[str, Stack], *, local: bool) -> Mapping[str, str]:
    """Return the caller's own values; the local AWS has stand-ins."""
    made = variables.stand_ins(chosen.values(), os.environ) if local else {}
    every = {**made, **os.environ}
    return {name: every[name] for name in (PREFIX + CURRENT, PREFIX + NEXT) if name in every}


def _show(
    environment: str,
    rotation: Rotation | None,
    chosen: Mapping[str, Stack],
    *,
    local: bool,
    as_json: bool,
) -> None:
    """Print the moves, and what to do now."""
    if as_json:
        print_json(
            {
                "environment": environment,
                "stacks": [*chosen],
                "moves": {one.number: _state(one.number, rotation) for one in MOVES},
                "folder": str(rotation.folder) if rotation else None,
            }
        )
        return
    sent, taken = PREFIX + CURRENT, PREFIX + NEXT
    table = Table("move", sent, taken, "", title=f"the header of {', '.join(chosen)}")
    for one in MOVES:
        table.add_row(str(one.number), one.current, one.next, _state(one.number, rotation))
    out.print(table)
    command = f"ekp rotate header {environment}{' --local' if local else ''} --move"
    lines = [f"No rotation is begun; `{command} 1` makes a new value and begins."]
    if rotation is not None:
        hosted = not local and any(stack.hcp for stack in chosen.values())
        lines = [*_store(environment, rotation, hosted=hosted), *_next(command, rotation)]
    out.print(*lines, sep="\n", highlight=False, markup=False, soft_wrap=True)


def _state(number: int, rotation: Rotation | None) -> str:
    done = rotation.done if rotation else 0
    if number <= done:
        return "done"
    if number > done + 1:
        return "later"
    return "not finished" if rotation and rotation.running else "next"


def _store(environment: str, rotation: Rotation, *, hosted: bool) -> list[str]:
    wanted = rotation.wanted
    if wanted is None:
        return []
    when = f"Until the next move every other deploy of {environment} takes these values"
    return [
        f"{when}; put them into your secret store:",
        f'  export {PREFIX}{CURRENT}="$(cat {rotation.file(wanted.current)})"',
        f'  export {PREFIX}{NEXT}="$(cat {rotation.file(wanted.next)})"',
        *([f"  ekp hcp apply-workspaces {environment} --update-secrets"] if hosted else ()),
    ]


def _next(command: str, rotation: Rotation) -> list[str]:
    if rotation.next is None:
        new = rotation.file(Value.NEW)
        return [f"The rotation is done; once {new} is in your secret store remove its folder."]
    verb = "finishes it" if rotation.running else "is next"
    return [f"`{command} {rotation.next.number}` {verb}."]
