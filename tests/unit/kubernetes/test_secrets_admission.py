"""What Git holds of secrets stays in its namespace, and is admitted as it is rendered."""

import copy
from pathlib import Path
from typing import Any

from modules.kubernetes.admission.secrets import (
    OTHERS,
    SYNCED,
    vault_auths,
    vault_others,
    vault_secrets,
)
from modules.kubernetes.secrets import synced_secrets, vault_guardrails

import pytest
import yaml

from tests.support.admitted import changed
from tests.support.cel import Admission
from tests.support.chart_values import CHARTS
from tests.support.core_kinds import core_mistakes
from tests.support.vault_tenants import shop, shop_eu

POLICIES = [
    manifest.as_dict()
    for policy in (vault_secrets(), vault_auths(), vault_others())
    for manifest in policy.manifests()
]
ADMISSION = Admission(POLICIES)
OBJECTS = [
    manifest.as_dict()
    for one in (shop(), shop_eu())
    for manifest in (
        *vault_guardrails(one),
        *(found for each in one.services for found in synced_secrets(each)),
    )
]


def refusals(found: dict[str, Any]) -> list[str]:
    return ADMISSION.refusals(found, found["kind"].lower() + "s")


def one(kind: str, name: str) -> dict[str, Any]:
    (found,) = (
        each
        for each in OBJECTS
        if (each["kind"], each["metadata"]["namespace"], each["metadata"]["name"])
        == (kind, "shop", name)
    )
    return copy.deepcopy(found)


def test_the_policies_are_valid_and_say_what_to_do() -> None:
    assert core_mistakes(POLICIES) == []
    for policy in POLICIES[::2]:
        for check in policy["spec"]["validations"]:
            assert len(check["expression"]) < 2000
            assert len(check["message"]) > 40
            assert "\n" not in check["message"]


def test_all_that_is_rendered_is_admitted() -> None:
    assert len(OBJECTS) > 5
    for each in OBJECTS:
        assert refusals(each) == [], each["metadata"]


@pytest.mark.parametrize("kind", ["VaultStaticSecret", "VaultDynamicSecret"])
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec.vaultAuthRef", "shop-eu/orders"),
        ("spec.vaultAuthRef", ""),
        ("spec.vaultAuthRef", "catalog"),
        ("spec.namespace", "root"),
        ("spec.mount", "sys"),
        ("spec.path", "shop-eu/stripe"),
        ("spec.path", "creds/shop-eu.orders.db"),
        ("spec.path", "shop/../shop-eu/stripe"),
        ("spec.path", "creds/shop.catalog.db"),
        ("spec.destination.name", "catalog.stripe"),
        ("spec.destination.create", False),
        ("spec.destination.overwrite", True),
        ("spec.destination.type", "kubernetes.io/service-account-token"),
    ],
)
def test_a_secret_of_git_reaches_no_other_namespace_service_or_secret(
    kind: str, path: str, value: object
) -> None:
    name = {"VaultStaticSecret": "orders.stripe", "VaultDynamicSecret": "orders.db"}[kind]
    found = changed(one(kind, name), path, value)

    assert refusals(found) != []


def test_a_secret_that_names_no_way_to_vault_is_refused() -> None:
    found = one("VaultStaticSecret", "orders.stripe")
    del found["spec"]["vaultAuthRef"]

    assert len(refusals(found)) == 1


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec.allowedNamespaces", ["*"]),
        ("spec.allowedNamespaces", ["shop-eu"]),
        ("spec.vaultConnectionRef", "evil"),
        ("spec.vaultAuthGlobalRef", {"name": "evil"}),
        ("spec.storageEncryption", {"mount": "x", "keyName": "y"}),
        ("spec.method", "jwt"),
        ("spec.kubernetes.serviceAccount", "catalog"),
        ("spec.kubernetes.role", "ekp-vault-configure"),
        ("spec.kubernetes.role", "service-shop-eu.orders"),
    ],
)
def test_a_way_to_vault_is_the_services_own(path: str, value: object) -> None:
    assert len(refusals(changed(one("VaultAuth", "orders"), path, value))) == 1


@pytest.mark.parametrize("resource", OTHERS)
def test_nothing_else_of_the_operator_is_admitted(resource: str) -> None:
    found = {
        "apiVersion": "secrets.hashicorp.com/v1beta1",
        "metadata": {"name": "evil", "namespace": "shop"},
        "spec": {},
    }

    assert len(ADMISSION.refusals(found, resource)) == 1


def test_all_kinds_of_the_operator_are_known() -> None:
    folder = CHARTS / "vault-secrets-operator" / "crds"
    if not folder.is_dir():
        pytest.skip(f"the definitions are not at hand: {folder} is missing")
    kinds = [yaml.safe_load(file.read_text())["spec"] for file in Path(folder).glob("*.yaml")]

    assert {kind["names"]["plural"] for kind in kinds} == {*OTHERS, *SYNCED, "vaultauths"}
    assert {v["name"] for kind in kinds for v in kind["versions"]} == {"v1beta1"}
