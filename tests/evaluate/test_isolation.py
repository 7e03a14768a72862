"""No tenant reaches another by any one layer, and each reaches its own: 50 tenants, every pair."""

from collections.abc import Callable, Collection

import pytest

from ekp.evaluate.request import named

from .isolation import Pair, Tenants, by_mesh, by_network, by_sidecar, made

Layer = Callable[[Tenants], Collection[Pair]]


@pytest.fixture(scope="module")
def fifty() -> Tenants:
    return made(50, seed=20261121)


@pytest.mark.requirement("R36")
@pytest.mark.parametrize("layer", [by_network, by_mesh, by_sidecar])
def test_services_reach_those_of_their_tenant_that_they_call_and_no_other(
    fifty: Tenants, layer: Layer
) -> None:
    reached = layer(fifty)

    assert fifty.foreign(reached) == []
    assert len(fifty.calls) > 30
    assert set(reached) == fifty.calls


@pytest.mark.requirement("R36")
@pytest.mark.parametrize(
    ("layer", "gone"),
    [
        (by_network, {"GlobalNetworkPolicy platform-default-deny"}),
        (by_mesh, {"AuthorizationPolicy istio-system/allow-nothing"}),
        # A service without a Sidecar of its own has the mesh's, which shows it nothing.
        (by_sidecar, {"Sidecar istio-system/default", "Sidecar ab/api"}),
    ],
)
def test_a_layer_without_one_of_its_policies_lets_tenants_through_to_others(
    layer: Layer, gone: Collection[str]
) -> None:
    tenants = made(12, seed=7)
    opened = tenants.without(lambda one: named(one) in gone)

    assert tenants.foreign(layer(tenants)) == []
    assert len(opened.objects) == len(tenants.objects) - len(gone)
    assert opened.foreign(layer(opened)) != []


@pytest.mark.parametrize(
    ("layer", "kind"), [(by_network, "NetworkPolicy"), (by_mesh, "AuthorizationPolicy")]
)
def test_a_layer_without_what_a_service_opens_keeps_its_callers_out(
    layer: Layer, kind: str
) -> None:
    tenants = made(12, seed=7)
    closed = tenants.without(
        lambda one: one["kind"] == kind and one["metadata"].get("namespace") in tenants.owners
    )

    assert tenants.calls <= set(layer(tenants))
    assert set(layer(closed)) & tenants.calls == set()
