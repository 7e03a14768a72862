"""The job that configures Vault, run for real beside a Vault that keeps its state in a file."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.core.tenants import Tenancy
from modules.kubernetes.vault_configure import CLIENT_SECRET, configuration
from modules.kubernetes.vault_pods import script
from modules.kubernetes.vault_state import VaultState

import pytest

from ekp.evaluate.vault import may
from tests.support.vault_tenants import shop, shop_eu, states

SECRET = "the-client-secret-of-entra"
# What it keeps is below WORLD: a folder for each path, with what was written as a whole and a file
# for each key that was written by itself. What it did, as capability and path, is in WORLD/calls.
VAULT = r"""#!/bin/sh
text="$*"
did() { # did CAPABILITY PATH
    printf '%s\t%s\t%s\n' "$1" "$2" "$text" >>"$WORLD/calls"
    ! grep -qsx "$2" "$WORLD/failing" || { echo "Error: Code: 500" >&2; exit 2; }
}
place() { echo "$WORLD/data/$(echo "$1" | tr / _)"; }
kind() { [ "$1" = auth ] && echo sys/auth || echo sys/mounts; }
case "$1 $2" in "write -field=token") echo hvs.configure; exit 0 ;; esac
[ "$VAULT_TOKEN" = hvs.configure ] || exit 3
case "$1 $2" in
"token revoke") : >"$WORLD/revoked" ;;
"secrets list" | "auth list")
    did read "$(kind "$1")"
    for name in $(cat "$WORLD/$1"); do echo "  \"$name\": {},"; done
    ;;
"secrets enable" | "auth enable")
    path=${3#-path=}
    did update "$(kind "$1")/$path"
    ! grep -qx "$path/" "$WORLD/$1" || { echo "path is already in use" >&2; exit 2; }
    echo "$path/" >>"$WORLD/$1"
    ;;
"list -format=json")
    did list "$3"
    start=$(place "$3")_
    names=
    for file in "$start"*; do
        [ ! -e "$file" ] || names="$names${names:+,
}  \"${file#"$start"}\""
    done
    [ -n "$names" ] || { echo "{}"; exit 2; }
    printf '[\n%s\n]\n' "$names"
    ;;
"delete "*) did delete "$2"; rm -r "$(place "$2")" ;;
"write "*)
    at=$(place "$2")
    does=create
    case $2 in sys/*) does=update ;; *) [ ! -e "$at" ] || does=update ;; esac
    did "$does" "$2"
    mkdir -p "$at"
    cp "${3#@}" "$at/written"
    shift 3
    for pair in "$@"; do
        value=${pair#*=}
        case $value in
        @*) cp "${value#@}" "$at/${pair%%=*}" ;;
        *) printf %s "$value" >"$at/${pair%%=*}" ;;
        esac
    done
    echo "Success!"
    ;;
*) exit 4 ;;
esac
"""


def writes(*tenancies: Tenancy) -> dict[str, Any]:
    return {k: v for one in states(*tenancies).values() for k, v in one.writes().items()}


@dataclass
class World:
    """The folder of Vault's state, and a pod beside it."""

    folder: Path

    def desire(self, wanted: Mapping[str, VaultState]) -> None:
        """Mount the files of the ConfigMaps."""
        desired = self.folder / "desired"
        desired.mkdir(exist_ok=True)
        for file in desired.iterdir():
            file.unlink()
        for manifest in configuration("vault:2.0.4", wanted, schedule="@daily"):
            for name, text in manifest.fields.get("data", {}).items():
                (desired / name).write_text(text)

    def given(self, *tenancies: Tenancy) -> None:
        """Let Vault be as a run for these tenants leaves it."""
        self._write("secrets", "tenants/\ndatabases/\n")
        self._write("auth", "kubernetes/\noidc/\n")
        for path, body in writes(*tenancies).items():
            self._write(f"data/{path.replace('/', '_')}/written", json.dumps(body))

    def fails(self, path: str) -> None:
        """Let Vault fail at a path."""
        self._write("failing", path)

    def _write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def run(self) -> "subprocess.CompletedProcess[str]":
        environment = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "WORLD": str(self.folder),
            "VAULT_JWT": "/dev/null",
            "DESIRED": str(self.folder / "desired"),
            "CLIENT_SECRET": str(self.folder / "client-secret"),
            "SECRETS": "tenants",
            "DATABASES": "databases",
        }
        return subprocess.run(
            ["sh", "-c", script("configure")],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def configured(
        self, *tenancies: Tenancy, **settings: Any
    ) -> "subprocess.CompletedProcess[str]":
        self.desire(states(*tenancies, **settings))
        return self.run()

    @property
    def data(self) -> dict[str, Any]:
        """What Vault holds, by path."""
        return {
            each.name.replace("_", "/"): {
                **{key.name: key.read_text() for key in each.iterdir() if key.name != "written"},
                **json.loads((each / "written").read_text()),
            }
            for each in (self.folder / "data").iterdir()
        }

    def lines(self, name: str) -> list[str]:
        return (self.folder / name).read_text().splitlines()

    def write(self, path: str, **values: str) -> None:
        """Write to Vault by hand."""
        at = f"data/{path.replace('/', '_')}"
        if not (self.folder / at).exists():
            self._write(f"{at}/written", "{}")
        for key, value in values.items():
            self._write(f"{at}/{key}", value)

    @property
    def calls(self) -> list[tuple[str, str, str]]:
        """Capability, path and command of each."""
        found = [line.split("\t") for line in self.lines("calls")]
        return [(capability, path, text) for capability, path, text in found]


@pytest.fixture
def world(tmp_path: Path) -> World:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "vault"
    program.write_text(VAULT)
    program.chmod(0o755)
    (tmp_path / "client-secret").write_text(SECRET)
    (tmp_path / "secrets").write_text("")
    (tmp_path / "auth").write_text("kubernetes/\n")
    (tmp_path / "data").mkdir()
    return World(tmp_path)


def test_vault_becomes_what_the_tenants_say_and_a_second_run_changes_nothing(world: World) -> None:
    first = world.configured(shop(), shop_eu())
    made = world.data
    second = world.run()

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert world.lines("secrets") == ["tenants/", "databases/"]
    wanted = writes(shop(), shop_eu())
    wanted["auth/oidc/config"] = {**wanted["auth/oidc/config"], "oidc_client_secret": SECRET}
    assert made == wanted
    assert world.data == made
    assert "removed" not in second.stderr


def test_what_was_of_a_tenant_that_is_gone_goes_and_nobody_elses(world: World) -> None:
    world.given(shop(), shop_eu())
    world.write("sys/policies/acl/ekp-vault-snapshot", policy="")
    world.write("sys/policies/acl/default", policy="")
    world.write("auth/kubernetes/role/ekp-vault-snapshot", audience="vault")
    before = world.data
    done = world.configured(shop())

    gone = set(before) - set(world.data)
    assert done.returncode == 0, done.stderr
    assert gone == {
        "auth/kubernetes/role/service-shop-eu.alert-receivers",
        "auth/kubernetes/role/service-shop-eu.orders",
        "auth/oidc/role/tenant-shop-eu-admin",
        "auth/oidc/role/tenant-shop-eu-developer",
        "databases/roles/shop-eu.orders.db",
        "sys/policies/acl/service-shop-eu.alert-receivers",
        "sys/policies/acl/service-shop-eu.orders",
        "sys/policies/acl/tenant-shop-eu-admin",
        "sys/policies/acl/tenant-shop-eu-developer",
    }
    kept = {path: body for path, body in before.items() if path not in gone}
    kept["auth/oidc/config"] = world.data["auth/oidc/config"]
    assert world.data == kept
    # It may hold the only copy of a password.
    assert "databases/config/shop-eu.orders is of no tenant any more" in done.stderr
    assert "databases/config/shop.eu-orders" not in done.stderr


def test_the_name_and_password_that_people_put_are_never_overwritten(world: World) -> None:
    world.given(shop())
    world.write("databases/config/shop.eu-orders", username="root", password="put-by-hand")
    world.configured(shop())

    found = world.data["databases/config/shop.eu-orders"]
    assert (found["username"], found["password"]) == ("root", "put-by-hand")


def test_what_somebody_changed_by_hand_is_taken_back(world: World) -> None:
    path = "sys/policies/acl/tenant-shop-developer"
    world.given(shop())
    (world.folder / "data" / path.replace("/", "_") / "written").write_text('{"policy": "all"}')
    world.configured(shop())

    assert world.data[path] == writes(shop())[path]


def test_without_the_applications_secret_nobody_signs_in_and_the_job_says_so(world: World) -> None:
    (world.folder / "client-secret").unlink()
    done = world.configured(shop())

    assert done.returncode == 0, done.stderr
    assert world.lines("auth") == ["kubernetes/"]
    assert not any(path.startswith("auth/oidc") for path in world.data)
    assert f"Secret {CLIENT_SECRET} has no key client-secret" in done.stderr


def test_the_applications_secret_is_neither_said_nor_seen_among_the_arguments(world: World) -> None:
    done = world.configured(shop())

    assert world.data["auth/oidc/config"]["oidc_client_secret"] == SECRET
    assert SECRET not in done.stdout + done.stderr
    assert not any(SECRET in call[2] for call in world.calls)


def test_without_an_application_nobody_signs_in_any_more(world: World) -> None:
    world.given(shop())
    world.configured(shop(), entra=None)

    assert [path for path in world.data if path.startswith("auth/oidc/role/")] == []


@pytest.mark.parametrize(
    "path",
    [
        "sys/policies/acl/tenant-shop-eu-admin",
        "auth/kubernetes/role",
        "databases/roles",
        "sys/mounts",
    ],
)
def test_the_job_fails_with_what_vault_refuses_and_removes_nothing(world: World, path: str) -> None:
    world.given(shop(), shop_eu())
    before = set(world.data)
    world.fails(path)
    done = world.configured(shop_eu())

    assert done.returncode != 0
    policies = {name for name in before if name.startswith("sys/policies/acl/")}
    assert policies <= set(world.data)


def test_the_token_is_given_back_also_after_a_failure(world: World) -> None:
    world.fails("sys/mounts")
    world.configured(shop())

    assert (world.folder / "revoked").exists()


def own_policy() -> dict[str, Any]:
    """Return the policy that the init script gives to the job."""
    text = (
        script("init").partition("policy write ekp-vault-configure")[2].partition("\nPOLICY\n")[0]
    )
    rules = re.findall(r'^path "(.+)" \{ capabilities = (\[.+\]) \}$', text, re.MULTILINE)
    assert len(rules) == text.count("path ")
    return {"path": {path: {"capabilities": json.loads(found)} for path, found in rules}}


def test_the_jobs_policy_is_just_what_it_needs(world: World) -> None:
    world.configured(shop(), shop_eu())
    world.configured(shop())
    policies = {"own": own_policy()}
    used = set()

    for capability, path, text in world.calls:
        found = may(policies, ["own"], capability, path)
        assert found.allowed, f"{capability} {path}: {found.why}"
        used.add(found.by.split()[-1])
        if text.startswith("auth enable"):
            assert may(policies, ["own"], "sudo", path).allowed
    assert used == set(policies["own"]["path"])


@pytest.mark.parametrize("capability", ["create", "read", "update", "delete", "list", "patch"])
@pytest.mark.parametrize(
    "path",
    [
        "tenants/data/shop/stripe",
        "tenants/metadata/shop/stripe",
        "tenants/destroy/shop/stripe",
        "databases/creds/shop.orders.db",
        "databases/rotate-root/shop.eu-orders",
        "sys/policies/acl/ekp-vault-configure",
        "sys/policies/acl/default",
        "auth/kubernetes/role/ekp-vault-snapshot",
        "auth/kubernetes/config",
        "auth/token/create",
        "sys/audit/file",
        "sys/storage/raft/snapshot",
        "sys/mounts/other",
        "sys/generate-root/attempt",
    ],
)
def test_the_job_reads_no_secret_and_touches_nothing_of_the_platform(
    capability: str, path: str
) -> None:
    assert not may({"own": own_policy()}, ["own"], capability, path).allowed


@pytest.mark.parametrize("path", ["sys/mounts/tenants", "sys/mounts/databases", "sys/auth/oidc"])
def test_the_job_cannot_delete_an_engine_or_a_method(path: str) -> None:
    assert not may({"own": own_policy()}, ["own"], "delete", path).allowed


def test_the_job_cannot_delete_a_connection_nor_read_it() -> None:
    for capability in ("delete", "read"):
        path = "databases/config/shop.eu-orders"
        assert not may({"own": own_policy()}, ["own"], capability, path).allowed
