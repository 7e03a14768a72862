"""`ekp traffic`: who serves what, and what a move of users between regions would take."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ekp.runner import stacks

from .console import complain, err, out, print_json, warn
from .options import EnvironmentName, Json
from .settings import environments
from .traffic_shown import edits, lines, moved, tables
from .workspace import workspace

SHOW = "show"
USAGE = 2


class _Traffic(TyperGroup):
    """A group whose first word may be an environment: `ekp traffic prod` is `show prod`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that arguments mean, with what is left of them."""
        named = args and (args[0] in self.commands or args[0].startswith("-"))
        return super().resolve_command(ctx, args if named else [SHOW, *args])


traffic = typer.Typer(
    cls=_Traffic,
    no_args_is_help=True,
    help="Who serves what, and what moving users between regions takes. "
    "Examples: ekp traffic prod; ekp traffic shift prod --region us-east-1 --weight 20",
)


@traffic.command(name=SHOW)
def show(environment: EnvironmentName, *, as_json: Json = False) -> None:
    """Show an environment's hosts, the regions behind them, and what decides between these.

    Read from the synthesized stacks: what is configured, not what is measured.

    Example: ekp traffic prod, short for ekp traffic show prod
    """
    from ekp.traffic.report import traffic as read  # noqa: PLC0415 - only this command

    found = read(stacks.of_environment(workspace().stacks(), environment).values(), environment)
    if as_json:
        print_json(found.to_json())
        return
    for table in tables(found):
        out.print(table)
    for line in lines(found):
        out.print(line, highlight=False, markup=False, soft_wrap=True)


@traffic.command()
def shift(
    environment: EnvironmentName,
    *,
    region: Annotated[
        str, typer.Option(metavar="REGION", help="The region that it is about.", show_default=False)
    ],
    weight: Annotated[
        int,
        typer.Option(
            min=0,
            max=255,
            help="Its part among the others' weights, 0 to 255; 0 empties it.",
            show_default=False,
        ),
    ],
    as_json: Json = False,
) -> None:
    """Show the settings that give a region a weight, and what they would change; edits nothing.

    Example: ekp traffic shift prod --region us-east-1 --weight 20
    """
    from ekp.traffic.shift import RefusedShiftError  # noqa: PLC0415 - only this command
    from ekp.traffic.shift import shift as plan  # noqa: PLC0415 - as above

    every = environments()
    if environment not in every:
        raise stacks.unknown(environment, every)
    try:
        with err.status(f"trying the settings of {environment}"):
            found = plan(every, environment, region, weight)
    except RefusedShiftError as error:
        for problem in error.problems:
            complain(problem)
        raise typer.Exit(USAGE) from None
    if as_json:
        print_json(found.to_json())
        return
    if not found.edits:
        out.print(f"{region} has weight {weight} already; nothing changes.", highlight=False)
        return
    for line in edits(found):
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    out.print(moved(found))
    for warning in found.warnings:
        warn(warning)
    out.print("Nothing was changed. To do it, in this order:", highlight=False)
    for number, step in enumerate(found.steps, start=1):
        out.print(f"  {number}. {step}", highlight=False, markup=False, soft_wrap=True)
