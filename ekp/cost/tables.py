"""The report as tables on a terminal."""

from collections.abc import Iterator, Sequence

from rich.markup import escape
from rich.table import Table

from .answer import COMPONENTS
from .budget import State
from .csv_file import PLATFORM, UNKNOWN
from .recommendations import Recommendation
from .report import Line, Report

_WIDE = 120
_STYLES = {State.WITHIN: "green", State.AHEAD: "yellow", State.OVER: "bold red"}


def tables(report: Report, *, width: int) -> Iterator[Table]:
    """Return the costs, what is shared of them, and what could be saved.

    A narrow terminal, in characters, gets the sums alone.
    """
    yield _costs(report, wide=width >= _WIDE)
    yield _shared(report)
    if report.recommendations:
        yield _savings(report.recommendations)


def _costs(report: Report, *, wide: bool) -> Table:
    when = " and ".join(str(one) for one in report.periods)
    table = Table(title=f"costs in US dollars, {when}", show_footer=True)
    names = ("environment", "tenant", *(("cost center",) if wide else ()))
    lines = [line for one in report.environments for line in one.lines]
    # There is no room for columns of nothing.
    parts = [name for name in COMPONENTS if wide and any(line.costs[name] for line in lines)]
    amounts = [*(name.replace("_", " ") for name in parts), "direct", "shared"]
    for name in names:
        table.add_column(name, overflow="fold")
    for name in amounts:
        table.add_column(name, justify="right", overflow="fold")
    table.add_column("total", justify="right", footer=str(report.total))
    table.add_column("budget", overflow="fold")
    for one in report.environments:
        for line in one.lines:
            own = [line.costs[name] for name in parts]
            figures = (*own, line.direct, line.shared, line.total)
            table.add_row(
                escape(one.environment),
                escape(line.tenant or PLATFORM),
                *((escape(line.cost_center),) if wide else ()),
                *(str(figure) for figure in figures),
                _budget(line),
            )
        table.add_section()
    for cluster, amount in report.unknown.items():
        table.add_row(
            UNKNOWN, escape(cluster), *[""] * (len(names) + len(amounts) - 2), str(amount), ""
        )
    return table


def _budget(line: Line) -> str:
    if line.budget is None:
        return ""
    return f"[{_STYLES[line.budget.state]}]{line.budget.state}[/]"


def _shared(report: Report) -> Table:
    table = Table(title=f"shared cost ({report.rule})", caption=report.rule.meaning)
    table.add_column("environment", overflow="fold")
    parts = list(report.environments[0].shared) if report.environments else []
    for name in (*parts, "together"):
        table.add_column(name, justify="right")
    for one in report.environments:
        figures = [*one.shared.values()]
        table.add_row(escape(one.environment), *(str(each) for each in (*figures, sum(figures))))
    return table


def _savings(recommendations: Sequence[Recommendation]) -> Table:
    table = Table(title="recommendations of Kubecost's")
    for name in ("environment", "tenant", "workload", "container", "cpu", "memory"):
        table.add_column(name, overflow="fold")
    table.add_column("saves a month", justify="right")
    for one in recommendations:
        table.add_row(
            escape(one.environment or one.cluster),
            escape(one.tenant or PLATFORM),
            escape(f"{one.namespace}/{one.workload}"),
            escape(one.container),
            escape(" to ".join(filter(None, one.cpu))),
            escape(" to ".join(filter(None, one.memory))),
            str(one.monthly_saving),
        )
    return table
