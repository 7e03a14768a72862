"""Fixtures of the plan tier: every stack of every environment, planned at most once."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from ekp.runner import stacks as synthesized
from ekp.runner.stacks import Stack
from ekp.synth import project_root
from tests.support.plans import Plans

# A day on which every version in use is supported, so that the suite does not age.
TODAY = date(2026, 11, 21)


@pytest.fixture(scope="session")
def stacks(synthesized_outdir: Path) -> Mapping[str, Stack]:
    return synthesized.load(synthesized_outdir)


@pytest.fixture(scope="session")
def plan_cache() -> Path:
    return project_root() / ".ekp" / "plan-cache"


@pytest.fixture(scope="session")
def plans(stacks: Mapping[str, Stack], plan_cache: Path) -> Iterator[Plans]:
    with Plans(stacks, plan_cache) as opened:
        yield opened
