"""`ekp bootstrap`: what an account needs before the first deploy, made by an administrator."""

import os
from dataclasses import replace

import typer
from rich.table import Table

from ekp.bootstrap import place, synthesis
from ekp.bootstrap.run import BootstrapTarget
from ekp.bootstrap.run import bootstrap as run_bootstrap
from ekp.runner import hcp, progress, stacks
from ekp.runner.results import RunResult, StackResult
from ekp.runner.stacks import Stack
from ekp.runner.target import difference

from .console import err, out, print_json
from .options import EnvironmentName, Json, Local, LockTimeout, Recover, Yes
from .policy import CLOSED, gated
from .settings import environments
from .shown import changes_table
from .workspace import LOCAL, Workspace, workspace

FAILED = 1
FOLDER = "bootstrap"


def bootstrap(
    environment: EnvironmentName,
    *,
    local: Local = False,
    recover: Recover = False,
    yes: Yes = False,
    lock_timeout: LockTimeout = "0s",
    as_json: Json = False,
) -> None:
    """Make what an environment's account needs before its first deploy.

    The deploy role, the roles of pipelines and, in the one account that owns it, the state bucket;
    the stack's own state then goes into that bucket. It acts with your own credentials, those of an
    administrator of the account. What has the names of the settings already is taken over.

    Example: ekp bootstrap management --local
    """
    space = workspace()
    folder = space.kept / FOLDER
    if environment not in (known := environments()):
        raise stacks.unknown(environment, known)
    with err.status("synthesizing what accounts need"):
        every = synthesis.synthesize(folder / "out")
    stack = synthesis.of_environment(every, environment)
    with gated(space, every, environment, as_json=as_json) as last_look:
        result = run_bootstrap(
            stack,
            first=folder / "first" / stack.id,
            target=_target(space, stack, local=local),
            reporter=progress.reporter(err, silent=as_json),
            consent=lambda plan: _ask(stack, plan, asked=not local and not yes, as_json=as_json),
            before_apply=last_look,
            recover=recover,
            lock_timeout=lock_timeout,
        )
    if as_json:
        print_json(result.to_json())
    else:
        out.print(result.summary())
        if result.ok:
            _tell(stack, result.of(stack.id))
    raise typer.Exit(0 if result.ok else CLOSED if last_look.closed else FAILED)


def _target(space: Workspace, stack: Stack, *, local: bool) -> BootstrapTarget:
    """Return where the run goes: the caller's own account, or the local AWS as it is."""
    # Where HCP Terraform keeps the state, its machines have no role in the account yet.
    ours = {"TF_FORCE_LOCAL_BACKEND": "1"} if stack.backend[0] == "cloud" else {}
    if not local:
        return BootstrapTarget("aws", ours, space.kept)
    # moto is an extra: without it every other command works.
    from ekp.local.administrator import administrator  # noqa: PLC0415 - as said above
    from ekp.local.environment import child_environment  # noqa: PLC0415 - as said above
    from ekp.local.hcp import hosted  # noqa: PLC0415 - as said above

    with err.status("starting the local AWS"):
        endpoint = space.start_local_aws().endpoint
    turned = child_environment(endpoint, os.environ) | administrator(endpoint, stack.account)
    variables = difference(os.environ, turned | ours)
    target = BootstrapTarget(LOCAL, variables, space.kept, option="--local")
    if names := hcp.hostnames([stack]):
        return hosted.api(endpoint, space.local_aws).answering(target, names)
    return target


def _ask(stack: Stack, plan: RunResult, *, asked: bool, as_json: bool) -> None:
    if not as_json:
        out.print(_changes(plan.of(stack.id)))
    if asked:
        typer.confirm(
            f"Bootstrap {stack.environment} (account {stack.account})?", abort=True, err=True
        )


def _changes(result: StackResult) -> Table:
    changes = tuple(
        replace(one, actions=tuple(word for word in one.actions if word != "no-op") or ("import",))
        for one in result.changes
    )
    title = f"{result.stack} {result.counts}"
    return changes_table(replace(result, changes=changes), title=title)


def _tell(stack: Stack, result: StackResult) -> None:
    """Print what people and pipelines enter elsewhere."""
    for name, output in sorted(result.outputs.items()):
        if output.value:
            out.print(f"{name}: {output.value}", highlight=False, markup=False, soft_wrap=True)
    where = place.described(stack)
    out.print(f"state: {where}", highlight=False, markup=False, soft_wrap=True)
