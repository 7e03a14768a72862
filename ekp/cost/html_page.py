"""The report as one HTML page that needs nothing else: no script, no font, no picture."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from html import escape

from .answer import COMPONENTS
from .budget import Budget, State
from .csv_file import PLATFORM
from .html_style import COLORS, STYLE
from .recommendations import Recommendation
from .report import EnvironmentCosts, Line, Report

SHARED = "shared"
ROUNDING = "Fractions of a cent go by the largest remainder: the parts add up to the whole."
_CLASSES = {State.WITHIN: "within", State.AHEAD: "ahead", State.OVER: "over"}
_FIGURES = (*COMPONENTS, "direct", SHARED, "total")
_COLUMNS = len(_FIGURES) + 2


def html_text(report: Report) -> str:
    """Return the page; whatever settings and Kubecost say is escaped."""
    when = " and ".join(str(one) for one in report.periods)
    # The longest bar is the dearest tenant's, so that bars of all tables can be compared.
    longest = max((line.total for one in report.environments for line in one.lines), default=None)
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Costs, {_text(when)}</title><style>{STYLE}</style></head><body><main>",
        f'<h1>Costs by tenant and environment</h1><p class="note">{_text(when)}</p>',
        f'<p class="sum">${report.total:,}</p>',
        *_warnings(report.warnings),
        _legend(),
        *(part for one in report.environments for part in _environment(one, longest)),
        *_unknown(report.unknown),
        f"<h2>How shared cost is split: {_text(report.rule)}</h2>",
        f"<p>{_text(report.rule.meaning)} {ROUNDING}</p>",
        *_recommendations(report.recommendations),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _text(value: object) -> str:
    return escape(str(value), quote=True)


def _environment(one: EnvironmentCosts, longest: Decimal | None) -> Iterator[str]:
    yield f"<h2>{_text(one.environment)}</h2><table><thead><tr>"
    yield '<th class="word">tenant</th>'
    yield from (f"<th>{name.replace('_', ' ')}</th>" for name in _FIGURES)
    yield '<th class="word">budget</th></tr></thead><tbody>'
    for line in one.lines:
        yield '<tr class="line">'
        yield (
            f'<td class="word">{_text(line.tenant or PLATFORM)}'
            f"<small>{_text(line.cost_center)}, {_text(line.owner)}</small></td>"
        )
        yield from (f"<td>{amount:,}</td>" for amount in _figures(line))
        yield f'<td class="word">{_budget(line.budget)}</td></tr>'
        yield f'<tr class="bars"><td colspan="{_COLUMNS}">{_bar(line, longest)}</td></tr>'
    before = len(_FIGURES)
    yield f'</tbody><tfoot><tr><td class="word" colspan="{before}">{_text(one.environment)}</td>'
    yield f"<td>{one.total:,}</td><td></td></tr></tfoot></table>"
    made_of = ", ".join(f"{part} {amount:,}" for part, amount in one.shared.items())
    yield f'<p class="note">Shared cost is made of: {_text(made_of)}.</p>'


def _figures(line: Line) -> tuple[Decimal, ...]:
    return (*line.costs.values(), line.direct, line.shared, line.total)


def _bar(line: Line, longest: Decimal | None) -> str:
    if not longest or longest < 0:
        return ""
    parts = {**line.costs, SHARED: line.shared}
    spans = (
        f'<span style="width:{amount * 100 / longest:.2f}%;background:{COLORS[name]}"'
        f' title="{name.replace("_", " ")} {amount:,}"></span>'
        for name, amount in parts.items()
        if amount > 0
    )
    return f'<div class="bar">{"".join(spans)}</div>'


def _legend() -> str:
    entries = (
        f'<li><i style="background:{color}"></i>{name.replace("_", " ")}</li>'
        for name, color in COLORS.items()
    )
    return f'<ul class="legend">{"".join(entries)}</ul>'


def _budget(budget: Budget | None) -> str:
    if budget is None:
        return ""
    return (
        f'<span class="state {_CLASSES[budget.state]}">{_text(budget.state)}</span>'
        f"<small>{budget.expected:,} of {budget.monthly:,} a month</small>"
    )


def _warnings(warnings: Iterable[str]) -> Iterator[str]:
    found = [f"<li>{_text(one)}</li>" for one in warnings]
    if found:
        yield f'<div class="warnings"><ul>{"".join(found)}</ul></div>'


def _unknown(unknown: Mapping[str, Decimal]) -> Iterator[str]:
    if unknown:
        yield "<h2>Clusters that the settings do not name</h2><table><tbody>"
        for cluster, amount in unknown.items():
            yield f'<tr><td class="word">{_text(cluster)}</td><td>{amount:,}</td></tr>'
        yield "</tbody></table>"


def _recommendations(found: Sequence[Recommendation]) -> Iterator[str]:
    if not found:
        return
    yield "<h2>What could be saved</h2>"
    yield '<p class="note">Kubecost\'s recommendations for what containers ask for.</p>'
    names = ("environment", "tenant", "workload", "container", "CPU", "memory")
    yield "<table><thead><tr>"
    yield from (f'<th class="word">{name}</th>' for name in names)
    yield "<th>saves a month</th></tr></thead><tbody>"
    for one in found:
        cells = (
            one.environment or one.cluster,
            one.tenant or PLATFORM,
            f"{one.namespace}/{one.workload}",
            one.container,
            " → ".join(filter(None, one.cpu)),
            " → ".join(filter(None, one.memory)),
        )
        row = "".join(f'<td class="word">{_text(cell)}</td>' for cell in cells)
        yield f"<tr>{row}<td>{one.monthly_saving:,}</td></tr>"
    yield "</tbody></table>"
