"""`ekp cost`: what tenants cost, shared out to the cent, for the month's end."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ekp.cost.answer import Answer, read_answer
from ekp.cost.csv_file import csv_text
from ekp.cost.errors import AnswerError, UnreachableError
from ekp.cost.html_page import html_text
from ekp.cost.plain import plain
from ekp.cost.question import (
    allocation_url,
    check_window,
    fetch,
    recommendations_url,
)
from ekp.cost.recommendations import Recommendation, read_recommendations
from ekp.cost.report import report
from ekp.cost.sample import sample_answer, sample_recommendations
from ekp.cost.shares import Rule
from ekp.cost.tables import tables
from ekp.runner import files

from .console import err, out, print_json, warn
from .options import Json
from .settings import environments

if TYPE_CHECKING:
    from ekp.cost.accounts import Place

SAMPLE = "the sample"


def cost(
    *,
    answers: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="An answer of Kubecost's allocation API. Once for each of windows that follow"
            " each other.",
            show_default=False,
        ),
    ] = None,
    recommendations: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="An answer of its request sizing API, to go with --from.",
            show_default=False,
        ),
    ] = None,
    url: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="Ask Kubecost itself, such as http://127.0.0.1:9090/model; recommendations too.",
            show_default=False,
        ),
    ] = "",
    window: Annotated[
        str,
        typer.Option(
            metavar="WINDOW",
            help="What --url asks about: month, lastmonth, 7d, or START,END such as"
            " 2026-11-01T00:00:00Z,2026-12-01T00:00:00Z.",
        ),
    ] = "month",
    sample: Annotated[
        bool,
        typer.Option("--sample", help="Made-up costs of the clusters and tenants of the settings."),
    ] = False,
    share: Annotated[
        Rule, typer.Option(help="How an environment's shared cost is split among its tenants.")
    ] = Rule.PROPORTIONAL,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Write a row a tenant.", show_default=False),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a page to read.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Share out what Kubecost counts: by tenant and environment, against budgets.

    Direct cost is what a tenant's namespaces cost. Namespaces of the platform, idle capacity and
    what is no namespace's are shared cost, split by --share. A budget that is exceeded is a
    warning and no error.

    Example: ekp cost --url http://127.0.0.1:9090/model --window lastmonth --csv costs.csv

    Example: ekp cost --from november.json --html costs.html
    """
    _check_sources(answers, url, sample=sample, recommendations=recommendations)
    with err.status("reading costs and settings"):
        # What is no answer is told before the settings are loaded, which takes seconds.
        told = _read(answers or [], url, window)
        places = _places()
        found = told or [read_answer(sample_answer(places), SAMPLE)]
        advice = _advice(recommendations, url, window, places, sample=sample)
        result = report(found, places, rule=share, recommendations=advice)
    if csv is not None:
        files.write(csv.absolute(), csv_text(result))
    if html is not None:
        files.write(html.absolute(), html_text(result))
    for warning in result.warnings:
        warn(warning)
    if as_json:
        print_json(plain(result))
        return
    for table in tables(result, width=out.width):
        out.print(table)


def _check_sources(
    answers: Sequence[Path] | None, url: str, *, sample: bool, recommendations: Path | None
) -> None:
    if (bool(answers) + bool(url) + sample) != 1:
        raise typer.BadParameter("give one of --from, --url and --sample")
    if recommendations is not None and not answers:
        raise typer.BadParameter("--recommendations goes with --from")


def _places() -> "tuple[Place, ...]":
    # As the settings do, it loads the bindings.
    from ekp.cost.accounts import places  # noqa: PLC0415 - as said above

    return places(environments().values())


def _read(answers: Sequence[Path], url: str, window: str) -> list[Answer]:
    if not url:
        return [read_answer(_content(file), str(file)) for file in answers]
    check_window(window)
    asked = allocation_url(url, window)
    return [read_answer(fetch(asked), asked)]


def _advice(
    file: Path | None, url: str, window: str, places: "Sequence[Place]", *, sample: bool
) -> Sequence[Recommendation]:
    if sample:
        return read_recommendations(sample_recommendations(places), SAMPLE, places)
    if file is not None:
        return read_recommendations(_content(file), str(file), places)
    if not url:
        return ()
    asked = recommendations_url(url, window)
    try:
        return read_recommendations(fetch(asked), asked, places)
    except (AnswerError, UnreachableError) as error:
        # The costs are known by now: no bill waits for advice.
        warn(f"no recommendations: {error.message}")
        return ()


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise AnswerError(
            f"{file} cannot be read: {error.strerror}.",
            remedy="Name a file with an answer of Kubecost's, or ask it with --url.",
        ) from error
