"""Vault's configuration as data: who signs in as what, and how databases are met."""

import json
import re

from modules.core.secrets import Engine, Secret
from modules.core.vault_policies import platform_policies, vault_policies
from modules.kubernetes.vault_configure import CLIENT_SECRET, configuration
from modules.kubernetes.vault_databases import connection_body, role_body
from modules.kubernetes.vault_state import VaultState, hcl, platform_state, tenant_state

import pytest
from pydantic import ValidationError

from tests.support.literal_secrets import secrets
from tests.support.vault_tenants import ENTRA, HOST, database, shop, shop_eu, states

STATE = tenant_state(shop(), host=HOST, entra=ENTRA)


def test_a_service_signs_in_by_its_own_account_with_a_token_made_for_vault() -> None:
    role = STATE.service_roles["service-shop.orders"]

    assert set(STATE.service_roles) == {
        "service-shop.orders",
        "service-shop-data.reports",
        "service-shop.alert-receivers",
        "service-shop-data.alert-receivers",
    }
    assert role["bound_service_account_names"] == ["orders"]
    assert role["bound_service_account_namespaces"] == ["shop"]
    assert role["audience"] == "vault"
    assert role["token_policies"] == ["service-shop.orders"]


def test_credentials_of_a_database_do_not_end_with_a_token_before_their_time() -> None:
    with_database = STATE.service_roles["service-shop.orders"]
    without = STATE.service_roles["service-shop-data.reports"]

    assert with_database["token_period"] == 86_400
    assert with_database["token_max_ttl"] == 0
    assert without["token_period"] == 0
    assert 0 < without["token_ttl"] <= without["token_max_ttl"] <= 3600


def test_people_sign_in_by_their_groups_at_vaults_own_addresses() -> None:
    role = STATE.people_roles["tenant-shop-admin"]

    assert set(STATE.people_roles) == {"tenant-shop-admin", "tenant-shop-developer"}
    assert role["bound_claims"] == {"groups": list(shop().tenant.groups.admin)}
    assert role["token_policies"] == ["tenant-shop-admin"]
    assert role["allowed_redirect_uris"] == [
        f"https://{HOST}/ui/vault/auth/oidc/oidc/callback",
        "http://localhost:8250/oidc/callback",
    ]
    without = tenant_state(shop(), host=None, entra=ENTRA).people_roles["tenant-shop-admin"]
    assert without["allowed_redirect_uris"] == ["http://localhost:8250/oidc/callback"]


def test_the_platforms_people_sign_in_by_the_application() -> None:
    found = platform_state(host=HOST, entra=ENTRA)

    assert found.oidc == {
        "oidc_discovery_url": ENTRA.issuer,
        "oidc_client_id": ENTRA.client_id,
    }
    assert found.people_roles["platform-admin"]["bound_claims"] == {"groups": [*ENTRA.admins]}
    assert found.people_roles["platform-viewer"]["bound_claims"] == {"groups": [*ENTRA.viewers]}


def test_a_group_that_is_empty_has_no_role() -> None:
    nobody = ENTRA.model_copy(update={"viewers": ()})

    assert set(platform_state(host=HOST, entra=nobody).people_roles) == {"platform-admin"}


def test_without_an_application_nobody_signs_in() -> None:
    for state in states(shop(), entra=None).values():
        assert state.oidc is None
        assert state.people_roles == {}


def test_a_tenants_own_services_alone_may_use_its_connection() -> None:
    (name, body), *more = STATE.connections.items()

    assert (name, more) == ("shop.eu-orders", [])
    assert body["allowed_roles"] == ["shop.orders.db"]
    assert STATE.credentials["shop.orders.db"]["db_name"] == "shop.eu-orders"


@pytest.mark.requirement("R43")
@pytest.mark.parametrize("engine", Engine)
def test_credentials_live_as_long_as_the_secret_says_and_no_longer(engine: Engine) -> None:
    body = role_body(database(engine), "shop.orders", 7200)

    assert body["default_ttl"] == body["max_ttl"] == 7200


def test_connections_are_encrypted_and_the_server_proves_its_name() -> None:
    urls = {e: connection_body(database(e), [])["connection_url"] for e in Engine}

    assert urls == {
        Engine.POSTGRESQL: (
            "postgresql://{{username}}:{{password}}@orders.db.example.org:5432/the_orders"
            "?sslmode=verify-full"
        ),
        Engine.MYSQL: (
            "{{username}}:{{password}}@tcp(orders.db.example.org:3306)/the_orders?tls=true"
        ),
    }


@pytest.mark.parametrize("engine", Engine)
def test_a_connection_says_neither_a_user_nor_a_password_and_is_not_tried(engine: Engine) -> None:
    body = connection_body(database(engine), [])

    assert body.keys() == {"plugin_name", "connection_url", "allowed_roles", "verify_connection"}
    assert body["verify_connection"] is False


@pytest.mark.parametrize("engine", Engine)
def test_users_of_a_database_read_and_write_or_read_alone(engine: Engine) -> None:
    writes = " ".join(role_body(database(engine), "c", 7200)["creation_statements"])
    reads = " ".join(role_body(database(engine, read_only=True), "c", 7200)["creation_statements"])

    for word in ("INSERT", "UPDATE", "DELETE"):
        assert word in writes
        assert word not in reads
    assert "SELECT" in reads
    for statements in (writes, reads):
        assert "'{{password}}'" in statements
        assert not re.search("SUPERUSER|CREATEROLE|ALL PRIVILEGES|GRANT OPTION", statements)


def test_a_grant_of_mysql_is_of_one_database_though_its_name_has_a_wildcard() -> None:
    statements = role_body(database(Engine.MYSQL), "c", 7200)["creation_statements"]

    assert r"ON `the\_orders`.*" in statements[1]
    assert "REQUIRE SSL" in statements[0]


def test_a_user_of_postgresql_goes_with_all_that_it_has() -> None:
    statements = role_body(database(), "c", 7200)["revocation_statements"]

    assert [text.split()[0] for text in statements] == ["REASSIGN", "DROP", "DROP"]


def test_policies_are_written_in_vaults_language() -> None:
    found = hcl(vault_policies([shop()])["tenant-shop-admin"])

    assert 'path "tenants/delete/shop/*" {\n  capabilities = ["update"]\n}\n' in found
    assert (
        'path "databases/config/shop.eu-orders" {\n'
        '  capabilities = ["read", "update"]\n'
        '  allowed_parameters = { "username" = [], "password" = [], "tls_ca" = [], '
        '"verify_connection" = [] }\n}\n'
    ) in found


@pytest.mark.parametrize("one", states(shop(), shop_eu()).values())
def test_names_leave_the_prefix_of_the_script_that_initialises_vault_alone(one: VaultState) -> None:
    names = [path.rsplit("/", 1)[1] for path in one.writes()]

    assert names
    assert [name for name in names if name.startswith("ekp-")] == []


def test_each_tenants_state_is_its_own() -> None:
    first, second = (set(one.writes()) for one in (STATE, states(shop_eu())["tenant-shop-eu"]))

    assert first & second == set()
    assert not any(name in path for path in first for name in platform_policies())


def test_paths_come_back_from_the_names_of_their_files() -> None:
    for manifest in configuration("vault:2.0.4", states(shop(), shop_eu()), schedule="@daily"):
        for name, text in manifest.fields.get("data", {}).items():
            assert re.fullmatch(r"[-._a-zA-Z0-9]{1,253}", name)
            assert json.loads(text)
    written = [path for one in states(shop(), shop_eu()).values() for path in one.writes()]
    assert [path for path in written if "_" in path] == []


def test_no_secret_is_in_any_object() -> None:
    found = [
        manifest.as_dict()
        for manifest in configuration("vault:2.0.4", states(shop(), shop_eu()), schedule="@daily")
    ]

    assert list(secrets(found)) == []
    written = [body for one in states(shop()).values() for body in one.writes().values()]
    keys = {key for body in written for key in body}
    assert not {"username", "password", "oidc_client_secret"} & keys
    assert f'"secretName": "{CLIENT_SECRET}"' in json.dumps(found)


def test_credentials_outlive_the_start_of_newer_pods() -> None:
    with pytest.raises(ValidationError, match="1800"):
        Secret(name="db", database="orders", refresh_seconds=600)
    assert Secret(name="mail", refresh_seconds=60).refresh_seconds == 60
