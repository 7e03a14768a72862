"""`ekp drift`: what is in AWS that is not as the states have it."""

import json
import os
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ekp.gate.reports.wording import number
from ekp.runner import progress, stacks
from ekp.runner.drift.arguments import Kind
from ekp.runner.drift.check import drift as run_drift
from ekp.runner.drift.report import Attribute, Drift, Drifted

from .console import err, out, print_json, warn
from .options import EnvironmentName, Json, Local, Parallelism
from .workspace import workspace

FAILED = 1
FOUND = 4
LONGEST = 200
QUIET = "~ Does not count: AWS, the provider or those to whom it is left decide it."
UNSET = "* The configuration does not set it: a deploy leaves it there, take it back by hand."


def drift(
    environment: EnvironmentName,
    *,
    local: Local = False,
    every: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Also show what does not count: what AWS alone decides, and what the "
            "configuration leaves to others.",
        ),
    ] = False,
    parallelism: Parallelism = None,
    as_json: Json = False,
) -> None:
    """Show what was changed in AWS past Terraform; nothing is changed and no state is locked.

    Reads cdktf.out as it is: it is to be that of the last deploy. Exit code 4: something drifted;
    1: a stack could not be compared.

    Example: ekp drift dev --local
    """
    space = workspace()
    synthesized = space.stacks()
    chosen = stacks.of_environment(synthesized, environment)
    found = run_drift(
        synthesized,
        selected=chosen,
        target=space.target(chosen, local=local),
        environ=os.environ,
        reporter=progress.reporter(err, silent=as_json),
        parallelism=parallelism,
    )
    for stack in found.not_applied:
        warn(f"{stack} is not applied: there is nothing to compare.")
    if as_json:
        print_json(found.to_json())
    else:
        show(found, environment, option=" --local" if local else "", every=every)
    if not found.run.ok:
        raise typer.Exit(FAILED)
    raise typer.Exit(FOUND if found.found else 0)


def show(found: Drift, environment: str, *, option: str, every: bool) -> None:
    """Print what drifted by stack, what could not be compared, and what to do.

    Args:
        found: the result.
        environment: its name, for the command that puts things right.
        option: what this command needs to go to the same place.
        every: whether to show what does not count as drift too.
    """
    for stack in found.run.stacks:
        resources = found.resources.get(stack.stack, ()) if every else found.of(stack.stack)
        if resources:
            out.print(_table(stack.stack, resources, every=every))
    if not found.run.ok:
        out.print(found.run.summary())
    drifted = [one for stack in found.run.stacks for one in found.of(stack.stack)]
    unset = any(a.kind is Kind.OPEN for one in drifted for a in one.attributes)
    quiet = sum(len(one.others) for several in found.resources.values() for one in several)
    lines = [*([UNSET] if unset else []), *([QUIET] if quiet and every else [])]
    lines.append(_summary(found, drifted))
    if drifted:
        lines.append(
            f"`ekp deploy {environment}{option}` puts back what is configured and makes anew what "
            "is gone. To keep a change, take it over into the settings."
        )
    if quiet and not every:
        lines.append(f"What does not count differs in {number(quiet, 'attribute')}: see --all.")
    for line in lines:
        out.print(line, highlight=False, markup=False, soft_wrap=True)


def _summary(found: Drift, drifted: list[Drifted]) -> str:
    compared = len(found.resources)
    gone = sum(one.action == "deleted" for one in drifted)
    how = f"{len(drifted) - gone} changed, {gone} deleted"
    what = f"{number(len(drifted), 'resource')} drifted: {how}." if drifted else "No drift."
    stacks = number(len(found.run.stacks), "stack")
    return f"{what} {compared} of {stacks} compared ({found.run.target})."


def _table(stack: str, resources: Sequence[Drifted], *, every: bool) -> Table:
    table = Table("construct", "attribute", "in the state", "in AWS", title=escape(stack))
    for column in table.columns:
        column.overflow = "fold"
    for one in resources:
        name = escape(one.construct_path.removeprefix(f"{stack}/") or one.address)
        if one.action == "deleted":
            table.add_row(name, "", one.type, "[bold red]gone[/]")
        for attribute in (*one.attributes, *(one.others if every else ())):
            table.add_row(
                name,
                escape(attribute.path) + _mark(attribute),
                escape(_text(attribute.before)),
                escape(_text(attribute.after)),
            )
    return table


def _mark(attribute: Attribute) -> str:
    return {Kind.SET: "", Kind.OPEN: " *", Kind.OTHERS: " ~"}[attribute.kind]


def _text(value: object) -> str:
    if value is None:
        return "-"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
