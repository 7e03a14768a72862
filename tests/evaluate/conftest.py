"""Fixtures of the evaluate tier: production and the hub, synthesized once."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.mesh_world import Cluster, hub, production, synthesized


@pytest.fixture(scope="session")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, Any]]:
    """The stacks of production's first region and of the hub; only read."""
    return synthesized(tmp_path_factory.mktemp("clusters"))


@pytest.fixture(scope="session")
def prod(stacks: Mapping[str, Mapping[str, Any]]) -> Cluster:
    """Production in its first region, with a second tenant."""
    return production(stacks)


@pytest.fixture(scope="session")
def hub_cluster(stacks: Mapping[str, Mapping[str, Any]]) -> Cluster:
    """The cluster that looks after the others."""
    return hub(stacks)
