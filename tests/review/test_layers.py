"""The table by layer of `ekp plan`, from results alone."""

import io
from pathlib import Path

from rich.console import Console

from ekp.review.layers import by_layer, table, to_json, total
from ekp.runner.results import Counts, RunResult, StackResult, Status

from . import made_up
from .made_up import stack

TWO_REGIONS = {one: stack(one) for one in ("eu-network", "us-network", "eu-cluster")}


def shown(result: RunResult) -> list[list[str]]:
    """The table's cells, row by row, as a terminal shows them."""
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(table(by_layer(result, made_up.STACKS | TWO_REGIONS)))
    text = console.export_text()
    lines = [line for line in text.splitlines() if line[:1] in "│┃"]
    return [
        [cell.strip() for cell in line.replace("┃", "│").strip("│").split("│")] for line in lines
    ]


def test_a_layer_has_the_sum_of_its_stacks_in_all_regions() -> None:
    counts = Counts(add=1, change=2, replace=3, destroy=4, adopt=5)
    result = RunResult(
        "plan",
        "aws",
        (
            StackResult("eu-network", Status.PLANNED, counts=counts),
            StackResult("us-network", Status.PLANNED, counts=counts),
            StackResult("eu-cluster", Status.UNCHANGED),
        ),
        1.0,
    )
    assert shown(result) == [
        ["layer", "add", "change", "replace", "destroy", "import", "stacks"],
        ["network", "2", "4", "6", "8", "10", "2"],
        ["cluster", "", "", "", "", "", "1"],
        ["all", "2", "4", "6", "8", "10", "3"],
    ]


def test_a_layer_that_nobody_planned_is_no_layer_without_changes(tmp_path: Path) -> None:
    rows = shown(made_up.result(tmp_path))
    assert rows[1:] == [
        ["network", "1", "1", "1", "", "", "1"],
        ["cluster", "1", "1", "", "1", "", "1"],
        ["tenants", "?", "?", "?", "?", "?", "0 of 1 planned"],
        ["all", "2", "2", "1", "1", "", "2 of 3 planned"],
    ]


def test_lines_are_plain_values_for_a_pipeline(tmp_path: Path) -> None:
    lines = by_layer(made_up.result(tmp_path), made_up.STACKS)
    counts = {"add": 1, "change": 1, "replace": 1, "destroy": 0, "adopt": 0}
    assert to_json(lines)[0] == {"layer": "network", "counts": counts, "stacks": 1, "planned": 1}
    assert total([]).counts == Counts()
