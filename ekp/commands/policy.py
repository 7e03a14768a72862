"""`ekp policy`: the gate that every deploy goes through, and its reports."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ekp.gate.before_apply import BeforeApply
from ekp.gate.findings import Report
from ekp.gate.gate import Gate
from ekp.gate.pool import Pool
from ekp.runner import files, stacks
from ekp.runner.stacks import Stack
from ekp.runner.target import Target
from ekp.services import documents

from .console import err, out, print_json, warn
from .options import Json
from .settings import environments
from .workspace import LOCAL, Workspace, workspace

CLOSED = 3
"""The exit code of a closed gate."""
SPECULATIVE = "speculative"


def policy(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ENV]...", help="Environments, such as dev; all of them if none is named."
        ),
    ] = None,
    *,
    local: Annotated[
        bool,
        typer.Option("--local", help="Judge the plans that were made for the local AWS."),
    ] = False,
    manifests: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="Manifests of third-party charts, as `helm template` writes them: reported, "
            "never gated.",
        ),
    ] = None,
    sarif: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write SARIF 2.1.0, for code scanning; an exception is a suppression.",
        ),
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write JUnit XML, for pipelines.")
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write one HTML page, for a security review."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Judge environments by checkov's checks and ours; exit code 3 when the gate is closed.

    What is judged: the synthesized stacks, the plans that `ekp plan` or `ekp deploy` made of them
    as they are now, and the Kubernetes objects of our own. Exceptions stand in
    policies/exceptions.yaml.

    Example: ekp policy prod --html review.html
    """
    space = workspace()
    every = space.synthesize()
    chosen = names or list(dict.fromkeys(stack.environment for stack in every.values()))
    for name in chosen:
        stacks.of_environment(every, name)
    with opened(space, every) as gate:
        plans = _plans(space, (one for one in every.values() if one.environment in chosen), local)
        report = judged(gate, chosen, plans=plans, manifests=manifests)
    renderers = _renderers(sarif=sarif, junit=junit, html=html)
    written = {file: render(report) for file, render in renderers.items()}
    show(report, as_json=as_json)
    for file, text in written.items():
        files.write(file, text)
        err.print(f"written: {file}", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(CLOSED if report.closed else 0)


@contextmanager
def opened(space: Workspace, every: Mapping[str, Stack]) -> Iterator[Gate]:
    """Give the gate over synthesized stacks, with checkov at hand while the block runs.

    Raises:
        GateError: checkov is missing, or the exceptions or severities are wrong.
    """
    # The settings load the bindings, which `ekp policy --help` does without.
    from modules.kubernetes.service_objects import service_objects  # noqa: PLC0415 - as said above

    import main  # noqa: PLC0415 - as said above

    day = main.today()
    services = {
        name: documents.render(one, service_objects) for name, one in environments().items()
    }
    with Pool(space.kept / "gate", day) as pool:
        yield Gate(every, services, space.root / "policies", pool, day)


@contextmanager
def gated(
    space: Workspace, every: Mapping[str, Stack], environment: str, *, as_json: bool
) -> Iterator[BeforeApply]:
    """Let a deploy of an environment go on if the gate is open, and give its last look at plans.

    Raises:
        GateError: something could not be judged.
        typer.Exit: the gate is closed, and was shown.
    """
    with opened(space, every) as gate:
        refuse(judged(gate, [environment]), as_json=as_json)
        yield BeforeApply(gate)


def judged(
    gate: Gate,
    chosen: Sequence[str],
    *,
    plans: Mapping[str, Path] | None = None,
    manifests: Path | None = None,
) -> Report:
    """Judge environments, with a sign of life meanwhile.

    Raises:
        GateError: something could not be judged.
    """
    with err.status(f"judging {', '.join(chosen)}: checkov takes some seconds the first time"):
        return gate.judge(chosen, plans=plans or {}, manifests=manifests)


def refuse(report: Report, *, as_json: bool) -> None:
    """Show a closed gate and leave with its exit code; an open one is not mentioned.

    Exceptions that explain nothing are a warning here: they let nothing through.
    """
    if report.stops_deploys:
        show(report, as_json=as_json)
        raise typer.Exit(CLOSED)
    for line in report.unused:
        warn(line)


def show(report: Report, *, as_json: bool) -> None:
    """Print a report."""
    from ekp.gate.reports import document, table  # noqa: PLC0415 - one of them is needed

    if as_json:
        print_json(document.render(report))
    else:
        out.print(table.render(report))


def _renderers(
    *, sarif: Path | None, junit: Path | None, html: Path | None
) -> Mapping[Path, Callable[[Report], str]]:
    from ekp.gate.reports import junit as as_junit  # noqa: PLC0415 - templates take their time
    from ekp.gate.reports import page  # noqa: PLC0415 - as above
    from ekp.gate.reports import sarif as as_sarif  # noqa: PLC0415 - as above

    wanted = ((sarif, as_sarif.render), (junit, as_junit.render), (html, page.render))
    return {file: render for file, render in wanted if file is not None}


def _plans(space: Workspace, chosen: Iterable[Stack], local: bool) -> Mapping[str, Path]:  # noqa: FBT001 - as the option
    """Return the plans of stacks as they are now: a file of cdktf.out changes with its content."""
    found: dict[str, Path] = {}
    for stack in chosen:
        for place in (LOCAL if local else "aws", SPECULATIVE):
            plan = Target(place, {}, space.kept).copy_of(stack).run / "plan.json"
            if plan.is_file() and _is_of(plan, stack):
                found.setdefault(stack.id, plan)
    return found


def _is_of(plan: Path, stack: Stack) -> bool:
    if plan.stat().st_mtime < stack.file.stat().st_mtime:
        return False
    try:
        written = json.loads(plan.read_text(encoding="utf-8"))
        # `ekp destroy` leaves its plans in the same place: there is nothing in them, or a part.
        whole = written.get("complete", True) and "root_module" in written["planned_values"]
        return bool(whole and written["planned_values"]["root_module"])
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return True  # the gate says what is wrong with it
