"""Production as synthesized, once for all tests; only read."""

from pathlib import Path

import pytest

from ekp.configured.environment import Configured


@pytest.fixture(scope="session")
def prod(synthesized_outdir: Path) -> Configured:
    """Production in both regions, with its services."""
    return Configured.load(synthesized_outdir, "prod")
