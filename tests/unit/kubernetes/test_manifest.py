"""A manifest is a plain object in a stable order."""

from modules.kubernetes.manifest import Manifest
from modules.kubernetes.namespaces import Namespace, PodSecurity
from modules.kubernetes.scheduling import PRIORITY_CLASS, priority_class, spread
from modules.kubernetes.storage import default_storage_class

import pytest


def test_an_object_has_its_keys_in_the_usual_order() -> None:
    found = Manifest(
        api_version="v1",
        kind="ConfigMap",
        name="settings",
        namespace="vault",
        labels={"b": "1", "a": "2"},
        annotations={"note": "x"},
        fields={"data": {"key": "value"}},
    ).as_dict()

    assert list(found) == ["apiVersion", "kind", "metadata", "data"]
    assert list(found["metadata"]) == ["name", "namespace", "labels", "annotations"]
    assert list(found["metadata"]["labels"]) == ["b", "a"]


def test_an_object_of_the_cluster_has_no_namespace_and_nothing_empty() -> None:
    found = Manifest(api_version="v1", kind="Namespace", name="vault").as_dict()

    assert found == {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "vault"}}


@pytest.mark.parametrize("level", PodSecurity)
def test_a_namespace_refuses_pods_below_its_standard(level: PodSecurity) -> None:
    found = Namespace(name="vault", pod_security=level).manifest().as_dict()

    assert found["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == level.value


@pytest.mark.parametrize(("injection", "label"), [(True, "enabled"), (False, "disabled")])
def test_a_namespace_says_whether_its_pods_join_the_mesh(injection: bool, label: str) -> None:  # noqa: FBT001
    found = Namespace(name="shop", pod_security=PodSecurity.RESTRICTED, injection=injection)

    assert found.manifest().labels["istio-injection"] == label


def test_a_namespace_outlives_its_release_and_so_does_the_data_in_it() -> None:
    found = Namespace(name="vault", pod_security=PodSecurity.RESTRICTED).manifest()

    assert found.annotations == {"helm.sh/resource-policy": "keep"}


def test_copies_are_spread_over_zones_and_nodes_but_start_anyway() -> None:
    found = spread({"app": "istiod"})

    assert {c["topologyKey"] for c in found} == {
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    }
    assert {c["whenUnsatisfiable"] for c in found} == {"ScheduleAnyway"}
    assert all(c["labelSelector"] == {"matchLabels": {"app": "istiod"}} for c in found)


def test_copies_that_vote_wait_rather_than_stand_two_in_a_zone() -> None:
    zone, node = spread({"app": "vault"}, hard=True)

    assert zone["topologyKey"] == "topology.kubernetes.io/zone"
    assert (zone["maxSkew"], zone["whenUnsatisfiable"]) == (1, "DoNotSchedule")
    # Three copies over two zones: no number of zones is asked for.
    assert "minDomains" not in zone
    assert zone["nodeTaintsPolicy"] == "Honor"
    assert node["whenUnsatisfiable"] == "ScheduleAnyway"


def test_the_platform_goes_before_its_tenants_and_after_the_system() -> None:
    found = priority_class()

    assert found.name == PRIORITY_CLASS
    assert 0 < found.fields["value"] < 2_000_000_000
    assert found.fields["globalDefault"] is False


def test_volumes_are_encrypted_gp3_in_the_zone_of_their_pod() -> None:
    found = default_storage_class()

    assert found.fields["parameters"] == {"type": "gp3", "encrypted": "true"}
    assert found.fields["volumeBindingMode"] == "WaitForFirstConsumer"
    assert found.annotations == {"storageclass.kubernetes.io/is-default-class": "true"}
