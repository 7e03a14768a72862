"""The operator reaches the local Vault alone, verified, and keeps no secret of its own."""

from pathlib import Path
from typing import Any

from modules.addons.vault_secrets_operator import NAMESPACE, TRUST, VaultSecretsOperator
from modules.core.availability import Availability
from modules.kubernetes.vault_config import ADDRESS

import pytest
from cdktf import TerraformStack

from tests.support.chart_values import complaints
from tests.support.custom_resources import mistakes
from tests.support.releases import after, named, objects, values
from tests.support.synth import Synth


def synth(stack: TerraformStack, availability: Availability = Availability.HIGH) -> Synth:
    VaultSecretsOperator(stack, "operator", availability=availability, after=[])
    return Synth(stack)


def merged(stack: TerraformStack, availability: Availability = Availability.HIGH) -> dict[str, Any]:
    return values(named(synth(stack, availability), "vault-secrets-operator"))


def test_the_default_connection_leads_to_the_local_vault_and_is_verified(
    stack: TerraformStack,
) -> None:
    found = merged(stack)["defaultVaultConnection"]

    assert found == {
        "enabled": True,
        "address": ADDRESS,
        "caCertSecret": TRUST,
        "skipTLSVerify": False,
    }


def test_the_authority_is_there_before_the_operator(stack: TerraformStack) -> None:
    plan = synth(stack)

    (made,) = objects(named(plan, "vault-ca"))
    assert made["spec"]["secretName"] == TRUST
    assert made["metadata"]["namespace"] == NAMESPACE.name
    assert "vault-ca" in after(plan, "vault-secrets-operator")


def test_secrets_and_tokens_are_kept_in_memory_alone(stack: TerraformStack) -> None:
    assert merged(stack)["controller"]["manager"]["clientCache"]["persistenceModel"] == "none"


def test_nobody_borrows_the_operators_rights(stack: TerraformStack) -> None:
    assert merged(stack)["defaultAuthMethod"]["enabled"] is False


def test_two_copies_are_spread_and_never_both_drained(stack: TerraformStack) -> None:
    found = merged(stack)["controller"]

    assert found["replicas"] == 2
    # The chart writes minAvailable beside it unless it is empty, which Kubernetes refuses.
    assert found["podDisruptionBudget"] == {
        "enabled": True,
        "maxUnavailable": "1",
        "minAvailable": "",
    }
    keys = [spread["topologyKey"] for spread in found["topologySpreadConstraints"]]
    assert "topology.kubernetes.io/zone" in keys


def test_a_single_copy_has_no_budget(stack: TerraformStack) -> None:
    found = merged(stack, Availability.SINGLE)["controller"]

    assert found["replicas"] == 1
    assert found["podDisruptionBudget"]["enabled"] is False


def test_a_restricted_namespace_admits_its_pods(stack: TerraformStack) -> None:
    found = merged(stack)["controller"]

    assert NAMESPACE.pod_security == "restricted"
    assert found["podSecurityContext"] == {
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert found["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert found["securityContext"]["allowPrivilegeEscalation"] is False


@pytest.mark.parametrize("availability", Availability)
def test_the_chart_knows_every_value(
    stack: TerraformStack, availability: Availability, tmp_path: Path
) -> None:
    found = {"operator": merged(stack, availability)}

    assert complaints("vault-secrets-operator", found, tmp_path) == []


def test_the_definitions_know_every_object(stack: TerraformStack, tmp_path: Path) -> None:
    assert mistakes(objects(named(synth(stack), "vault-ca")), tmp_path) == []
