"""Production as synthesized, once for all tests; only read."""

import pytest

from ekp.configured.environment import Configured
from tests.support.configured import configured


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Configured:
    """Production in both regions, with its services."""
    return configured(tmp_path_factory.mktemp("production"))
