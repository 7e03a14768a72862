"""Who may do what in Vault: each service its own secrets, each tenant's people their own."""

from modules.core.secrets import Secret
from modules.core.tenants import Tenancy
from modules.core.vault_policies import PLATFORM_ADMIN, PLATFORM_VIEWER, vault_policies

import pytest

from ekp.evaluate.request import Unsupported
from ekp.evaluate.vault import Policy, login, may, sign_in
from tests.support.tenants import tenancy, tenant
from tests.support.vault_tenants import ENTRA, service, shop, shop_eu, states

EVERY = ("create", "read", "update", "patch", "delete", "list")
TENANCIES = (shop(), shop_eu())
POLICIES = vault_policies(TENANCIES)
STATES = states(*TENANCIES)
SERVICES = {name: body for one in STATES.values() for name, body in one.service_roles.items()}
PEOPLE = {name: body for one in STATES.values() for name, body in one.people_roles.items()}


def allowed(names: tuple[str, ...], path: str, *parameters: str) -> list[str]:
    return [one for one in EVERY if may(POLICIES, names, one, path, parameters=parameters).allowed]


def as_service(namespace: str, name: str) -> tuple[str, ...]:
    return login(SERVICES, name, namespace)


def as_person(tenancy: Tenancy, role: str) -> tuple[str, ...]:
    return sign_in(PEOPLE, getattr(tenancy.tenant.groups, role))


def rules(**paths: list[str]) -> Policy:
    return {"path": {path: {"capabilities": found} for path, found in paths.items()}}


def test_a_service_reads_its_own_secrets_and_no_other() -> None:
    names = as_service("shop", "orders")

    assert names == ("service-shop.orders",)
    assert allowed(names, "tenants/data/shop/stripe") == ["read"]
    assert allowed(names, "databases/creds/shop.orders.db") == ["read"]
    for path in (
        "tenants/data/shop/other",
        "tenants/data/shop/stripe/more",
        "tenants/data/shop-data/mail",
        "tenants/data/shop-eu/stripe",
        "tenants/metadata/shop/stripe",
        "tenants/metadata/shop",
        "databases/creds/shop-eu.orders.db",
        "databases/creds/shop.orders.db2",
        "databases/config/shop.eu-orders",
        "sys/mounts",
    ):
        assert allowed(names, path) == [], path


def test_a_service_without_secrets_and_a_service_account_of_no_service_get_nothing() -> None:
    assert as_service("shop", "catalog") == ()
    assert as_service("shop", "default") == ()
    assert as_service("default", "orders") == ()
    assert login(SERVICES, "orders", "shop", audience="https://kubernetes.default.svc") == ()


@pytest.mark.requirement("R43")
@pytest.mark.parametrize("role", ["admin", "developer", "viewer"])
def test_the_people_of_a_tenant_reach_nothing_of_another(role: str) -> None:
    for own, other in (TENANCIES, TENANCIES[::-1]):
        names = as_person(own, role)
        for space in other.namespaces:
            for engine in ("data", "metadata", "delete", "undelete", "destroy"):
                assert allowed(names, f"tenants/{engine}/{space}/stripe") == []
                assert allowed(names, f"tenants/{engine}/{space}") == []
        for name in other.settings.databases:
            for does in ("config", "rotate-root", "reset"):
                assert allowed(names, f"databases/{does}/{other.name}.{name}") == []
        for path in (
            "tenants/metadata",
            "databases/config",
            "sys/policies/acl/x",
            "auth/oidc/role/x",
        ):
            assert allowed(names, path) == [], path


@pytest.mark.requirement("R43")
def test_services_reach_nothing_of_another_tenant() -> None:
    secrets = {
        one.namespace: [*POLICIES[f"service-{one.namespace}.{one.name}"]["path"]]
        for own in TENANCIES
        for one in own.services
        if one.secrets
    }

    assert secrets.keys() == {"shop", "shop-data", "shop-eu"}
    for name, role in SERVICES.items():
        (namespace,) = role["bound_service_account_namespaces"]
        for other, paths in secrets.items():
            found = [path for path in paths if allowed((name,), path)]
            service = "alert-receivers" not in name
            assert found == (paths if other == namespace and service else [])


def test_where_a_tenants_alerts_go_is_read_by_an_account_of_its_own() -> None:
    names = as_service("shop", "alert-receivers")

    assert allowed(names, "tenants/data/shop/alert-receivers") == ["read"]
    for path in (
        "tenants/data/shop/stripe",
        "tenants/data/shop-data/alert-receivers",
        "tenants/data/shop-eu/alert-receivers",
    ):
        assert allowed(names, path) == []
    assert allowed(as_service("shop", "orders"), "tenants/data/shop/alert-receivers") == []


def test_admins_keep_their_secrets() -> None:
    names = as_person(shop(), "admin")

    for space in ("shop", "shop-data"):
        assert allowed(names, f"tenants/data/{space}/stripe") == [
            "create", "read", "update", "patch", "delete",
        ]  # fmt: skip
        assert allowed(names, f"tenants/metadata/{space}/stripe") == [*EVERY]
        assert allowed(names, f"tenants/metadata/{space}") == ["list"]
        assert allowed(names, f"tenants/undelete/{space}/stripe") == ["update"]


def test_admins_say_how_vault_signs_in_to_their_database_and_nothing_else_of_it() -> None:
    names = as_person(shop(), "admin")
    path = "databases/config/shop.eu-orders"

    assert allowed(names, path, "username", "password", "tls_ca") == ["read", "update"]
    for parameter in ("connection_url", "plugin_name", "allowed_roles", "root_rotation_statements"):
        assert allowed(names, path, "username", parameter) == []
    assert allowed(names, "databases/rotate-root/shop.eu-orders") == ["update"]
    assert allowed(names, "databases/creds/shop.orders.db") == []
    assert allowed(names, "databases/roles/shop.orders.db") == []


def test_developers_see_which_secrets_there_are_and_no_value() -> None:
    names = as_person(shop(), "developer")

    assert allowed(names, "tenants/metadata/shop") == ["list"]
    assert allowed(names, "tenants/metadata/shop/stripe") == ["read", "list"]
    assert allowed(names, "tenants/data/shop/stripe") == []
    assert allowed(names, "databases/config/shop.eu-orders") == []


def test_viewers_and_strangers_do_not_sign_in() -> None:
    assert as_person(shop(), "viewer") == ()
    assert sign_in(PEOPLE, ["00000000-0000-0000-0000-0000000000ff"]) == ()


def test_who_runs_the_platform_reads_no_secret_and_gives_nobody_rights() -> None:
    admin = sign_in(PEOPLE, ENTRA.admins)
    viewer = sign_in(PEOPLE, ENTRA.viewers)

    assert (admin, viewer) == ((PLATFORM_ADMIN,), (PLATFORM_VIEWER,))
    for names in (admin, viewer):
        for path in (
            "tenants/data/shop/stripe",
            "databases/creds/shop.orders.db",
            "sys/raw/core",
            "sys/generate-root/attempt",
        ):
            assert allowed(names, path) == [], path
        for path in ("sys/policies/acl/x", "auth/kubernetes/role/x", "auth/oidc/role/x"):
            assert set(allowed(names, path)) <= {"read", "list"}
        assert not may(POLICIES, names, "delete", "sys/audit/file").allowed
    assert may(POLICIES, admin, "sudo", "sys/leases/revoke-prefix/databases/creds/x").allowed
    assert allowed(admin, "databases/config/shop.eu-orders", "connection_url") == ["delete"]
    assert allowed(viewer, "tenants/metadata/shop") == []


def test_names_of_two_tenants_never_meet() -> None:
    one = tenancy(tenant("a", services=(service("a", "b-c", Secret(name="d")),)))
    other = tenancy(tenant("a-b", services=(service("a-b", "c", Secret(name="d")),)))
    names = [
        set(vault_policies([each])) - {PLATFORM_ADMIN, PLATFORM_VIEWER} for each in (one, other)
    ]

    assert names[0] & names[1] == set()


def test_deny_takes_away_what_another_policy_allows() -> None:
    policies = {"a": rules(**{"x/*": ["read"]}), "b": rules(**{"x/*": ["deny"]})}

    assert may(policies, ["a"], "read", "x/y").allowed
    assert not may(policies, ["a", "b"], "read", "x/y").allowed


def test_capabilities_of_one_path_are_joined() -> None:
    policies = {"a": rules(**{"x/*": ["read"]}), "b": rules(**{"x/*": ["update"]})}

    assert all(may(policies, "ab", one, "x/y").allowed for one in ("read", "update"))


@pytest.mark.parametrize(
    ("wins", "loses"),
    [
        ("x/y", "x/*"),
        ("x/y", "x/+"),
        ("x/y*", "x/*"),
        ("x/+", "x/*"),
        ("x/y*", "+/y"),
        ("x/+/z", "+/y/z"),
        ("x/+/z", "x/+/*"),
        ("x/+/z", "x/+/+"),
        ("x/+/za*", "x/+/z*"),
    ],
)
def test_the_most_specific_rule_alone_decides(wins: str, loses: str) -> None:
    path = {"x/+/z": "x/y/z", "x/+/za*": "x/y/za"}.get(wins, "x/y")

    for first, second in ((wins, loses), (loses, wins)):
        policies = {"a": rules(**{first: ["read"]}), "b": rules(**{second: ["update"]})}
        decided = may(policies, "ab", "read", path).allowed
        assert decided is (first == wins)
        assert may(policies, "ab", "update", path).allowed is (second == wins)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("x/*", "x/y/z", "matches"),
        ("x/*", "xy/z", "not"),
        ("x*", "xy/z", "matches"),
        ("x/+", "x/y", "matches"),
        ("x/+", "x/y/z", "not"),
        ("x/+/z", "x/y/z", "matches"),
        ("x/+/*", "x/y/z/w", "matches"),
        ("x/y", "x/y/z", "not"),
        ("/x/y", "x/y", "matches"),
    ],
)
def test_wildcards_match_as_vault_says(pattern: str, path: str, matches: str) -> None:
    found = may({"a": rules(**{pattern: ["read"]})}, "a", "read", path)

    assert found.allowed is (matches == "matches")


def test_what_is_listed_is_met_with_and_without_a_slash() -> None:
    for pattern in ("x/y/*", "x/y", "x/y/"):
        assert may({"a": rules(**{pattern: ["list"]})}, "a", "list", "x/y").allowed, pattern
    assert not may({"a": rules(**{"x/y/z": ["list"]})}, "a", "list", "x/y").allowed


def test_what_is_not_understood_is_refused() -> None:
    for policy in (
        {"path": {"x": {"capabilities": ["read"], "control_group": {}}}},
        {"path": {"x": {"capabilities": ["fly"]}}},
        {"path": {"x/+*": {"capabilities": ["read"]}}},
        {"path": {"x": {"capabilities": ["read"], "allowed_parameters": {"y": ["z"]}}}},
    ):
        with pytest.raises(Unsupported):
            may({"a": policy}, "a", "read", "x")
    with pytest.raises(Unsupported):
        may({}, (), "fly", "x")
