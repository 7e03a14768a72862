"""`ekp services`: the services' own objects, which Git holds and Argo CD applies."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ekp.runner import stacks
from ekp.services import documents
from ekp.services.render import Action, Change, Changes, apply, plan
from ekp.synth import rendered as text_of

from .console import complain, err, out, print_json
from .options import EnvironmentName, Json
from .settings import environments

if TYPE_CHECKING:
    from modules.core.services import Service
    from modules.core.site import Site
    from modules.kubernetes.manifest import Manifest

DIFFERS = 1
ALWAYS = {Action.KEEP: "unchanged", Action.FOREIGN: "not rendered by ekp"}
WRITTEN = {Action.WRITE: "written", Action.REMOVE: "removed", **ALWAYS}
CHECKED = {Action.WRITE: "to write", Action.REMOVE: "to remove", **ALWAYS}

services = typer.Typer(
    no_args_is_help=True, help="The services' own objects, which Git holds and Argo CD applies."
)


@services.command()
def render(
    environment: EnvironmentName,
    *,
    folder: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Folder of the environment in the Git repository; each environment has its own.",
            show_default=False,
        ),
    ],
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Write nothing; exit code 1 when a file differs or is not rendered by ekp."
            " For pipelines.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Write the objects of an environment's services, one file a service, for Git.

    Files of services that are gone are removed. Nothing that this command did not make is
    touched, and nothing is written while such a file stands in the way. Others of the folder that
    may hold objects (.yaml, .yml, .json, links) are shown: Argo CD may apply them.

    Example: ekp services render prod --out services/prod
    """
    with err.status(f"rendering the services of {environment}"):
        rendered = text_of(_chosen(environment, environments()), _objects_of())
        changes = plan(rendered, folder, environment=environment)
        if not check:
            apply(changes)
    states = CHECKED if check else WRITTEN
    if as_json:
        print_json(
            {
                "environment": environment,
                "check": check,
                "files": [_plain(changes, file, states) for file in changes.files],
            }
        )
    elif changes.files:
        _show(changes, states)
    else:
        out.print(f"{environment} has no services.", highlight=False)
    if check and (changes.differing or changes.foreign):
        _complain(changes, environment)
        raise typer.Exit(DIFFERS)


def _objects_of() -> Callable[["Service", "Site"], Sequence["Manifest"]]:
    from modules.kubernetes.service_objects import service_objects  # noqa: PLC0415 - as above

    return service_objects


def _chosen(
    name: str, environments: Mapping[str, documents.DescribedEnvironment]
) -> documents.DescribedEnvironment:
    if name in environments:
        return environments[name]
    raise stacks.unknown(name, environments)


def _complain(changes: Changes, environment: str) -> None:
    ours = len(changes.files) - len(changes.foreign)
    if changes.differing:
        complain(
            f"{len(changes.differing)} of {ours} files differ from the settings: "
            + _paths(changes, changes.differing),
            f"Run `ekp services render {environment} --out {changes.out}` and commit what it"
            " writes.",
        )
    if changes.foreign:
        complain(
            f"Not rendered by ekp for {environment}: {_paths(changes, changes.foreign)}",
            f"Argo CD may apply what is below {changes.out}: delete them, or keep them elsewhere.",
        )


def _paths(changes: Changes, files: Sequence[Change]) -> str:
    return ", ".join(str(changes.out / file.path) for file in files)


def _plain(changes: Changes, file: Change, states: Mapping[Action, str]) -> dict[str, object]:
    foreign = file.action is Action.FOREIGN
    return {
        "namespace": "" if foreign else file.path.parent.name,
        "service": "" if foreign else file.path.stem,
        "objects": documents.count(file.content),
        "file": str(changes.out / file.path),
        "state": states[file.action],
    }


def _show(changes: Changes, states: Mapping[Action, str]) -> None:
    table = Table("namespace", "service", "objects", "file", "", title="services' objects")
    for column in table.columns:
        column.overflow = "fold"
    for file in changes.files:
        table.add_row(*(escape(str(cell)) for cell in _plain(changes, file, states).values()))
    out.print(table)
