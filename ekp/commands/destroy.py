"""`ekp destroy`: what goes is shown before, and what is left is looked for after."""

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console, RenderableType

from ekp.cluster.contract import has_helm
from ekp.runner import progress, teardown
from ekp.runner.destroy import destroy as run_destroy
from ekp.runner.stacks import Stack
from ekp.runner.target import Target

from .console import complain, err, out, print_json, warn
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
from .selection import described, select
from .teardown_shown import leftovers_shown, shown

if TYPE_CHECKING:
    from ekp.runner.leftovers.search import Found

FAILED = 1
USAGE = 2
UNDRAINED = "The local AWS has no Kubernetes: there was nothing to drain."

UNSEARCHED = "IAM was not looked through: the other regions have roles of the same layers there."

OneRegion = Annotated[
    str | None,
    typer.Option(
        "--region",
        metavar="REGION",
        help="Destroy one region's stacks alone, before the settings give the region up.",
        show_default=False,
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Show the order, what is lost and what refuses, and stop; with --json as JSON.",
    ),
]


def destroy(
    environment: EnvironmentName,
    *,
    local: Local = False,
    region: OneRegion = None,
    dry_run: DryRun = False,
    recover: Recover = False,
    yes: Yes = False,
    skip_drain: SkipDrain = False,
    parallelism: Parallelism = None,
    lock_timeout: LockTimeout = "0s",
    as_json: Json = False,
) -> None:
    """Destroy every stack of an environment, in reverse order, its clusters emptied before.

    It shows what goes, asks, and looks in the end for what is left by tags (exit code 1 if there is
    anything). Of a protected environment its name has to be typed: --yes is refused.

    Example: ekp destroy dev --local

    Example: ekp destroy prod --dry-run

    Example: ekp destroy prod --region us-east-1
    """
    # The Kubernetes client takes half a second to load.
    from ekp.cluster.hooks import SKIP, Drain, Probe  # noqa: PLC0415 - as said above

    space, every, chosen = select(environment, local=local)
    if region is not None:
        chosen = _in_region(region, every, chosen)
    protected = any(stack.protected for stack in chosen.values()) and not local
    if protected and not dry_run:
        _refuse(environment, yes=yes)
    clusters = any(has_helm(stack) for stack in chosen.values())
    drained = clusters and not local and not skip_drain
    target = space.target(chosen, local=local)
    with err.status("reading states"):
        looked = teardown.look(every, selected=chosen, target=target)
    if dry_run and as_json:
        about = {"environment": environment, "region": region, "protected": protected}
        print_json({**about, **looked.to_json()})
    else:
        parts = shown(looked, described(environment, chosen), drained=drained)
        _print(parts, out if dry_run else err)
    if dry_run:
        raise typer.Exit(FAILED if any(one.problem for one in looked.holdings) else 0)
    if clusters and skip_drain and not local:
        warn(SKIP)
    teardown.refuse(looked)
    if not local and not yes:
        _ask(environment, protected=protected, region=region)
    result = run_destroy(
        every,
        selected=chosen,
        target=target,
        reporter=progress.reporter(err, silent=as_json),
        parallelism=parallelism,
        recover=recover,
        lock_timeout=lock_timeout,
        probe=Probe(destroying=True) if drained else None,
        drain=Drain() if drained else None,
        looked=looked,
    )
    found = _search(chosen, target, iam=region is None) if result.ok else None
    if as_json:
        print_json({**result.to_json(), "leftovers": found.to_json() if found else None})
    else:
        note = [UNDRAINED] if local and clusters else []
        note += [UNSEARCHED] if region is not None and found else []
        left = leftovers_shown(found) if found else ()
        _print([result.summary(), *note, *left], out)
    raise typer.Exit(0 if found is not None and found.ok else FAILED)


def _in_region(
    region: str, every: Mapping[str, Stack], chosen: Mapping[str, Stack]
) -> Mapping[str, Stack]:
    """Return the stacks of one region, or leave where others need them."""
    found = {id_: stack for id_, stack in chosen.items() if stack.region == region}
    if not found:
        known = ", ".join(sorted({stack.region for stack in chosen.values()}))
        _usage(f"There is no region {region!r} here.", f"Its regions: {known}.")
    need = [
        id_
        for id_, one in every.items()
        if id_ not in found and not found.keys().isdisjoint(one.depends_on)
    ]
    if need:
        _usage(
            f"The stacks of {region} are needed by {', '.join(sorted(need))}.",
            "Destroy a region that nothing else depends on, or the whole environment.",
        )
    return found


def _search(chosen: Mapping[str, Stack], target: Target, *, iam: bool) -> "Found":
    from ekp.runner.leftovers.search import search  # noqa: PLC0415 - boto3 takes half a second to load

    with err.status("looking for what is left"):
        return search([*chosen.values()], variables=target.variables, iam=iam)


def _refuse(environment: str, *, yes: bool) -> None:
    """Leave where a protected environment is to be destroyed without a person who types."""
    remedy = (
        f"Type the name when `ekp destroy {environment}` asks for it, in a terminal."
        f" `ekp destroy {environment} --dry-run` asks nothing and changes nothing. Only where"
        " everything may be made anew at any moment: set protected = False in the environment's"
        " settings."
    )
    if yes:
        _usage(f"{environment} is protected: --yes is not taken for it.", remedy)
    if not sys.stdin.isatty():
        _usage(f"{environment} is protected, and there is no terminal to type its name.", remedy)


def _usage(message: str, remedy: str) -> NoReturn:
    complain(message, remedy)
    raise typer.Exit(USAGE)


def _ask(environment: str, *, protected: bool, region: str | None) -> None:
    what = f"{region} of {environment}" if region else environment
    if not protected:
        typer.confirm(f"Destroy {what}?", abort=True, err=True)
        return
    typed = typer.prompt(
        f"{environment} is protected. Type its name to destroy {region or 'it'}", err=True, type=str
    )
    if typed != environment:
        complain(f"{typed!r} is not {environment!r}: nothing was destroyed.")
        raise typer.Abort


def _print(parts: Iterable[RenderableType], console: Console) -> None:
    for part in parts:
        console.print(part, highlight=False, soft_wrap=isinstance(part, str))
