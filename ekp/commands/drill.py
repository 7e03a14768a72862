"""`ekp drill`: what is broken on purpose, on paper, and whether the platform keeps its promises."""

import difflib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ekp.drill.drills import NAMES
from ekp.drill.place import Place, on_loopback
from ekp.drill.report import Drill, Outcome
from ekp.runner import files
from ekp.runner.errors import RunnerError

from .console import complain, err, out, print_json
from .options import Json, Services
from .workspace import Workspace, workspace

if TYPE_CHECKING:
    from ekp.configured.environment import Configured
    from ekp.drill.together import Report

ALL = "all"
USAGE = 2
FAILED = 1


def drill(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="A drill, or `all`; without one the drills are listed.",
            show_default=False,
        ),
    ] = None,
    environment: Annotated[
        str | None,
        typer.Argument(metavar="ENV", help="The environment, such as dev.", show_default=False),
    ] = None,
    *,
    local: Annotated[
        bool,
        typer.Option(
            "--local",
            help="Run the parts too that need the local AWS, where the environment is deployed.",
        ),
    ] = False,
    services: Services = None,
    figures: Annotated[
        bool, typer.Option("--tables", help="Show the figures too; files have them always.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Write one HTML page.")
    ] = None,
    written: Annotated[
        list[Path] | None,
        typer.Option(
            "--out",
            metavar="FILE",
            dir_okay=False,
            help="Write the report as FILE's name ends: .html, .md or .json. As often as wanted.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Break something in an environment as it is synthesized, and see what would happen.

    Nothing is changed, and nothing but the local AWS is called, with --local. cdktf.out is read
    as it is: run `ekp synth` first. Exit code 1 when a promise is not kept.

    Example: ekp drill region-down prod; all of them: ekp drill all prod --html drills.html
    """
    from ekp.configured.environment import Configured  # noqa: PLC0415 - only this command

    from .drill_shown import listed, show  # noqa: PLC0415 - only this command
    from .drill_written import renderers  # noqa: PLC0415 - as above

    if name is None:
        out.print(listed())
        return
    names = _chosen(name)
    if environment is None:
        raise typer.BadParameter("name the environment, such as prod.", param_hint="ENV")
    writers = renderers(html=html, written=written or ())
    space = workspace()
    configured = Configured.load(space.outdir, environment, services)
    report = _run(names, configured, _place(space, environment, local=local))
    for file, render in writers.items():
        files.write(file.absolute(), render(report))
        err.print(f"written: {file}", highlight=False, markup=False, soft_wrap=True)
    if as_json:
        print_json(report.to_json())
    else:
        show(report, figures=figures, local=local)
    raise typer.Exit(FAILED if report.outcome is Outcome.FAILED else 0)


def _chosen(name: str) -> Sequence[str]:
    """Return the names of the drills that are wanted.

    Raises:
        typer.Exit: there is none of this name, as was said.
    """
    if name == ALL:
        return [*NAMES]
    if name in NAMES:
        return [name]
    known = [*NAMES, ALL]
    close = difflib.get_close_matches(name, known, n=1)
    meant = f" Did you mean {close[0]}?" if close else ""
    complain(f"There is no drill {name!r}.{meant}", f"Drills: {', '.join(known)}.")
    raise typer.Exit(USAGE)


def _run(names: Sequence[str], configured: "Configured", place: Place) -> "Report":
    """Run drills, with a line on standard error for each that ended."""
    from ekp.drill.together import run  # noqa: PLC0415 - only this command
    from ekp.drill.wording import counts, word  # noqa: PLC0415 - as above

    def told(drill: Drill) -> None:
        line = f"{drill.name}: {word(drill.outcome)}, {counts(drill.checks)}"
        err.print(line, highlight=False, markup=False, soft_wrap=True)

    with err.status("") as status:
        return run(
            names,
            configured,
            place,
            begins=lambda name: status.update(f"drilling {name}"),
            ended=told if len(names) > 1 else lambda _: None,
        )


def _place(space: Workspace, environment: str, *, local: bool) -> Place:
    from ekp.drill.prometheus import found  # noqa: PLC0415 - only this command

    return Place(aws=_local_aws(space, environment) if local else None, prometheus=found())


def _local_aws(space: Workspace, environment: str) -> Mapping[str, str]:
    """Return the variables that lead to the local AWS that runs.

    Raises:
        RunnerError: none runs, or what does is not on this machine.
    """
    from ekp.local.environment import child_environment  # noqa: PLC0415 - moto is an extra
    from ekp.local.process import status  # noqa: PLC0415 - as above

    running = status(space.local_aws)
    if running is None:
        raise RunnerError(
            "No local AWS runs, on which a part of a drill could be run.",
            remedy=f"`ekp deploy {environment} --local` starts it and puts {environment} there;"
            " then drill again, or leave --local out.",
        )
    if not on_loopback(running.endpoint):
        raise RunnerError(
            f"The local AWS is at {running.endpoint}, which is not on this machine; drills never"
            " touch a real account.",
            remedy="Stop it with `ekp local stop`, and start it anew with `ekp local start`.",
        )
    return child_environment(running.endpoint, os.environ)
