"""`ekp hcp`: what HCP Terraform or Terraform Enterprise needs to run the stacks."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from ekp.hcp import report
from ekp.hcp.errors import HcpError, NotHcpError
from ekp.hcp.steps import Plan, Step
from ekp.hcp.wanted import in_hcp, wanted
from ekp.runner import stacks
from ekp.runner.errors import InterruptedRunError
from ekp.runner.variables import PREFIX, MissingVariableError

from .console import complain, err, out, print_json, warn
from .options import Json
from .workspace import workspace

if TYPE_CHECKING:
    from ekp.hcp.connect import Connection

USAGE = 2
EXTRA = "enterprise-eks-platform[hcp]"

hcp = typer.Typer(
    no_args_is_help=True,
    help="Workspaces of HCP Terraform or Terraform Enterprise, for environments whose state is"
    " there.",
)

Environment = Annotated[
    str | None,
    typer.Argument(
        metavar="[ENV]",
        help="The environment, such as prod; all whose state is in HCP if none is named.",
        show_default=False,
    ),
]
UpdateSecrets = Annotated[
    bool,
    typer.Option(
        "--update-secrets",
        help="Write the values of TF_VAR_* also where HCP has one: it never tells which.",
    ),
]


@dataclass(frozen=True)
class _Ready:
    """A plan, and the way to take its steps."""

    connection: "Connection"
    plan: Plan


@hcp.command()
def plan(
    environment: Environment = None,
    *,
    update_secrets: UpdateSecrets = False,
    as_json: Json = False,
) -> None:
    """Show what HCP must get for the stacks of cdktf.out; nothing is changed.

    It reads cdktf.out as it is (run `ekp synth` before) and what HCP has. The token is TFE_TOKEN,
    or what `terraform login` wrote.

    Example: ekp hcp plan prod
    """
    with _planned(environment, update_secrets=update_secrets) as ready:
        _show([each.plan for each in ready], as_json=as_json)


@hcp.command()
def apply_workspaces(
    environment: Environment = None,
    *,
    update_secrets: UpdateSecrets = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask before something is changed in HCP.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make or change the workspaces, and what belongs to them, as `ekp hcp plan` shows it.

    Sensitive variables get their values from TF_VAR_* of your environment, as with `ekp deploy`.
    It may be interrupted and run again: it goes on with what is left. No workspace is deleted.

    Example: TF_VAR_origin_header_current=... ekp hcp apply-workspaces prod
    """
    with _planned(environment, update_secrets=update_secrets) as ready:
        plans = [each.plan for each in ready]
        _show(plans, as_json=as_json)
        _require(plans)
        total = sum(len(each.steps) for each in plans)
        if not total:
            return
        if not yes:
            typer.confirm(f"Take these {total} steps in HCP Terraform?", abort=True, err=True)
        _apply(ready, total)


def _apply(ready: Sequence[_Ready], total: int) -> None:
    from ekp.hcp.apply import apply  # noqa: PLC0415 - pytfe is an extra

    done: list[Step] = []
    try:
        for each in ready:
            with each.connection.explaining() as client:
                apply(client, each.plan, os.environ, done=_telling(done, total))
    except KeyboardInterrupt as error:
        raise InterruptedRunError(
            f"Interrupted: {len(done)} of {total} steps are taken.",
            remedy="Run the command again: it goes on with what is left.",
        ) from error
    except BaseException:
        err.print(f"{len(done)} of {total} steps are taken.", highlight=False)
        raise
    err.print(f"Done: {total} steps.", highlight=False)


def _telling(done: list[Step], total: int) -> Callable[[Step], None]:
    def tell(step: Step) -> None:
        done.append(step)
        err.print(
            f"{len(done)}/{total} {step.kind.value} {step.name}", highlight=False, markup=False
        )

    return tell


@contextmanager
def _planned(environment: str | None, *, update_secrets: bool) -> Iterator[list[_Ready]]:
    every = workspace().stacks()
    try:
        if environment is not None:
            stacks.of_environment(every, environment)
        asked = wanted(every, [environment] if environment else in_hcp(every))
    except NotHcpError as error:
        complain(error.message, error.remedy)
        raise typer.Exit(USAGE) from error
    try:
        from ekp.hcp.compare import plan as compare  # noqa: PLC0415 - pytfe is an extra
        from ekp.hcp.connect import connected  # noqa: PLC0415 - as above
        from ekp.hcp.found import find  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        if error.name != "pytfe":
            raise
        raise HcpError(
            "The client of HCP Terraform, pytfe, is not installed.",
            remedy=f"Install the extra: pip install '{EXTRA}'",
        ) from error
    with ExitStack() as open_:
        ready = []
        for one in asked:
            connection = open_.enter_context(connected(one.hostname, one.organization))
            with err.status(f"asking {one.hostname}"), connection.explaining() as client:
                there = find(client, one)
            steps = compare(one, there, os.environ, update_secrets=update_secrets)
            ready.append(_Ready(connection, steps))
        yield ready


def _show(plans: Sequence[Plan], *, as_json: bool) -> None:
    if as_json:
        print_json(report.document(plans))
    for one in plans:
        if not as_json:
            if one.steps:
                out.print(report.table(one))
            out.print(report.summary(one), highlight=False, markup=False, soft_wrap=True)
        for remark in report.remarks(one):
            warn(remark)


def _require(plans: Sequence[Plan]) -> None:
    missing = {name: of for one in plans for name, of in one.missing.items()}
    if missing:
        raise MissingVariableError(
            f"Nothing was changed: {', '.join(f'{PREFIX}{name}' for name in missing)} not set.",
            remedy="Set them from your secret store. A first value is made with"
            f' `export {PREFIX}{next(iter(missing))}="$(openssl rand -hex 32)"`.',
        )
    environments = sorted({name for one in plans for name in one.gets_values})
    if len(environments) > 1:
        raise HcpError(
            f"Nothing was changed: {' and '.join(environments)} would get the same secrets from"
            " TF_VAR_*.",
            remedy="Name one environment, with its own values, and then the next.",
        )
