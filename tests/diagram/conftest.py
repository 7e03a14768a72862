"""Every stack of every environment, synthesized once, and ways to change one."""

import copy
import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ekp.diagram.environment import draw
from ekp.diagram.picture import Picture
from ekp.runner import stacks as synthesized
from ekp.runner.stacks import Stack

Stacks = Mapping[str, Stack]
Drawn = Callable[[str], Picture]
Changed = Callable[[str, Callable[[dict[str, Any]], object]], Stacks]


@pytest.fixture(scope="session")
def outdir(synthesized_outdir: Path) -> Path:
    return synthesized_outdir


@pytest.fixture(scope="session")
def stacks(outdir: Path) -> Stacks:
    return synthesized.load(outdir)


@pytest.fixture(scope="session")
def drawn(stacks: Stacks) -> Drawn:
    """Give a function that returns the picture of an environment, made once."""
    return functools.cache(lambda environment: draw(stacks, environment))


@pytest.fixture
def changed(stacks: Stacks) -> Changed:
    """Give a function that returns all stacks, one of them with other resources."""

    def change(id_: str, edit: Callable[[dict[str, Any]], object]) -> Stacks:
        configuration = copy.deepcopy(dict(stacks[id_].configuration))
        edit(configuration["resource"])
        return {**stacks, id_: replace(stacks[id_], configuration=configuration)}

    return change
