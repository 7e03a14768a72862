"""`ekp synth`, `doctor` and `local`: what happens on this machine alone."""

import os
import shlex
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ekp.doctor import State, diagnose
from ekp.runner import mirror, stacks, terraform

from .console import out, print_json
from .options import Json
from .workspace import workspace

STYLES = {State.GOOD: "green", State.NOTE: "yellow", State.MISSING: "bold red"}


def synth(
    environment: Annotated[
        str | None,
        typer.Argument(metavar="[ENV]", help="Show the stacks of this environment alone."),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Write the Terraform JSON of every environment to cdktf.out.

    Every environment is written, since one that is broken may be what another one reads.

    Example: ekp synth dev
    """
    space = workspace()
    every = space.synthesize()
    chosen = every if environment is None else stacks.of_environment(every, environment)
    counts = {
        id_: sum(len(named) for named in stack.configuration.get("resource", {}).values())
        for id_, stack in chosen.items()
    }
    if as_json:
        print_json(
            {
                "stacks": [
                    {"stack": id_, "folder": str(chosen[id_].folder), "resources": count}
                    for id_, count in counts.items()
                ]
            }
        )
        return
    table = Table("stack", "resources", "reads", title=f"synthesized to {space.outdir.name}")
    for id_, count in counts.items():
        table.add_row(escape(id_), str(count), escape(", ".join(chosen[id_].depends_on)))
    out.print(table)


def doctor(*, as_json: Json = False) -> None:
    """Show what the commands need of this machine, and what to do about what is missing.

    Example: ekp doctor
    """
    diagnosis = diagnose(os.environ, workspace().kept)
    if as_json:
        print_json(diagnosis.to_json())
    else:
        table = Table("", "what", "found", "what to do", title="ekp doctor")
        for column in table.columns:
            column.overflow = "fold"
        for finding in diagnosis.findings:
            style = STYLES[finding.state]
            table.add_row(
                f"[{style}]{finding.state}[/]",
                finding.name,
                escape(finding.found),
                escape(finding.remedy),
            )
        out.print(table)
    raise typer.Exit(0 if diagnosis.healthy else 1)


local = typer.Typer(no_args_is_help=True, help="The local AWS: start, stop, status, env.")


@local.command()
def start(
    *,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="A port of 127.0.0.1; default: a free one.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Start the local AWS in the background, or show the one that runs.

    Example: ekp local start
    """
    running = workspace().start_local_aws(port=port)
    _say(as_json=as_json, running=True, endpoint=running.endpoint, pid=running.pid)


@local.command()
def stop(*, as_json: Json = False) -> None:
    """Stop the local AWS; what was applied to it is gone with it, and so is its state.

    Example: ekp local stop
    """
    from ekp.local.process import stop as stop_local_aws  # noqa: PLC0415 - moto is an extra

    stopped = stop_local_aws(workspace().local_aws)
    if as_json:
        print_json({"running": False, "stopped": stopped})
    else:
        out.print("The local AWS is stopped." if stopped else "No local AWS was running.")


@local.command()
def status(*, as_json: Json = False) -> None:
    """Show whether the local AWS runs, and where; exit code 1 when it does not.

    Example: ekp local status
    """
    from ekp.local.process import status as local_aws_status  # noqa: PLC0415 - moto is an extra

    running = local_aws_status(workspace().local_aws)
    if running:
        _say(as_json=as_json, running=True, endpoint=running.endpoint, pid=running.pid)
        return
    if as_json:
        print_json({"running": False})
    else:
        out.print("No local AWS is running. Start it with `ekp local start`.")
    raise typer.Exit(1)


@local.command()
def env() -> None:
    """Print the variables that turn Terraform, the AWS CLI or cdktf to the local AWS.

    What every environment needs (accounts, deploy roles, state buckets) is made first.

    Example: eval "$(ekp local env)" && cdktf deploy 'dev-*'
    """
    space = workspace()
    every = space.synthesize()
    target = space.target(every, local=True)
    variables = {
        **target.variables,
        **mirror.configuration(
            os.environ,
            wanted=[stack.provider_versions for stack in every.values()],
            extra_mirrors=target.mirrors,
            hosts=target.hosts,
        ),
        **terraform.QUIET,
        # `terraform providers lock` asks the registry, whatever mirrors there are.
        "CDKTF_SKIP_PROVIDER_LOCK": "true",
        # Terraform's lock files hold hashes, and the local helm provider is not the real one.
        "CDKTF_OUTPUT": str(space.local_cdktf),
    }
    for name, value in sorted(variables.items()):
        typer.echo(f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}")


def _say(*, as_json: bool, **facts: object) -> None:
    if as_json:
        print_json(facts)
        return
    out.print(
        f"The local AWS answers at {facts['endpoint']} (process {facts['pid']}).",
        highlight=False,
        soft_wrap=True,
    )
