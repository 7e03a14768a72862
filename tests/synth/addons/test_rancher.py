"""Rancher is met through the gateway alone, logs who did what, and carries no password."""

from pathlib import Path
from typing import Any

from modules.addons.rancher import NAMESPACE, Rancher, RancherConfig
from modules.core.availability import Availability

import pytest
from cdktf import TerraformStack
from pydantic import ValidationError

from tests.support.chart_values import complaints
from tests.support.releases import named, values
from tests.support.synth import Synth

HOST = "rancher.management.ekp.example"


def merged(
    stack: TerraformStack, availability: Availability = Availability.HIGH, **changes: Any
) -> dict[str, Any]:
    Rancher(
        stack,
        "rancher",
        config=RancherConfig(**changes),
        availability=availability,
        host=HOST,
    )
    release = named(Synth(stack), "rancher")
    assert release["namespace"] == NAMESPACE.name == "cattle-system"
    return values(release)


def test_the_gateway_takes_its_traffic_and_ends_tls(stack: TerraformStack) -> None:
    found = merged(stack)

    assert found["networkExposure"]["type"] == "none"
    assert found["ingress"]["enabled"] is False
    assert found["tls"] == "external"


def test_its_address_is_the_host_s_from_the_first_second(stack: TerraformStack) -> None:
    found = merged(stack)

    assert found["hostname"] == HOST
    assert found["extraEnv"] == [{"name": "CATTLE_SERVER_URL", "value": f"https://{HOST}"}]


def test_the_first_password_is_rancher_s_own_and_no_value(stack: TerraformStack) -> None:
    assert "bootstrapPassword" not in merged(stack)


def test_the_audit_log_is_on_and_holds_no_bodies_unless_told(
    stack: TerraformStack, other_stack: TerraformStack
) -> None:
    log = merged(stack)["auditLog"]

    assert (log["enabled"], log["level"], log["destination"]) == (True, 0, "sidecar")
    assert merged(other_stack, audit_level=2)["auditLog"]["level"] == 2


def test_a_level_that_rancher_does_not_know_is_refused() -> None:
    with pytest.raises(ValidationError, match="audit_level"):
        RancherConfig(audit_level=4)


def test_high_availability_is_three_copies_apart_with_a_budget(stack: TerraformStack) -> None:
    found = merged(stack)
    (budget,) = found["extraObjects"]

    assert found["replicas"] == 3
    assert found["topologyKey"] == "topology.kubernetes.io/zone"
    assert budget["kind"] == "PodDisruptionBudget"
    assert budget["spec"] == {
        "maxUnavailable": 1,
        "selector": {"matchLabels": {"app": "rancher"}},
    }


def test_a_single_copy_has_no_budget_that_would_block_a_drain(stack: TerraformStack) -> None:
    found = merged(stack, Availability.SINGLE)

    assert found["replicas"] == 1
    assert found["extraObjects"] == []


def test_every_key_is_one_of_the_chart(stack: TerraformStack, tmp_path: Path) -> None:
    assert complaints("rancher", {"rancher": merged(stack)}, tmp_path) == []
