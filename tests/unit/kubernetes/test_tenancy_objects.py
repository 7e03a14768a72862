"""What guards a tenant is valid, is its own, and goes with it."""

import json
from pathlib import Path

from modules.core import helm_size
from modules.core.alerts import Channel, Severity
from modules.core.services import Service
from modules.core.tenants import TenantEnvironment
from modules.kubernetes.guardrails import tenant_guardrails
from modules.kubernetes.manifest import Manifest
from modules.kubernetes.tenancy import tenant_objects

import pytest

from tests.support.core_kinds import core_mistakes
from tests.support.custom_resources import mistakes
from tests.support.shop import GUARDED, SITE
from tests.support.tenants import tenancy, tenant

IMAGE = "registry.example.org/shop/catalog:1.4.2"
BATCH = Service(name="nightly", namespace="shop-batch", image=IMAGE)
WAYS = dict.fromkeys(Severity, Channel.SLACK)
SHOP = tenancy(
    tenant(
        "shop",
        services=(GUARDED, BATCH),
        environments={"prod": TenantEnvironment(alerts=WAYS)},
    )
)
BILLING = tenancy(tenant("billing"))


def names(manifests: list[Manifest]) -> list[tuple[str, str, str | None, str]]:
    return [(one.api_version, one.kind, one.namespace, one.name) for one in manifests]


@pytest.mark.requirement("R34")
def test_every_object_is_what_its_api_takes(tmp_path: Path) -> None:
    found = [m.as_dict() for m in tenant_objects(SHOP, debugging=True)]

    assert core_mistakes(found) == []
    assert mistakes(found, tmp_path) == []


@pytest.mark.requirement("R34")
def test_each_namespace_has_amounts_roles_and_routes() -> None:
    found = tenant_objects(SHOP)

    for namespace in SHOP.namespaces:
        kinds = sorted(one.kind for one in found if one.namespace == namespace)
        assert [kind for kind in kinds if kind != "ConfigMap"] == [
            "AlertmanagerConfig",
            "LimitRange",
            "ResourceQuota",
            "Role",
            "Role",
            "RoleBinding",
            "RoleBinding",
            "ServiceAccount",
            "VaultAuth",
            "VaultStaticSecret",
        ]


@pytest.mark.requirement("R34")
def test_a_tenants_guardrails_bring_its_quotas_and_roles() -> None:
    kept = names(tenant_guardrails(SHOP, SITE))

    assert set(names(tenant_objects(SHOP))) < set(kept)
    assert len(kept) == len(set(kept))
    assert kept[0] == ("v1", "Namespace", None, SHOP.namespaces[0])


@pytest.mark.requirement("R34")
def test_two_tenants_share_no_object() -> None:
    ours, theirs = (tenant_guardrails(one, SITE) for one in (SHOP, BILLING))

    assert set(names(ours)).isdisjoint(names(theirs))
    others = set(BILLING.namespaces)
    assert others.isdisjoint({one.namespace for one in tenant_objects(SHOP)})


def test_what_is_not_in_a_namespace_of_the_tenant_is_called_by_it() -> None:
    elsewhere = [one for one in tenant_objects(SHOP) if one.namespace is None]

    assert {one.kind for one in elsewhere} == {"ClusterRole", "ClusterRoleBinding"}
    assert {one.name for one in elsewhere} == {"ekp-tenant-shop"}


def test_pods_are_entered_only_where_it_is_said() -> None:
    def resources(*, debugging: bool) -> str:
        return json.dumps([m.fields for m in tenant_guardrails(SHOP, SITE, debugging=debugging)])

    assert "pods/exec" not in resources(debugging=False)
    assert "pods/exec" in resources(debugging=True)


def test_ten_namespaces_of_a_tenant_fit_into_a_release() -> None:
    spaces = tuple(f"shop-{number}" for number in range(10))
    found = tenant_objects(tenancy(tenant("shop", namespaces=spaces)))

    values = json.dumps({"objects": [manifest.as_dict() for manifest in found]})
    assert helm_size.estimate(values) < helm_size.SYNTH_LIMIT / 20
