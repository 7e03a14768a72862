"""A plan in numbers, layer by layer."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple, dataclass
from typing import Any

from rich.markup import escape
from rich.table import Table

from ekp.runner.results import Counts, RunResult, StackResult, Status
from ekp.runner.stacks import Stack

KNOWN = {Status.PLANNED, Status.UNCHANGED}
"""What a stack's result is when its plan is known."""


@dataclass(frozen=True, slots=True)
class LayerLine:
    """What becomes of one layer's resources; ``stacks`` of which ``planned`` have a plan."""

    layer: str
    counts: Counts
    stacks: int
    planned: int


def by_layer(result: RunResult, stacks: Mapping[str, Stack]) -> list[LayerLine]:
    """Return a line for each layer, in the order in which layers are applied."""
    found: dict[str, list[StackResult]] = {}
    for one in result.stacks:
        found.setdefault(stacks[one.stack].layer, []).append(one)
    return [_line(layer, several) for layer, several in found.items()]


def total(lines: Iterable[LayerLine]) -> LayerLine:
    """Return the sum of all lines."""
    every = list(lines)
    return LayerLine(
        "all",
        _sum(line.counts for line in every),
        sum(line.stacks for line in every),
        sum(line.planned for line in every),
    )


def table(lines: Iterable[LayerLine]) -> Table:
    """Return the lines and their total as a table (for rich)."""
    every = list(lines)
    shown = Table("layer", title="by layer", show_footer=len(every) > 1)
    for name in ("add", "change", "replace", "destroy", "import", "stacks"):
        shown.add_column(name, justify="right")
    for line in every:
        shown.add_row(escape(line.layer), *_cells(line))
    for column, cell in zip(shown.columns, ("all", *_cells(total(every))), strict=True):
        column.footer = cell
    return shown


def to_json(lines: Iterable[LayerLine]) -> list[dict[str, Any]]:
    """Plain values with the same keys every time, without the total."""
    return [asdict(line) for line in lines]


def _line(layer: str, several: list[StackResult]) -> LayerLine:
    planned = [one for one in several if one.status in KNOWN]
    counts = _sum(one.counts for one in planned)
    return LayerLine(layer, counts, len(several), len(planned))


def _sum(counts: Iterable[Counts]) -> Counts:
    return Counts(*map(sum, zip(*(astuple(one) for one in (Counts(), *counts)), strict=True)))


def _cells(line: LayerLine) -> tuple[str, ...]:
    """Return a line's numbers; what nobody planned is a ``?``, not a nothing."""
    numbers = [str(number or "") for number in astuple(line.counts)]
    if not line.planned:
        return (*("?" for _ in numbers), f"0 of {line.stacks} planned")
    stacks = f"{line.planned} of {line.stacks} planned"
    return (*numbers, str(line.stacks) if line.planned == line.stacks else stacks)
