"""Production is what ``tests/inventories`` says: how many of what matters, and chosen values.

The files are written by hand: a number that changes is a decision, not a by-product.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.synth import Synth

FILES = sorted((Path(__file__).parents[1] / "inventories").glob("*.yaml"))


def test_every_stack_of_production_has_an_inventory(stacks: Mapping[str, Synth]) -> None:
    assert {file.stem for file in FILES} == {i for i in stacks if i.startswith("prod-")}


@pytest.mark.requirement("R32")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_production_is_what_its_inventory_says(stacks: Mapping[str, Synth], file: Path) -> None:
    inventory: Mapping[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    plan = stacks[file.stem]

    assert {kind: len(plan.all(kind)) for kind in inventory["counts"]} == inventory["counts"]
    for resource, values in inventory["values"].items():
        kind, path = resource.split(" ")
        found = plan.all(kind)[path]
        assert {key: found[key] for key in values} == values, resource
