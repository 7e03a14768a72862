"""Fixtures of the gate: checkov in a process of its own, for all tests of a worker."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ekp.gate.pool import Pool

DAY = date(2026, 11, 21)


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the gate's results; the workers of one run share it."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if hasattr(request.config, "workerinput") else base) / "gate-results"


@pytest.fixture(scope="session")
def pool(results: Path) -> Iterator[Pool]:
    """A process that is ready to scan, and what all tests know already."""
    with Pool(results, DAY, workers=1) as opened:
        yield opened
