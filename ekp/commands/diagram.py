"""`ekp diagram`: an environment as a picture, from its synthesized stacks."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ekp.runner import files

from .console import err
from .options import EnvironmentName
from .workspace import workspace

if TYPE_CHECKING:
    from ekp.diagram.picture import Picture


class Format(StrEnum):
    """What a picture is written as."""

    SVG = "svg"
    DOT = "dot"
    JSON = "json"


def diagram(
    environment: EnvironmentName,
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Write this file; without it the picture goes to standard output.",
        ),
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            show_default="as FILE's name ends, else svg",
            help="svg needs Graphviz; dot is its language; json holds what is drawn.",
        ),
    ] = None,
) -> None:
    """Draw an environment as it is synthesized in cdktf.out.

    Example: ekp diagram dev --out dev.svg
    """
    from ekp.diagram.environment import draw  # noqa: PLC0415 - only this command draws

    chosen = form or _format(out)
    text = _text(draw(workspace().stacks(), environment), chosen)
    if out is None:
        typer.echo(text, nl=False)
        return
    files.write(out.absolute(), text)
    err.print(f"{environment} is drawn in {out}.", highlight=False, markup=False, soft_wrap=True)


def _format(out: Path | None) -> Format:
    """Return the format that a file's name asks for.

    Raises:
        typer.BadParameter: it ends in no format's name.
    """
    if out is None:
        return Format.SVG
    try:
        return Format(out.suffix.removeprefix(".").lower())
    except ValueError as error:
        known = ", ".join(f".{one}" for one in Format)
        raise typer.BadParameter(
            f"{out} says no format by its ending; end it in one of {known}, or give --format.",
            param_hint="--out",
        ) from error


def _text(picture: "Picture", form: Format) -> str:
    from ekp.diagram import dot  # noqa: PLC0415 - only this command draws

    match form:
        case Format.SVG:
            return dot.svg(picture)
        case Format.DOT:
            return dot.source(picture)
        case Format.JSON:
            return json.dumps(picture.to_json(), indent=2, sort_keys=True) + "\n"
