"""Tenants that are fine one by one and not together, or not where they are: refused by path."""

from datetime import date
from pathlib import Path
from typing import Any

from modules.core.config import deferred_validation
from modules.core.entra import EntraApplication
from modules.core.grants import BucketAccess, BucketGrant, Grants
from modules.core.secrets import Database, Engine, Secret
from modules.core.services import Resources, Route, Scaling, Service
from modules.core.tenants import Groups, Quota, Tenant, TenantEnvironment, Variant
from modules.stacks.platform_config import PlatformConfig

import pytest
import yaml

from ekp.synth import project_root
from environments import SettingsError, known_tenants, load, tenant_room, validate
from environments.known_tenants import KnownTenant
from environments.schema import Environment, RegionSettings
from tests.support.settings import written
from tests.support.tenants import group, tenant

TODAY = date(2026, 11, 21)


def service(name: str = "catalog", namespace: str = "shop", **settings: Any) -> Service:
    return Service(
        name=name,
        namespace=namespace,
        image=f"registry.example.org/{namespace}/{name}:1.0.0",
        **settings,
    )


def where(**settings: Any) -> dict[str, TenantEnvironment]:
    """Return that a tenant is in dev, with some settings."""
    return {"dev": TenantEnvironment(**settings)}


def problems(*tenants: Tenant, dev: Environment | None = None) -> tuple[str, ...]:
    """Return what is wrong with the tenants of dev."""
    environment = (dev or written("dev")).model_copy(update={"tenants": tenants})
    try:
        validate((environment,), TODAY)
    except SettingsError as error:
        return error.problems
    return ()


def test_tenants_that_keep_apart_are_valid() -> None:
    late = tenant("late", services=[service(namespace="late")], environments=["dev"])

    assert problems(tenant(services=[service()], environments=["dev"]), late) == ()


def test_a_tenant_is_validated_once_whatever_the_number_of_environments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged: list[str] = []
    known = known_tenants.known

    def counted(one: Tenant) -> KnownTenant:
        judged.append(one.name)
        return known(one)

    monkeypatch.setattr(known_tenants, "known", counted)

    environments, _ = load(TODAY)

    shared = [one.name for environment in environments.values() for one in environment.tenants]
    assert len(shared) > len(set(shared))
    assert sorted(judged) == sorted(set(shared))


def test_two_tenants_of_one_name_are_refused() -> None:
    one = tenant("shop", environments=["dev"])
    other = tenant("shop", environments=["dev"], owner="somebody@example.org", namespaces=("till",))

    assert (
        "tenants.shop.name = 'shop': two tenants are called so; give each a name of its own"
    ) in problems(one, other)


@pytest.mark.parametrize(
    "namespace",
    [
        "istio-ingress",
        "nginx-ingress",
        "observability",
        "argocd",
        "kube-system",
        "cattle-fleet-system",
        "calico-system",
        "default",
    ],
)
def test_a_namespace_of_the_platform_is_no_tenant_s(namespace: str) -> None:
    assert problems(tenant(namespaces=("shop", namespace), environments=["dev"])) == (
        (
            f"tenants.shop.namespaces: namespace {namespace!r} belongs to the platform; use one of "
            "the tenant's own"
        ),
    )


def test_a_tenant_called_as_a_namespace_of_the_platform_is_refused() -> None:
    assert problems(tenant("vault", environments=["dev"])) == (
        (
            "tenants.vault.name: namespace 'vault' belongs to the platform; use one of the "
            "tenant's own"
        ),
    )


def test_a_namespace_has_one_tenant_whatever_environments_they_are_in() -> None:
    late = tenant("late", namespaces=("late", "shop"), environments=["dev"])

    assert problems(tenant(environments=["dev"]), late) == (
        (
            "tenants.late.namespaces: namespace 'shop' is of tenant shop; use one of the tenant's "
            "own"
        ),
    )


def test_a_group_of_two_tenants_would_have_the_rights_of_both() -> None:
    shared = group(7)
    shop = tenant(environments=["dev"], groups=Groups(admin=(group(1),), viewer=(shared,)))
    late = tenant("late", environments=["dev"], groups=Groups(admin=(group(2), shared)))

    assert problems(shop, late) == (
        (
            f"tenants.late.groups.admin[1] = {shared!r}: is a group of tenant shop too, and its "
            "people would have the rights of both; use a group of the tenant's own"
        ),
    )


def test_a_group_that_runs_the_platform_is_no_tenant_s() -> None:
    one = written("dev").regions["eu-west-1"]
    with deferred_validation():
        sign_in = EntraApplication(tenant_id=group(1), client_id=group(2), admins=(group(3),))
        platform = PlatformConfig(metrics={"sign_in": sign_in})
        region = RegionSettings(network=one.network, cluster=one.cluster, platform=platform)
    dev = written("dev", regions={"eu-west-1": region})

    (message,) = problems(tenant(environments=["dev"], groups=Groups(admin=(group(3),))), dev=dev)

    assert message.startswith(
        f"tenants.shop.groups.admin[0] = {group(3)!r}: is a group of the platform too"
    )


def test_an_environment_that_does_not_exist_is_answered_with_those_that_do() -> None:
    assert problems(tenant(environments=["dev", "dve"])) == (
        (
            "tenants.shop.environments.dve: there is no such environment; did you mean dev? there "
            "are dev"
        ),
    )


def test_a_region_that_the_environment_does_not_have_is_refused() -> None:
    assert problems(tenant(environments=where(regions=("eu-west-1", "us-east-1")))) == (
        (
            "tenants.shop.environments.dev.regions: us-east-1 is no region of dev; use eu-west-1, "
            "or leave regions out for all of them"
        ),
    )


def test_services_with_routes_are_in_every_region() -> None:
    one = written("dev").regions
    other = written("dev", region="us-east-1", vpc={"cidr": "10.9.0.0/16"}).regions
    dev = written("dev", regions={**one, **other})
    routed = service(routes=(Route(host="shop"),), access={"public": ("/*",)})
    inside = service("cart")
    here = where(regions=("eu-west-1",))

    assert problems(tenant(services=[inside], environments=here), dev=dev) == ()
    assert problems(tenant(services=[routed, inside], environments=here), dev=dev) == (
        (
            "tenants.shop.environments.dev.regions lacks us-east-1: users of catalog are sent to "
            "any region; leave regions out, or take the routes of catalog away"
        ),
    )


def test_a_variant_or_a_grant_of_no_service_is_refused() -> None:
    grant = BucketGrant(service="cart", bucket="shop-data", access=BucketAccess.READ)
    here = where(services={"catalgo": Variant()}, grants=Grants(buckets=(grant,)))

    assert problems(tenant(services=[service()], environments=here)) == (
        (
            "tenants.shop.environments.dev.services.catalgo: the tenant has no service of this "
            "name; its services are catalog"
        ),
        (
            "tenants.shop.environments.dev.grants.buckets[0].service = 'cart': the tenant has no "
            "service of this name; its services are catalog"
        ),
    )


def test_a_database_is_there_in_every_environment_that_asks_for_it() -> None:
    wants = service(secrets=(Secret(name="db", database="orders"), Secret(name="key")))
    there = Database(engine=Engine.MYSQL, host="db.example.org", database="orders")

    assert problems(tenant(services=[wants], environments=where(databases={"orders": there}))) == ()
    assert problems(tenant(services=[wants], environments=where())) == (
        (
            "tenants.shop.environments.dev.databases lacks 'orders', which secret db of catalog "
            "asks for; add it, or take the secret away"
        ),
    )


def test_a_name_too_long_for_a_role_is_refused_where_the_service_needs_one() -> None:
    long = service("s" * 20, "n" * 32)
    grant = BucketGrant(service="s" * 20, bucket="shop-data", access=BucketAccess.READ)
    here = where(grants=Grants(buckets=(grant,)))

    assert problems(tenant(services=[long], environments=where())) == ()
    assert problems(tenant(services=[long], environments=here)) == (
        (
            f"tenants.shop.services.{'s' * 20}.name = '{'s' * 20}': its role would be called "
            f"ekp-dev-euw1-{'n' * 32}.{'s' * 20}, 66 characters of at most 64; shorten it"
        ),
    )


@pytest.mark.requirement("R34")
def test_a_quota_has_room_for_the_least_pods_and_a_new_version_beside_them() -> None:
    services = [
        # 2 x (450m + 50m), 2 x (512Mi + 512Mi)
        service(scaling=Scaling(min_replicas=2), resources=Resources(cpu="450m", memory="512Mi")),
        # 3 x (50m + 50m), 3 x (256Mi + 512Mi)
        service("cart", resources=Resources(cpu="50m")),
    ]

    def with_quota(**amounts: Any) -> tuple[str, ...]:
        return problems(tenant(services=services, environments=where(quota=Quota(**amounts))))

    path = "tenants.shop.environments.dev.quota"
    assert with_quota(cpu="2300m", memory="6656Mi", pods=8) == ()
    assert with_quota(cpu="2299m", memory="6Gi", pods=7) == (
        (
            f"{path}.cpu = 2299m: namespace shop needs at least 2300m: cart 300m, catalog 1000m "
            "with their proxies, and catalog once more for a new version beside the old; raise it, "
            "or lower min_replicas"
        ),
        (
            f"{path}.memory = 6Gi: namespace shop needs at least 6656Mi: cart 2304Mi, catalog "
            "2048Mi with their proxies, and cart once more for a new version beside the old; raise "
            "it, or lower min_replicas"
        ),
        (
            f"{path}.pods = 7: namespace shop needs at least 8: cart 3, catalog 2, and cart once "
            "more for a new version beside the old; raise it, or lower min_replicas"
        ),
    )


def test_a_variant_s_own_size_is_what_a_quota_is_asked_for() -> None:
    small = Variant(scaling=Scaling(min_replicas=1))
    here = where(services={"catalog": small}, quota=Quota(pods=2))

    assert problems(tenant(services=[service()], environments=here)) == ()


def test_what_the_proxy_takes_is_what_its_chart_is_told() -> None:
    values = yaml.safe_load(Path(project_root(), "helm-values", "istiod.yaml").read_text())
    proxy = values["global"]["proxy"]["resources"]

    assert proxy["requests"]["cpu"] == tenant_room.PROXY_CPU
    assert proxy["limits"]["memory"] == tenant_room.PROXY_MEMORY_LIMIT
