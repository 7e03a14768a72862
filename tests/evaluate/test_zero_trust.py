"""Nobody gets anywhere in production by being somewhere: a table of who asks what, and who says."""

import pytest

from ekp.evaluate.istio.scope import REGISTRY_ONLY
from ekp.evaluate.paths import Normalization
from tests.support.mesh_world import Cluster

from . import table_gateway, table_mesh, table_shard
from .zero_trust_cases import Case, claims_seen, outcome


def test_the_mesh_is_set_as_the_tables_take_it(prod: Cluster) -> None:
    assert prod.normalization == Normalization.DECODE_AND_MERGE_SLASHES
    assert prod.outbound == REGISTRY_ONLY


def rows(table: tuple[Case, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", table, ids=[row.what for row in table])


def check(row: Case, cluster: Cluster) -> None:
    call = row.ask(cluster)

    assert (outcome(call), row.by in call.by) == (row.expected, True), call.hops
    if row.sees is not None:
        assert claims_seen(call) == row.sees


@pytest.mark.requirement("R16")
@pytest.mark.requirement("R17")
@rows(table_gateway.TABLE)
def test_users_get_what_they_prove_through_the_gateway(row: Case, prod: Cluster) -> None:
    check(row, prod)


@pytest.mark.requirement("R16")
@pytest.mark.requirement("R17")
@rows(table_shard.TABLE)
def test_users_get_the_same_through_a_shard(row: Case, prod: Cluster) -> None:
    check(row, prod)


@pytest.mark.requirement("R13")
@pytest.mark.requirement("R35")
@pytest.mark.requirement("R36")
@rows(table_mesh.TABLE)
def test_pods_get_what_they_are_named_for(row: Case, prod: Cluster) -> None:
    check(row, prod)
