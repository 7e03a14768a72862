"""`ekp trace`: one request, followed from its client to the pods that answer it."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ekp.runner import files
from ekp.trace.question import Entry

from .console import complain, err, out, print_json
from .options import EnvironmentName, Json, Services
from .workspace import workspace

if TYPE_CHECKING:
    from ekp.trace.traced import Trace
    from ekp.trace.words import Words

FAILED, USAGE = 1, 2


class Expected(StrEnum):
    """How a request should come out."""

    ALLOWED = "allowed"
    REFUSED = "refused"


def trace(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="What is asked for.", show_default=False)
    ],
    environment: EnvironmentName,
    *,
    place: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="COUNTRY|REGION",
            help="Who asks: from a country, such as DE, or near an AWS region.",
        ),
    ] = None,
    address: Annotated[str | None, typer.Option(metavar="IP", help="The client's address.")] = None,
    method: Annotated[str, typer.Option(metavar="M", help="The method of HTTP.")] = "GET",
    header: Annotated[
        list[str] | None,
        typer.Option(metavar="'NAME: VALUE'", help="A header; may be given several times."),
    ] = None,
    jwt: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A file with the caller's JWT. Its signature is taken as good."
        ),
    ] = None,
    claims: Annotated[
        str | None,
        typer.Option(
            metavar="JSON",
            help="Claims of a token, in place of one; issuer and audience are the environment's.",
        ),
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option(metavar="N/s", help="How often the client asks: 50/s, 3000/m, 9000/h."),
    ] = None,
    body_size: Annotated[int, typer.Option(metavar="BYTES", help="Length of the body.")] = 0,
    entry: Annotated[
        Entry,
        typer.Option(
            help="By the host's name, straight to a load balancer, or through somebody else's"
            " CloudFront distribution."
        ),
    ] = Entry.NAME,
    region: Annotated[
        str | None,
        typer.Option(
            metavar="REGION",
            help="Whose load balancer is met, where it is not by name.",
            show_default="the first",
        ),
    ] = None,
    out_of_service: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REGION",
            help="A region whose health alarm fires; may be given several times.",
        ),
    ] = None,
    services: Services = None,
    svg: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="Draw the way, too. Needs Graphviz."),
    ] = None,
    expect: Annotated[
        Expected | None,
        typer.Option(help="How it should come out; exit code 1 when it does not."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Follow one request through everything that is synthesized, and say who decides what.

    Nothing is sent. Read from the synthesized stacks and the services' objects.

    Example: ekp trace https://shop.prod.ekp.example/cart prod
    """
    from ekp.trace.follow import NotFollowedError  # noqa: PLC0415 - only this command
    from ekp.trace.words import BadQuestionError, Words  # noqa: PLC0415 - as above

    words = Words(
        url=url,
        place=place,
        address=address,
        method=method,
        headers=header or (),
        jwt=jwt,
        claims=claims,
        rate=rate,
        body_size=body_size,
        entry=entry,
        region=region,
        out_of_service=out_of_service or (),
    )
    try:
        found = _followed(words, environment, services)
    except BadQuestionError as error:
        for problem in error.problems:
            complain(problem)
        raise typer.Exit(USAGE) from None
    except NotFollowedError as error:
        _show(error.trace, as_json=as_json)
        raise
    if svg is not None:
        _draw(found, svg)
    _show(found, as_json=as_json)
    if expect is not None and found.allowed != (expect is Expected.ALLOWED):
        complain(f"The request was expected to be {expect}: it {found.verdict}.")
        raise typer.Exit(FAILED)


def _followed(words: "Words", environment: str, services: Path | None) -> "Trace":
    from datetime import UTC, datetime  # noqa: PLC0415 - only this command

    from ekp.configured.environment import Configured  # noqa: PLC0415 - as above
    from ekp.trace.follow import MalformedObjectError, follow  # noqa: PLC0415 - as above
    from ekp.trace.parse import parse  # noqa: PLC0415 - as above
    from ekp.trace.tokens import issuers_of  # noqa: PLC0415 - as above

    configured = Configured.load(workspace().outdir, environment, services)
    asked = parse(
        words,
        regions=configured.regions,
        # They are the environment's, the same in every region.
        issuers=lambda: issuers_of(
            one
            for stack in configured.stacks
            if stack.region in configured.regions[:1]
            for one in configured.reader.objects(stack)
        ),
        now=datetime.now(UTC),
    )
    try:
        return follow(configured, asked.question, asked.notes)
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        if services is None:
            raise
        raise MalformedObjectError(services, error) from error


def _show(found: "Trace", *, as_json: bool) -> None:
    from ekp.trace.shown import lines, table  # noqa: PLC0415 - only this command

    if as_json:
        print_json(found.to_json())
        return
    out.print(table(found))
    for line, style in lines(found):
        out.print(line, style=style, highlight=False, markup=False, soft_wrap=True)


def _draw(found: "Trace", file: Path) -> None:
    from ekp.diagram import dot  # noqa: PLC0415 - only where it is asked for
    from ekp.trace.picture import draw  # noqa: PLC0415 - as above

    files.write(file.absolute(), dot.svg(draw(found)))
    err.print(f"The way is drawn in {file}.", highlight=False, markup=False, soft_wrap=True)
