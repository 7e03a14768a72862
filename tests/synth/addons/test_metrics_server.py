"""The metrics server is verified by the API server."""

from pathlib import Path

from modules.addons.cert_manager import INTERNAL_ISSUER
from modules.addons.metrics_server import MetricsServer
from modules.core.availability import Availability

import pytest
from cdktf import TerraformStack

from tests.support.chart_values import complaints
from tests.support.releases import named, values
from tests.support.synth import Synth

NAME = "metrics-server"


def synth(stack: TerraformStack, availability: Availability = Availability.HIGH) -> Synth:
    MetricsServer(stack, "metrics", availability=availability, after=[])
    return Synth(stack)


def test_the_api_server_verifies_its_certificate(stack: TerraformStack) -> None:
    found = values(named(synth(stack), NAME))

    assert found["apiService"]["insecureSkipTLSVerify"] is False
    assert found["tls"]["type"] == "cert-manager"
    assert found["tls"]["certManager"]["existingIssuer"] == {
        "enabled": True,
        "kind": "ClusterIssuer",
        "name": INTERNAL_ISSUER,
    }


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
    found = values(named(synth(stack, availability), NAME))

    assert (found["replicas"], found["podDisruptionBudget"]) == (replicas, budget)
    assert found["topologySpreadConstraints"][0]["labelSelector"] == {
        "matchLabels": {"app.kubernetes.io/name": NAME}
    }


def test_prometheus_scrapes_it(stack: TerraformStack) -> None:
    found = values(named(synth(stack), NAME))

    assert found["metrics"]["enabled"] is True
    assert found["serviceMonitor"]["enabled"] is True


def test_the_chart_knows_every_value(stack: TerraformStack, tmp_path: Path) -> None:
    found = values(named(synth(stack), NAME))

    assert complaints(NAME, {"merged": found}, tmp_path) == []
