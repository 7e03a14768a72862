"""Calico enforces policies and nothing else; its definitions stand before its operator."""

from pathlib import Path
from typing import Any

from modules.addons.calico import NAMESPACE, Calico
from modules.addons.calico_crds import OPERATOR
from modules.core.availability import Availability
from modules.kubernetes.namespaces import PodSecurity

import pytest
import yaml
from cdktf import TerraformStack

from tests.support.chart_values import CHARTS, complaints
from tests.support.custom_resources import mistakes
from tests.support.releases import after, named, objects, values
from tests.support.synth import Synth

NAME, CRDS, STATUS = "tigera-operator", "calico-crds", "calico-status"


def synth(stack: TerraformStack, availability: Availability = Availability.HIGH) -> Synth:
    Calico(stack, "calico", availability=availability)
    return Synth(stack)


def jobs(stack: TerraformStack, release: str) -> dict[str, dict[str, Any]]:
    found = objects(named(synth(stack), release))
    return {one["metadata"]["name"]: one for one in found if one["kind"] == "Job"}


def container(job: dict[str, Any]) -> dict[str, Any]:
    (found,) = job["spec"]["template"]["spec"]["containers"]
    return dict(found)


def custom_resources(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the objects that the chart makes of the values, as its template does."""
    kinds = {"installation": "Installation", "apiServer": "APIServer"}
    return [
        {
            "apiVersion": "operator.tigera.io/v1",
            "kind": kind,
            "metadata": {"name": "default"},
            "spec": {key: value for key, value in found[part].items() if key != "enabled"},
        }
        for part, kind in kinds.items()
    ]


def test_definitions_come_before_the_operator_and_the_operator_before_the_wait(
    stack: TerraformStack,
) -> None:
    plan = synth(stack)

    assert after(plan, NAME) == {CRDS}
    assert after(plan, STATUS) == {CRDS, NAME}


def test_what_comes_after_it_waits_until_policies_are_enforced(stack: TerraformStack) -> None:
    ready = Calico(stack, "calico", availability=Availability.HIGH).ready
    assert len(ready) == 2

    (job,) = (one for one in objects(named(Synth(stack), STATUS)) if one["kind"] == "Job")
    arguments = container(job)["args"]
    assert "--for=condition=Available" in arguments
    assert {a for a in arguments if a.startswith("tigerastatus")} == {
        "tigerastatus.operator.tigera.io/calico",
        "tigerastatus.operator.tigera.io/apiserver",
    }


def test_the_operator_makes_its_definitions_and_they_are_waited_for(stack: TerraformStack) -> None:
    made = jobs(stack, CRDS)
    bootstrap, wait = made["calico-crds"], made["calico-crds-established"]

    assert container(bootstrap)["args"] == ["-bootstrap-crds"]
    assert "crd/installations.operator.tigera.io" in container(wait)["args"]
    assert int(bootstrap["metadata"]["annotations"]["helm.sh/hook-weight"]) < int(
        wait["metadata"]["annotations"].get("helm.sh/hook-weight", "0")
    )


def test_the_job_may_make_definitions_and_change_nothing(stack: TerraformStack) -> None:
    found = objects(named(synth(stack), CRDS))
    (role,) = (
        one
        for one in found
        if one["kind"] == "ClusterRole" and one["metadata"]["name"] == "calico-crds"
    )
    verbs = {
        resource: set(rule["verbs"]) for rule in role["rules"] for resource in rule["resources"]
    }

    assert verbs == {
        "customresourcedefinitions": {"create"},
        "configmaps": {"get", "list", "watch"},
    }
    assert [r.get("resourceNames") for r in role["rules"]] == [None, ["active-operator"]]


def test_job_and_chart_run_the_same_operator(stack: TerraformStack) -> None:
    plan = synth(stack)
    chart = values(named(plan, NAME))["tigeraOperator"]
    (job,) = (
        one
        for one in objects(named(plan, CRDS))
        if one["kind"] == "Job" and one["metadata"]["name"] == "calico-crds"
    )

    assert container(job)["image"] == "{registry}/{image}:{version}".format(**chart)
    assert container(job)["image"] == OPERATOR.reference


def test_the_operator_is_the_one_that_the_pinned_chart_is_made_for() -> None:
    file = CHARTS / NAME / "values.yaml"
    if not file.is_file():
        pytest.skip(f"the charts are not at hand: {file} is missing")
    chart = yaml.safe_load(file.read_text(encoding="utf-8"))["tigeraOperator"]

    assert chart == {
        "registry": OPERATOR.registry,
        "image": OPERATOR.image,
        "version": OPERATOR.version,
    }


def test_the_vpc_cni_keeps_addresses_and_routes(stack: TerraformStack) -> None:
    installation = values(named(synth(stack), NAME))["installation"]

    assert installation["kubernetesProvider"] == "EKS"
    assert installation["cni"] == {"type": "AmazonVPC", "ipam": {"type": "AmazonVPC"}}
    assert installation["calicoNetwork"]["bgp"] == "Disabled"


def test_policies_of_its_own_api_can_be_written_and_no_interface_is_open(
    stack: TerraformStack,
) -> None:
    found = values(named(synth(stack), NAME))

    assert found["apiServer"]["enabled"] is True
    assert found["goldmane"] == found["whisker"] == {"enabled": False}


def test_later_versions_of_definitions_come_with_the_operator(stack: TerraformStack) -> None:
    assert values(named(synth(stack), NAME))["manageCRDs"] is True


def test_the_operator_may_use_the_node_s_network() -> None:
    assert NAMESPACE.name == "tigera-operator"
    assert NAMESPACE.pod_security is PodSecurity.PRIVILEGED


@pytest.mark.parametrize(
    ("availability", "replicas"), [(Availability.HIGH, 2), (Availability.SINGLE, 1)]
)
def test_high_availability_is_two_copies_of_its_control_plane(
    stack: TerraformStack, availability: Availability, replicas: int
) -> None:
    found = values(named(synth(stack, availability), NAME))

    assert found["installation"]["controlPlaneReplicas"] == replicas


def test_every_part_has_requests_and_a_memory_limit(stack: TerraformStack) -> None:
    found = values(named(synth(stack), NAME))
    parts = [
        found["installation"][part]
        for part in (
            "calicoNodeDaemonSet",
            "typhaDeployment",
            "calicoKubeControllersDeployment",
        )
    ]
    parts.append(found["apiServer"]["apiServerDeployment"])

    for part in parts:
        (container,) = part["spec"]["template"]["spec"]["containers"]
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}
        assert container["resources"]["limits"]["memory"]


def test_the_chart_knows_every_value(stack: TerraformStack, tmp_path: Path) -> None:
    found = values(named(synth(stack), NAME))

    assert complaints(NAME, {"merged": found}, tmp_path) == []


def test_what_the_chart_makes_of_the_values_is_as_its_definitions_say(
    stack: TerraformStack, tmp_path: Path
) -> None:
    found = values(named(synth(stack), NAME))

    assert mistakes(custom_resources(found), tmp_path) == []
