"""`ekp charts`: the pinned charts, where they are used, and whether their values fit."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ekp.charts import check as checks
from ekp.charts import pins, releases

from .console import complain, err, out, print_json
from .options import Json
from .workspace import Workspace, workspace

NOT_HERE = 2

charts = typer.Typer()


@charts.callback(invoke_without_command=True)
def table(context: typer.Context, *, as_json: Json = False) -> None:
    """Show every pinned chart, its version, its size and where the synthesized stacks use it.

    The size is what Helm stores of a release, and how much that is of what one Secret holds.

    Example: ekp charts
    """
    if context.invoked_subcommand:
        return
    found = pins.table(releases.of(workspace().stacks().values()))
    if as_json:
        print_json({"charts": [pin.to_json() for pin in found]})
        return
    shown = Table(
        "chart", "version", "app", "stored", "repository", "installed as", title="pinned charts"
    )
    for column in shown.columns:
        column.overflow = "fold"
    for pin in found:
        shown.add_row(
            escape(pin.chart.name),
            escape(pin.chart.version),
            escape(pin.chart.app_version),
            _size(pin),
            escape(pin.chart.repository),
            escape(_used(pin)) or "[dim]nowhere[/]",
        )
    out.print(shown)


@charts.command()
def check(
    *,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--charts",
            help="Folder with a chart in each folder, named as in helm-values, as "
            "`helm pull --untar` leaves them.",
            show_default="../shared/charts",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare the values of every release with the keys and schemas of its chart.

    A misspelt key passes silently at install: the chart takes its default. Exit code 1 when
    something does not fit, 2 when the charts are not here.

    Example: ekp charts check --charts ../shared/charts
    """
    space = workspace()
    place = folder or _beside(space)
    if not place.is_dir():
        complain(
            f"There are no charts in {place}.",
            "Name a folder with --charts, and fill it: helm pull --untar CHART --repo REPOSITORY "
            "--version VERSION, for each line of `ekp charts`.",
        )
        raise typer.Exit(NOT_HERE)
    every = releases.of(space.stacks().values())
    found = checks.check(every, place)
    if as_json:
        print_json({"releases": len(every), "complaints": [c.to_json() for c in found]})
    else:
        for complaint in found:
            err.print(
                f"{complaint.stack}: {complaint.release}: {complaint.message}",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )
        count = "nothing" if not found else f"{len(found)} complaint{'s' * (len(found) > 1)}"
        out.print(f"{len(every)} releases checked, {count} found.", highlight=False)
    raise typer.Exit(1 if found else 0)


def _beside(space: Workspace) -> Path:
    return space.root.parent / "shared" / "charts"


def _size(pin: pins.Pin) -> str:
    """Return what Helm stores, and its part of a Secret: ``667 kB (64 %)``."""
    if pin.chart.stored_bytes is None:
        return "[dim]not measured[/]"
    return f"{pin.chart.stored_bytes // 1000} kB ({pin.stored_percent} %)"


def _used(pin: pins.Pin) -> str:
    """Return where each release is: ``vault/vault: dev, prod (2)``."""
    lines = []
    for name in dict.fromkeys(f"{r.namespace}/{r.name}" for r in pin.releases):
        places = Counter(r.environment for r in pin.releases if f"{r.namespace}/{r.name}" == name)
        shown = (f"{place} ({n})" if n > 1 else place for place, n in places.items())
        lines.append(f"{name}: {', '.join(shown)}")
    return "\n".join(lines)
