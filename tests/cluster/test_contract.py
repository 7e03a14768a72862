"""The cluster of a stack is the one its Helm provider names."""

import pytest

from ekp.cluster.contract import Cluster, cluster_of, has_helm
from ekp.cluster.errors import NoClusterError
from ekp.runner.state import State

from .conftest import ROLE
from .double import Double
from .stacks import Known, helm, published, stack

CLUSTER = stack("dev-cluster")
PLATFORM = stack("dev-platform", reads={"cluster": "dev-cluster"}, provider=helm())
STACKS = {one.id: one for one in (CLUSTER, PLATFORM)}


def test_a_stack_without_a_helm_provider_has_no_cluster() -> None:
    assert not has_helm(CLUSTER)
    assert has_helm(PLATFORM)
    assert cluster_of(CLUSTER, Known(STACKS)) is None


def test_the_contract_comes_from_the_state_that_the_provider_names(double: Double) -> None:
    found = cluster_of(PLATFORM, Known(STACKS, {"dev-cluster": published(double)}))

    assert found == Cluster(
        "ekp-dev-euw1-eks",
        "eu-west-1",
        double.url,
        double.authority,
        ROLE,
        CLUSTER.state_key,
        "dev",
    )


def test_of_several_states_the_providers_own_is_taken(double: Double) -> None:
    own = stack("management-cluster")
    hub = stack(
        "management-hub",
        reads={"prod-cluster": "dev-cluster", "cluster": "management-cluster"},
        provider=helm(),
    )
    states = {
        "dev-cluster": published(double),
        "management-cluster": published(double, "ekp-management-euw1-eks"),
    }

    found = cluster_of(hub, Known({**STACKS, own.id: own, hub.id: hub}, states))

    assert found is not None
    assert found.name == "ekp-management-euw1-eks"


def test_a_cluster_that_is_not_applied_is_named_with_what_to_do() -> None:
    for states in ({}, {"dev-cluster": State({"outputs": {}})}):
        with pytest.raises(NoClusterError, match="state of dev-cluster has no cluster_name") as why:
            cluster_of(PLATFORM, Known(STACKS, states))

        assert "terraform state rm" in why.value.remedy


def test_a_provider_of_no_known_state_is_named() -> None:
    own = {"helm": [{"kubernetes": {"host": "https://10.0.0.1"}}]}
    alone = stack("dev-alone", provider=own)

    with pytest.raises(NoClusterError, match=r"dev-alone .* no stack it reads"):
        cluster_of(alone, Known({"dev-alone": alone}))


def test_a_contract_that_is_broken_is_named(double: Double) -> None:
    broken = published(double, certificate_authority="no base64!")

    with pytest.raises(NoClusterError, match="not base64"):
        cluster_of(PLATFORM, Known(STACKS, {"dev-cluster": broken}))
