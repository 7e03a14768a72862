"""`ekp plan`, `deploy`, `destroy` and `outputs`: Terraform over the stacks of an environment."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ekp.cluster.contract import has_helm
from ekp.rotate import guard
from ekp.runner import progress, stacks, variables
from ekp.runner.deploy import deploy as run_deploy
from ekp.runner.destroy import destroy as run_destroy
from ekp.runner.outputs import outputs as run_outputs
from ekp.runner.plan import plan as run_plan
from ekp.runner.results import HIDDEN, RunResult, Status
from ekp.runner.stacks import Stack

from .console import err, out, print_json, warn
from .options import (
    EnvironmentName,
    Json,
    Local,
    LockTimeout,
    Parallelism,
    Recover,
    SkipDrain,
    Yes,
)
from .policy import CLOSED, gated
from .workspace import Workspace, workspace

FAILED = 1


def plan(
    environment: EnvironmentName,
    *,
    local: Local = False,
    speculative: Annotated[
        bool,
        typer.Option(
            "--speculative",
            help="Plan stacks whose upstream is not applied with sample values, in a throwaway "
            "local AWS. With --local this is always so.",
        ),
    ] = False,
    summary: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Append the plan to this file as Markdown, for a pull request.",
        ),
    ] = None,
    parallelism: Parallelism = None,
    lock_timeout: LockTimeout = "0s",
    as_json: Json = False,
) -> None:
    """Show what a deploy would change; nothing is changed.

    Example: ekp plan dev --local
    """
    from ekp.runner import summary as markdown  # noqa: PLC0415 - only this command
    from ekp.runner.contracts import local_speculation  # noqa: PLC0415 - as above

    if summary is not None:
        # A file that cannot be written is known before the plan, which takes minutes.
        markdown.append(summary, "")
    space, every, chosen = _chosen(environment, local=local)
    result = run_plan(
        every,
        selected=chosen,
        target=space.target(chosen, local=local),
        reporter=progress.reporter(err, silent=as_json),
        parallelism=parallelism,
        lock_timeout=lock_timeout,
        speculation=local_speculation() if local or speculative else None,
    )
    if summary is not None:
        markdown.append(summary, markdown.markdown(result, environment=environment))
    _show(result, as_json=as_json, changes=True)


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

    space, every, chosen = _chosen(environment, local=local)
    if not local:
        folder = space.rotation(environment, local=False)
        guard.check(folder, os.environ, environment=environment)
    with gated(space, every, environment, as_json=as_json) as last_look:
        if not local and not yes:
            typer.confirm(f"Deploy {_described(environment, chosen)}?", abort=True, err=True)
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
    _show(
        result,
        as_json=as_json,
        note=space.releases() if local else "",
        failed=CLOSED if last_look.closed else FAILED,
    )


def destroy(
    environment: EnvironmentName,
    *,
    local: Local = False,
    recover: Recover = False,
    yes: Yes = False,
    skip_drain: SkipDrain = False,
    parallelism: Parallelism = None,
    lock_timeout: LockTimeout = "0s",
    as_json: Json = False,
) -> None:
    """Destroy every stack of an environment, in reverse order, its clusters emptied before.

    Example: ekp destroy dev --local
    """
    # The Kubernetes client takes half a second to load.
    from ekp.cluster.hooks import SKIP, Drain, Probe  # noqa: PLC0415 - as said above

    space, every, chosen = _chosen(environment, local=local)
    clusters = any(has_helm(stack) for stack in chosen.values())
    drained = clusters and not local and not skip_drain
    if skip_drain and clusters and not local:
        warn(SKIP)
    if not local and not yes:
        data = " and the data on EBS volumes of its clusters" if drained else ""
        typed = typer.prompt(
            f"This destroys {_described(environment, chosen)}{data}. Type the environment's name",
            err=True,
        )
        if typed != environment:
            raise typer.Abort
    result = run_destroy(
        every,
        selected=chosen,
        target=space.target(chosen, local=local),
        reporter=progress.reporter(err, silent=as_json),
        parallelism=parallelism,
        recover=recover,
        lock_timeout=lock_timeout,
        probe=Probe(destroying=True) if drained else None,
        drain=Drain() if drained else None,
    )
    undrained = "The local AWS has no Kubernetes: there was nothing to drain."
    _show(result, as_json=as_json, note=undrained if local and clusters else "")


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
        _show(result, as_json=as_json)
    out.print(outputs_table(result))


def _chosen(
    environment: str, *, local: bool
) -> tuple[Workspace, Mapping[str, Stack], Mapping[str, Stack]]:
    """Synthesize, and return the workspace, all stacks, and those of the environment."""
    space = workspace()
    every = space.synthesize()
    chosen = stacks.of_environment(every, environment)
    if not local:
        variables.require(chosen.values(), os.environ)
    return space, every, chosen


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


def _show(
    result: RunResult,
    *,
    as_json: bool,
    changes: bool = False,
    note: str = "",
    failed: int = FAILED,
) -> None:
    """Print a run's result and leave with its exit code, ``failed`` if it is not as asked."""
    if as_json:
        print_json(result.to_json())
    else:
        if changes:
            for table in _changes(result):
                out.print(table)
        out.print(result.summary())
        if note:
            out.print(note, highlight=False, soft_wrap=True)
    # Only what changes things is not done while a stack waits for its upstream.
    stuck = result.command == "deploy" and any(s.status is Status.WAITING for s in result.stacks)
    raise typer.Exit(0 if result.ok and not stuck else failed)


def _changes(result: RunResult) -> Iterator[Table]:
    for stack in result.stacks:
        if not stack.changes:
            continue
        table = Table("action", "construct", "resource", title=escape(stack.stack))
        for column in table.columns:
            column.overflow = "fold"
        for change in stack.changes:
            table.add_row(
                " then ".join(change.actions),
                escape(change.construct_path.removeprefix(f"{stack.stack}/")),
                escape(change.address.partition(".")[0]),
            )
        yield table


def _described(environment: str, chosen: Mapping[str, Stack]) -> str:
    accounts = sorted({role.split(":")[4] for s in chosen.values() for role in s.deploy_roles})
    regions = sorted({stack.region for stack in chosen.values()})
    return (
        f"{environment} ({len(chosen)} stacks; accounts: {', '.join(accounts)}; "
        f"regions: {', '.join(regions)})"
    )


def _short(text: str, limit: int = 100) -> str:
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
