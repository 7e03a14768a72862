"""Argo Rollouts may change Istio's routes and nothing of other routers."""

from pathlib import Path
from typing import Any

from modules.addons.argo_rollouts import NAMESPACE, ArgoRollouts
from modules.core.availability import Availability
from modules.kubernetes.namespaces import PodSecurity

import pytest
from cdktf import TerraformStack

from tests.support.chart_values import complaints
from tests.support.releases import named, values
from tests.support.synth import Synth

NAME = "argo-rollouts"


def merged(stack: TerraformStack, availability: Availability = Availability.HIGH) -> dict[str, Any]:
    ArgoRollouts(stack, "rollouts", availability=availability)
    release = named(Synth(stack), NAME)
    assert release["namespace"] == NAMESPACE.name
    return values(release)


def test_its_namespace_admits_no_privileged_pod(stack: TerraformStack) -> None:
    assert NAMESPACE.pod_security is PodSecurity.RESTRICTED
    assert merged(stack)["podSecurityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}


def test_it_may_change_istio_s_routes_alone(stack: TerraformStack) -> None:
    providers = merged(stack)["providerRBAC"]["providers"]

    assert [name for name, allowed in providers.items() if allowed] == ["istio"]


def test_nobody_meets_a_dashboard_without_a_sign_in(stack: TerraformStack) -> None:
    assert merged(stack)["dashboard"] == {"enabled": False}


def test_the_definitions_stay_when_the_release_goes(stack: TerraformStack) -> None:
    found = merged(stack)

    assert (found["installCRDs"], found["keepCRDs"]) == (True, True)


@pytest.mark.parametrize(
    ("availability", "replicas", "budget"),
    [
        (Availability.HIGH, 2, {"enabled": True, "maxUnavailable": 1}),
        (Availability.SINGLE, 1, {"enabled": False}),
    ],
)
def test_high_availability_is_two_copies_apart_with_a_budget(
    stack: TerraformStack,
    availability: Availability,
    replicas: int,
    budget: dict[str, object],
) -> None:
    controller = merged(stack, availability)["controller"]

    assert (controller["replicas"], controller["pdb"]) == (replicas, budget)
    assert controller["topologySpreadConstraints"][0]["labelSelector"] == {
        "matchLabels": {"app.kubernetes.io/name": NAME}
    }
    assert controller["resources"]["limits"]["memory"]


def test_prometheus_scrapes_it(stack: TerraformStack) -> None:
    metrics = merged(stack)["controller"]["metrics"]

    assert metrics["enabled"] is True
    assert metrics["serviceMonitor"] == {"enabled": True}


def test_the_chart_knows_every_value(stack: TerraformStack, tmp_path: Path) -> None:
    assert complaints(NAME, {"merged": merged(stack)}, tmp_path) == []
