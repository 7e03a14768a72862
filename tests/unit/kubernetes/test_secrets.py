"""A service's secrets come from its own place in Vault, by its own account, as files."""

from pathlib import Path
from typing import Any

from modules.core.secrets import Secret
from modules.kubernetes.containers import NONROOT
from modules.kubernetes.secrets import synced_secrets, vault_guardrails
from modules.kubernetes.workload.pods import pod_template

import pytest

from ekp.evaluate.vault import login, may
from tests.support.core_kinds import core_mistakes
from tests.support.custom_resources import mistakes
from tests.support.literal_secrets import secrets
from tests.support.vault_tenants import service, shop, shop_eu, states

ORDERS = shop().services_of("shop")[1]
AUTHS = [manifest.as_dict() for one in (shop(), shop_eu()) for manifest in vault_guardrails(one)]
SYNCED = [
    manifest.as_dict()
    for one in (shop(), shop_eu())
    for each in one.services
    for manifest in synced_secrets(each)
]


def spec(name: str, namespace: str = "shop") -> dict[str, Any]:
    (found,) = (
        one["spec"]
        for one in SYNCED
        if (one["metadata"]["namespace"], one["metadata"]["name"]) == (namespace, name)
    )
    assert isinstance(found, dict)
    return found


def test_the_definitions_know_every_object_and_none_holds_a_secret(tmp_path: Path) -> None:
    assert mistakes([*AUTHS, *SYNCED], tmp_path) == []
    assert list(secrets([*AUTHS, *SYNCED])) == []


def test_a_namespace_has_a_way_to_vault_only_for_services_that_want_secrets() -> None:
    names = [(one["metadata"]["namespace"], one["metadata"]["name"]) for one in AUTHS]

    assert names == [("shop", "orders"), ("shop-data", "reports"), ("shop-eu", "orders")]


@pytest.mark.requirement("R43")
def test_each_secret_is_where_its_service_may_read_it_in_vault() -> None:
    wanted = states(shop(), shop_eu()).values()
    roles = {name: body for one in wanted for name, body in one.service_roles.items()}
    policies = {name: body for one in wanted for name, body in one.policies.items()}
    auths = {
        (one["metadata"]["namespace"], one["metadata"]["name"]): one["spec"]["kubernetes"]
        for one in AUTHS
    }

    for one in SYNCED:
        namespace, found = one["metadata"]["namespace"], one["spec"]
        auth = auths[namespace, found["vaultAuthRef"]]
        role = {auth["role"]: roles[auth["role"]]}
        (audience,) = auth["audiences"]
        names = login(role, auth["serviceAccount"], namespace, audience=audience)
        middle = "/data/" if one["kind"] == "VaultStaticSecret" else "/"
        path = f"{found['mount']}{middle}{found['path']}"
        assert may(policies, names, "read", path).allowed, path


def test_a_way_to_vault_is_of_use_in_its_own_namespace_only() -> None:
    for one in AUTHS:
        assert "allowedNamespaces" not in one["spec"]
        assert "vaultConnectionRef" not in one["spec"]


def test_what_people_put_is_looked_at_as_often_as_the_service_wants() -> None:
    found = spec("orders.stripe")

    assert (found["mount"], found["path"], found["type"]) == ("tenants", "shop/stripe", "kv-v2")
    assert found["refreshAfter"] == "3600s"


def test_credentials_are_made_for_this_service_alone() -> None:
    found = spec("orders.db")

    assert (found["mount"], found["path"]) == ("databases", "creds/shop.orders.db")


def test_pods_are_started_anew_after_a_change_unless_the_service_reads_again_itself() -> None:
    targets = [{"kind": "argo.Rollout", "name": "orders"}]

    for name in ("orders.stripe", "orders.db"):
        assert spec(name)["rolloutRestartTargets"] == targets
    # Without the digest the operator sees no change and starts nothing anew.
    assert spec("orders.stripe")["hmacSecretData"] is True
    assert "rolloutRestartTargets" not in spec("reports.mail", "shop-data")


def test_no_secret_takes_over_another() -> None:
    first = synced_secrets(service("shop", "a", Secret(name="b-c")))
    second = synced_secrets(service("shop", "a-b", Secret(name="c")))
    names = {one.fields["spec"]["destination"]["name"] for one in (*first, *second)}

    assert len(names) == 2
    for one in SYNCED:
        into = one["spec"]["destination"]
        assert (into["create"], into["overwrite"]) == (True, False)


def test_containers_find_each_secret_in_its_folder_and_cannot_change_it() -> None:
    pod = pod_template(ORDERS)["spec"]
    volumes = {one["name"]: one["secret"] for one in pod["volumes"] if "secret" in one}
    mounts = {one["name"]: one for one in pod["containers"][0]["volumeMounts"]}

    assert {mounts[name]["mountPath"]: one["secretName"] for name, one in volumes.items()} == {
        "/secrets/stripe": "orders.stripe",
        "/secrets/db": "orders.db",
    }
    assert all(mounts[name]["readOnly"] for name in volumes)
    made = {one["spec"]["destination"]["name"] for one in SYNCED}
    assert {one["secretName"] for one in volumes.values()} <= made


def test_files_of_secrets_are_for_the_containers_group_alone() -> None:
    pod = pod_template(ORDERS)["spec"]
    modes = {one["secret"]["defaultMode"] for one in pod["volumes"] if "secret" in one}

    assert modes == {0o440}
    assert pod["securityContext"]["fsGroup"] == NONROOT == pod["securityContext"]["runAsGroup"]
    made = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "orders"}, "spec": pod}
    assert core_mistakes([made]) == []


def test_a_service_without_secrets_has_none_of_it() -> None:
    found = service("shop", "catalog")
    pod = pod_template(found)["spec"]

    assert synced_secrets(found) == []
    assert [one["name"] for one in pod["volumes"]] == ["tmp"]
    assert "fsGroup" not in pod["securityContext"]
