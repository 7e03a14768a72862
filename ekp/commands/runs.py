"""`ekp deploy` and `outputs`: Terraform over the stacks of an environment."""

import os

import typer
from rich.markup import escape
from rich.table import Table

from ekp.rotate import guard
from ekp.runner import progress, stacks
from ekp.runner.deploy import deploy as run_deploy
from ekp.runner.outputs import outputs as run_outputs
from ekp.runner.results import HIDDEN, RunResult

from .console import err, out
from .options import (
    EnvironmentName,
    Json,
    Local,
    LockTimeout,
    Parallelism,
    Recover,
    Yes,
)
from .policy import CLOSED, gated
from .selection import described, select
from .shown import FAILED, show
from .workspace import workspace


def deploy(
    environment: EnvironmentName,
    *,
    local: Local = False,
    recover: Recover = False,
    yes: Yes = False,
    parallelism: Parallelism = None,
    lock_timeout: LockTimeout = "0s",
    as_json: Json = False,
) -> None:
    """Plan and apply every stack of an environment, in order, in parallel where possible.

    The policy gate is judged before anything starts, and for each plan just before its apply;
    exit code 3 when it is closed.

    Example: ekp deploy dev --local
    """
    from ekp.cluster.hooks import Probe  # noqa: PLC0415 - the Kubernetes client takes half a second

    space, every, chosen = select(environment, local=local)
    if not local:
        folder = space.rotation(environment, local=False)
        guard.check(folder, os.environ, environment=environment)
    with gated(space, every, environment, as_json=as_json) as last_look:
        if not local and not yes:
            typer.confirm(f"Deploy {described(environment, chosen)}?", abort=True, err=True)
        result = run_deploy(
            every,
            selected=chosen,
            target=space.target(chosen, local=local),
            reporter=progress.reporter(err, silent=as_json),
            parallelism=parallelism,
            recover=recover,
            lock_timeout=lock_timeout,
            before_apply=last_look,
            probe=None if local else Probe(),
        )
    show(
        result,
        as_json=as_json,
        note=space.releases() if local else "",
        failed=CLOSED if last_look.closed else FAILED,
    )


def outputs(environment: EnvironmentName, *, local: Local = False, as_json: Json = False) -> None:
    """Show what the stacks of an environment publish, from their states.

    Example: ekp outputs dev --local --json
    """
    space = workspace()
    every = space.stacks()
    chosen = stacks.of_environment(every, environment)
    result = run_outputs(
        every,
        selected=chosen,
        target=space.target(chosen, local=local),
        reporter=progress.Silent(),
    )
    if as_json or not result.ok:
        show(result, as_json=as_json)
    out.print(outputs_table(result))


def outputs_table(result: RunResult) -> Table:
    """Return the outputs of a run's stacks as a table; sensitive values are not in it."""
    table = Table("stack", "output", "value", title="outputs")
    for stack in result.stacks:
        for name, output in sorted(stack.outputs.items()):
            value = output.value
            shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            table.add_row(
                escape(stack.stack), name, HIDDEN if output.sensitive else escape(_short(shown))
            )
        if not stack.outputs:
            table.add_row(escape(stack.stack), "", "nothing: not deployed yet")
    return table


def _short(text: str, limit: int = 100) -> str:
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
