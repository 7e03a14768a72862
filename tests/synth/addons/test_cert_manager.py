"""cert-manager is ready when the cluster's own authority signs."""

from pathlib import Path
from typing import Any

from modules.addons.cert_manager import INTERNAL_ISSUER, NAMESPACE, CertManager
from modules.addons.metrics_server import MetricsServer
from modules.core.availability import Availability
from modules.kubernetes.namespaces import PodSecurity

import pytest
from cdktf import TerraformStack

from tests.support.chart_values import complaints
from tests.support.custom_resources import mistakes
from tests.support.releases import after, named, objects, values
from tests.support.synth import Synth

NAME, ISSUERS = "cert-manager", "cluster-issuers"


def synth(stack: TerraformStack, availability: Availability = Availability.HIGH) -> Synth:
    CertManager(stack, "certs", availability=availability)
    return Synth(stack)


def issuers(stack: TerraformStack) -> dict[tuple[str, str], dict[str, Any]]:
    found = objects(named(synth(stack), ISSUERS))
    return {(one["kind"], one["metadata"]["name"]): one for one in found}


def test_its_namespace_admits_no_privileged_pod() -> None:
    assert NAMESPACE.pod_security is PodSecurity.RESTRICTED
    assert not NAMESPACE.injection


def test_issuers_come_after_the_chart_that_defines_them(stack: TerraformStack) -> None:
    assert after(synth(stack), ISSUERS) == {NAME}


def test_what_comes_after_it_waits_for_the_issuer_too(stack: TerraformStack) -> None:
    certs = CertManager(stack, "certs", availability=Availability.HIGH)
    MetricsServer(stack, "metrics", availability=Availability.HIGH, after=certs.ready)

    assert after(Synth(stack), "metrics-server") == {NAME, ISSUERS}


def test_the_release_is_done_when_the_webhook_answers(stack: TerraformStack) -> None:
    check = values(named(synth(stack), NAME))["startupapicheck"]
    hooks = {
        part["helm.sh/hook"]
        for part in (
            check["jobAnnotations"],
            check["rbac"]["annotations"],
            check["serviceAccount"]["annotations"],
        )
    }

    assert check["enabled"] is True
    assert hooks == {"post-install,post-upgrade"}


def test_a_job_waits_until_the_issuer_signs(stack: TerraformStack) -> None:
    (job,) = (one for (kind, _), one in issuers(stack).items() if kind == "Job")
    (container,) = job["spec"]["template"]["spec"]["containers"]

    assert f"clusterissuer.cert-manager.io/{INTERNAL_ISSUER}" in container["args"]
    assert "--for=condition=Ready" in container["args"]


def test_the_internal_authority_signs_with_a_root_of_its_own(stack: TerraformStack) -> None:
    found = issuers(stack)
    issuer = found["ClusterIssuer", INTERNAL_ISSUER]["spec"]
    (root,) = (one["spec"] for (kind, _), one in found.items() if kind == "Certificate")

    assert issuer == {"ca": {"secretName": root["secretName"]}}
    assert root["isCA"] is True
    assert found["ClusterIssuer", root["issuerRef"]["name"]]["spec"] == {"selfSigned": {}}


def test_a_renewed_root_keeps_its_key(stack: TerraformStack) -> None:
    (root,) = (one["spec"] for (kind, _), one in issuers(stack).items() if kind == "Certificate")

    assert root["privateKey"]["rotationPolicy"] == "Never"


def test_the_definitions_stay_when_the_release_goes(stack: TerraformStack) -> None:
    assert values(named(synth(stack), NAME))["crds"] == {"enabled": True, "keep": True}


@pytest.mark.parametrize(
    ("availability", "copies", "budget"),
    [
        (Availability.HIGH, (2, 3, 2), {"enabled": True, "maxUnavailable": 1}),
        (Availability.SINGLE, (1, 1, 1), {"enabled": False}),
    ],
)
def test_high_availability_is_several_copies_of_each_part_apart_with_a_budget(
    stack: TerraformStack,
    availability: Availability,
    copies: tuple[int, int, int],
    budget: dict[str, object],
) -> None:
    found = values(named(synth(stack, availability), NAME))
    parts = {"controller": found, "webhook": found["webhook"], "cainjector": found["cainjector"]}

    assert tuple(part["replicaCount"] for part in parts.values()) == copies
    for name, part in parts.items():
        assert part["podDisruptionBudget"] == budget
        assert part["topologySpreadConstraints"][0]["labelSelector"] == {
            "matchLabels": {"app.kubernetes.io/component": name}
        }
        assert part["resources"]["limits"]["memory"]


def test_the_chart_knows_every_value(stack: TerraformStack, tmp_path: Path) -> None:
    found = values(named(synth(stack), NAME))

    assert complaints(NAME, {"merged": found}, tmp_path) == []


def test_every_object_is_as_its_definition_says(stack: TerraformStack, tmp_path: Path) -> None:
    assert mistakes(list(issuers(stack).values()), tmp_path) == []
