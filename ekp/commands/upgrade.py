"""`ekp upgrade`: what a step to another Kubernetes minor takes, before anybody takes it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ekp.runner import stacks

from .console import complain, out, print_json
from .options import EnvironmentName, Json
from .settings import environments
from .workspace import workspace

if TYPE_CHECKING:
    from ekp.upgrade.plan import RegionPlan, UpgradePlan

FAILED = 1
USAGE = 2

upgrade = typer.Typer(
    no_args_is_help=True,
    help="Upgrades of Kubernetes: the legal order of their steps. Example: "
    "ekp upgrade plan dev --kubernetes 1.36",
)


@upgrade.callback()
def _group() -> None:
    """Keep `plan` a command of its own, though it is the only one."""


@upgrade.command()
def plan(
    environment: EnvironmentName,
    *,
    kubernetes: Annotated[
        str,
        typer.Option(
            "--kubernetes", metavar="MINOR", help="The minor to go to.", show_default=False
        ),
    ],
    as_json: Json = False,
) -> None:
    """Show how an environment's clusters get to the next Kubernetes minor; nothing is changed.

    The settings say what runs now. Exit code 1: something must be mended first, such as a chart
    that refuses the minor; 2: EKS takes no such step.

    Example: ekp upgrade plan dev --kubernetes 1.36
    """
    import main  # noqa: PLC0415 - loads the bindings
    from ekp.upgrade.gate import known_minors  # noqa: PLC0415 - as above
    from ekp.upgrade.plan import IllegalUpgradeError, upgrade_plan  # noqa: PLC0415 - as above

    every = environments()
    if environment not in every:
        raise stacks.unknown(environment, every)
    try:
        found = upgrade_plan(
            every,
            environment,
            kubernetes,
            today=main.today(),
            gate_minors=known_minors(),
            exceptions=workspace().root / "policies" / "exceptions.yaml",
        )
    except IllegalUpgradeError as error:
        for problem in error.problems:
            complain(problem)
        raise typer.Exit(USAGE) from None
    if as_json:
        print_json(found.to_json())
    else:
        _show(found)
    raise typer.Exit(FAILED if found.refused else 0)


def _show(plan: "UpgradePlan") -> None:
    for line in _head(plan):
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    for number, region in enumerate(plan.regions, start=1):
        title = f"{number}. {region.cluster.region}, cluster {region.cluster.name}"
        out.print(f"\n[bold]{escape(title)}[/]", highlight=False, soft_wrap=True)
        for line in _findings(region):
            out.print(line, highlight=False, soft_wrap=True)
        if region.steps:
            out.print(_steps(region))
        else:
            out.print("No steps: first mend what refuses.", highlight=False)


def _head(plan: "UpgradePlan") -> Iterator[str]:
    for region, version in plan.done.items():
        yield f"{plan.environment} {region} runs {version}: nothing to do."
    if not plan.regions:
        return
    yield f"{plan.environment} to Kubernetes {plan.target}, from what the settings say"
    for version in sorted({one.cluster.version for one in plan.regions}):
        one = next(r for r in plan.regions if r.cluster.version == version)
        if one.support:
            yield f"  {version}: {one.support.line(one.cluster.support)}"
    if plan.support:
        yield f"  {plan.target}: {plan.support.line(plan.regions[0].cluster.support)}"
    yield f"  environments, one after the other: {', '.join(plan.order)}"
    for name, version in plan.behind.items():
        yield f"  {name} comes before {plan.environment}, and runs {version}: upgrade it first"
    if len(plan.regions) > 1:
        names = ", ".join(one.cluster.region for one in plan.regions)
        yield f"  regions, one after the other, some days between: {names}"


def _findings(region: "RegionPlan") -> Iterator[str]:
    for one in region.findings:
        colour = "red" if one.weight == "refuses" else "yellow"
        text = f"{one.subject}: {one.message} {one.remedy} ({one.source})"
        yield f"[{colour}]{one.weight}[/] {escape(text)}"


def _steps(region: "RegionPlan") -> Table:
    table = Table("", "phase", "step", "how", "right when", show_lines=True)
    for column in table.columns:
        column.overflow = "fold"
    for number, one in enumerate(region.steps, start=1):
        look = f"{one.look}\n[dim]{escape(one.undo)}[/]" if one.undo else escape(one.look)
        what = f"{one.what} (optional)" if one.optional else one.what
        table.add_row(str(number), one.phase, escape(what), escape(one.how), look)
    return table
