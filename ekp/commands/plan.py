"""`ekp plan`: what a deploy would change, for a terminal, a pull request or a reviewer."""

from pathlib import Path
from typing import Annotated

import typer

from ekp.review import layers
from ekp.runner import files, progress
from ekp.runner.errors import RunnerError
from ekp.runner.plan import plan as run_plan

from .console import err
from .options import EnvironmentName, Json, Local, LockTimeout, Parallelism
from .selection import select
from .shown import show


def plan(
    environment: EnvironmentName,
    *,
    local: Local = False,
    speculative: Annotated[
        bool,
        typer.Option(
            "--speculative",
            help="Plan stacks whose upstream is not applied with sample values, in a throwaway "
            "local AWS. With --local this is always so.",
        ),
    ] = False,
    summary: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Append the plan to this file as Markdown, for a pull request.",
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            dir_okay=False,
            help="Write a page for a reviewer: destroys and replaces first, with their reasons.",
        ),
    ] = None,
    parallelism: Parallelism = None,
    lock_timeout: LockTimeout = "0s",
    as_json: Json = False,
) -> None:
    """Show what a deploy would change; nothing is changed.

    Example: ekp plan dev --local
    """
    from ekp.runner import summary as markdown  # noqa: PLC0415 - only this command
    from ekp.runner.contracts import local_speculation  # noqa: PLC0415 - as above

    # A file that cannot be written is known before the plan, which takes minutes.
    if summary is not None:
        markdown.append(summary, "")
    if html is not None:
        _check_page(html)
    space, every, chosen = select(environment, local=local)
    result = run_plan(
        every,
        selected=chosen,
        target=space.target(chosen, local=local),
        reporter=progress.reporter(err, silent=as_json),
        parallelism=parallelism,
        lock_timeout=lock_timeout,
        speculation=local_speculation() if local or speculative else None,
    )
    if summary is not None:
        markdown.append(summary, markdown.markdown(result, environment=environment))
    if html is not None:
        from ekp.review import page  # noqa: PLC0415 - its templates are an extra

        files.write(html.absolute(), page.render(result, every, environment=environment))
        err.print(f"written: {html}", highlight=False, markup=False, soft_wrap=True)
    lines = layers.by_layer(result, every)
    show(
        result,
        as_json=as_json,
        changes=True,
        tables=(layers.table(lines),),
        more={"layers": layers.to_json(lines)},
    )


def _check_page(file: Path) -> None:
    """Make sure that the page can be rendered and written.

    Raises:
        RunnerError: Jinja2 is not installed.
        NotWritableError: the file cannot be written.
    """
    try:
        import jinja2  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise RunnerError(
            "Jinja2 is not installed; it writes the page.",
            remedy="Install the extra: `pip install 'enterprise-eks-platform[policy]'`.",
        ) from error
    if not file.exists():
        files.write(file.absolute(), "")
        file.unlink()
