"""Vault's scripts, run for real beside stand-ins of the programs that they call."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from modules.kubernetes.vault import SNAPSHOT
from modules.kubernetes.vault_pods import script

import pytest

ROOT_TOKEN = "hvs.root-of-all"
RECOVERY_KEY = "cmVjb3ZlcnkgbWUgbm93IHBsZWFzZQ=="

# What each keeps is a file in the folder WORLD, so that a test can set and see it.
VAULT = r"""#!/bin/sh
echo "vault $* [$VAULT_ADDR] ${VAULT_TOKEN:+with a token}" >>"$WORLD/calls"
fails() { # fails NAME: as often as the file says
    left=$(cat "$WORLD/fail-$1" 2>/dev/null || echo 0)
    [ "$left" -gt 0 ] || return 1
    echo $((left - 1)) >"$WORLD/fail-$1"
}
place=${VAULT_ADDR#https://}
place=${place%%.*}
case "$*" in
"operator init -status")
    fails "answer-$place" && exit 1
    [ -e "$WORLD/initialised" ] && [ ! -e "$WORLD/new-$place" ] && exit 0
    exit 2
    ;;
"operator init "*)
    [ ! -e "$WORLD/initialised" ] || { echo "already initialised" >&2; exit 2; }
    fails init && exit 2
    touch "$WORLD/initialised"
    echo init >>"$WORLD/inits"
    fails half-answer && { echo '{ "unseal_keys_b64": ['; exit 2; }
    cat "$WORLD/answer"
    ;;
"status -format=json")
    # What Vault says: a standby names the last leader for ever, the leader says that it is one.
    leader=$(cat "$WORLD/leader" 2>/dev/null || echo vault-1)
    echo '{ "sealed": false,'
    [ "$place" != "$leader" ] || fails election || echo '"is_self": true,'
    echo '"leader_address": "https://vault-1.x:8200" }'
    ;;
status) [ -e "$WORLD/initialised" ] || exit 2; fails sealed && exit 2; exit 0 ;;
"token revoke -self")
    fails revoke && exit 2
    echo "$VAULT_TOKEN" >>"$WORLD/revoked"
    fails revoke-answer && exit 2
    exit 0
    ;;
"token lookup")
    grep -qsx "$VAULT_TOKEN" "$WORLD/revoked" && { echo "Code: 403. Errors: bad token"; exit 2; }
    exit 0
    ;;
*)
    [ -n "$VAULT_TOKEN" ] || case "$*" in *auth/kubernetes/login*) ;; *) exit 2 ;; esac
    fails configure && exit 2
    case "$*" in
    "audit list"*) cat "$WORLD/audit" 2>/dev/null; exit 0 ;;
    "auth list"*) cat "$WORLD/auth" 2>/dev/null; exit 0 ;;
    "audit enable -path="*)
        path=${3#-path=}
        grep -qs "\"$path/\"" "$WORLD/audit" && { echo "path already in use" >&2; exit 2; }
        echo "\"$path/\"" >>"$WORLD/audit"
        ;;
    "auth enable "*)
        grep -qs "\"$3/\"" "$WORLD/auth" && { echo "path is already in use" >&2; exit 2; }
        echo "\"$3/\"" >>"$WORLD/auth"
        ;;
    "policy write "*) fails policy && exit 2; cat >"$WORLD/policy-$3" ;;
    *auth/kubernetes/login*) cat "${5#jwt=@}" >>"$WORLD/logins"; echo snapshot-token; exit 0 ;;
    "operator raft snapshot save "*) fails snapshot && exit 2; cat "$WORLD/raft" >"$5"; exit 0 ;;
    esac
    echo "Success! $VAULT_TOKEN"
    ;;
esac
"""
AWS = r"""#!/bin/sh
echo "aws $*" >>"$WORLD/calls"
fails() {
    left=$(cat "$WORLD/fail-$1" 2>/dev/null || echo 0)
    [ "$left" -gt 0 ] || return 1
    echo $((left - 1)) >"$WORLD/fail-$1"
}
case "$1 $2" in
"secretsmanager describe-secret")
    fails describe && exit 255
    printf '{'
    while read -r stage; do printf '"v": ["%s"],' "$stage"; done 2>/dev/null <"$WORLD/stages"
    printf '}\n'
    ;;
"secretsmanager put-secret-value")
    fails put && exit 255
    value=$6
    shift 7
    case "$value" in file://*)
        fails store && exit 255
        cp "${value#file://}" "$WORLD/stored"
        ;;
    esac
    shown=
    while [ "$1" != --query ]; do
        echo "$1" >>"$WORLD/stages"
        shown="$shown $1"
        shift
    done
    echo "$shown"
    ;;
"s3 cp") fails upload && exit 1; cp "$4" "$WORLD/uploaded"; echo "$5" >>"$WORLD/uploads" ;;
esac
"""


@dataclass
class World:
    """The folder of the stand-ins, and a pod beside it."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def file(self, name: str) -> str:
        found = self.folder / name
        return found.read_text() if found.exists() else ""

    def write(self, name: str, text: str = "") -> None:
        (self.folder / name).write_text(text)

    @property
    def calls(self) -> list[str]:
        return self.file("calls").splitlines()

    @property
    def keys(self) -> Path:
        return Path(self.environment["KEYS"])

    def new_pod(self) -> None:
        """Take a pod whose memory is empty."""
        self.environment["KEYS"] = str(self.folder / f"keys-{len(list(self.folder.iterdir()))}")
        self.keys.mkdir()

    def start(self, name: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["sh", "-c", script(name)],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, name: str) -> "subprocess.CompletedProcess[str]":
        process = self.start(name)
        out, _ = process.communicate(timeout=20)
        return subprocess.CompletedProcess(name, process.returncode, out)


@pytest.fixture
def world(tmp_path: Path) -> World:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in {"vault": VAULT, "aws": AWS}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    folder = tmp_path / "world"
    folder.mkdir()
    found = World(
        folder,
        {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "WORLD": str(folder),
            "PEERS": "https://vault-0.x:8200 https://vault-1.x:8200 https://vault-2.x:8200",
            "SECRET_ID": "arn:aws:secretsmanager:eu-west-1:333333333333:secret:vault-recovery",
            "ROOT_TOKEN": str(tmp_path / "root-token" / "token"),
            "PAUSE": "0.01",
        },
    )
    answer = {
        "unseal_keys_b64": [],
        "recovery_keys_b64": [RECOVERY_KEY],
        "recovery_keys_shares": 5,
        "root_token": ROOT_TOKEN,
    }
    found.write("answer", json.dumps(answer, indent=2) + "\n")
    found.new_pod()
    return found


def changes(calls: list[str]) -> list[str]:
    """Return the calls that change something."""
    looks = ("operator init -status", " status ", "describe-secret", " list ", "token lookup")
    return [call for call in calls if not any(look in call for look in looks)]


def test_the_first_run_initialises_vault_keeps_the_keys_and_revokes_the_root_token(
    world: World,
) -> None:
    done = world.run("init")

    assert done.returncode == 0
    assert json.loads(world.file("stored"))["recovery_keys_b64"] == [RECOVERY_KEY]
    assert world.file("revoked").split() == [ROOT_TOKEN]
    assert "EKP_CONFIGURED" in world.file("stages")


def test_a_second_run_changes_nothing(world: World) -> None:
    world.run("init")
    before = len(world.calls)
    world.new_pod()

    again = world.run("init")

    assert again.returncode == 0
    assert changes(world.calls[before:]) == []


def test_the_keys_are_kept_before_anything_else_is_done(world: World) -> None:
    world.run("init")

    calls = changes(world.calls)
    initialised = next(i for i, call in enumerate(calls) if "operator init" in call)
    assert "put-secret-value" in calls[initialised - 1]
    assert "put-secret-value" in calls[initialised + 1]
    assert "EKP_RECOVERY_KEYS" in calls[initialised + 1]


def test_vault_is_not_initialised_where_the_secret_cannot_be_written(world: World) -> None:
    world.write("fail-put", "1")

    refused = world.run("init")

    assert refused.returncode == 1
    assert "nothing was initialised" in refused.stdout
    assert world.file("inits") == ""


def test_a_store_that_fails_is_tried_until_it_takes_the_keys(world: World) -> None:
    world.write("fail-store", "7")

    done = world.run("init")

    assert done.returncode == 0
    assert done.stdout.count("could not keep the recovery keys") == 7
    assert json.loads(world.file("stored"))["recovery_keys_b64"] == [RECOVERY_KEY]


def test_a_container_that_dies_before_the_keys_are_kept_goes_on_in_the_same_pod(
    world: World,
) -> None:
    world.write("fail-store", "1000000")
    process = world.start("init")
    until(lambda: "file://" in world.file("calls"))
    process.kill()
    process.communicate()
    assert world.file("stored") == ""

    world.write("fail-store", "0")
    done = world.run("init")

    assert done.returncode == 0
    assert world.file("inits").split() == ["init"]
    assert json.loads(world.file("stored"))["recovery_keys_b64"] == [RECOVERY_KEY]
    assert world.file("revoked").split() == [ROOT_TOKEN]


def test_the_kept_keys_hold_no_root_token_and_the_pod_forgets_both(world: World) -> None:
    world.run("init")

    assert json.loads(world.file("stored"))["root_token"] == "revoked"
    assert not (world.keys / "init.json").exists()
    assert not (world.keys / "recovery.json").exists()


@pytest.mark.parametrize("failing", ["store", "configure", "revoke", "put", "describe", "sealed"])
def test_no_secret_is_printed_or_passed_as_an_argument(world: World, failing: str) -> None:
    world.write(f"fail-{failing}", "2")

    printed = world.run("init").stdout + world.run("init").stdout

    for secret in (ROOT_TOKEN, RECOVERY_KEY):
        assert secret not in printed
        assert secret not in world.file("calls")


def test_a_server_that_has_not_joined_never_starts_a_second_cluster(world: World) -> None:
    world.run("init")
    world.new_pod()
    # The first server has lost its volume.
    world.write("new-vault-0")

    again = world.run("init")

    assert again.returncode == 0
    assert world.file("inits").split() == ["init"]


def test_vault_is_initialised_only_after_every_server_has_answered(world: World) -> None:
    world.write("fail-answer-vault-2", "2")

    done = world.run("init")

    assert "waits for an answer of https://vault-2.x:8200" in done.stdout
    asked = [call for call in world.calls if "-status" in call and "vault-2" in call]
    assert len(asked) == 3
    assert world.calls.index(asked[-1]) < next(
        i for i, call in enumerate(world.calls) if "operator init -format" in call
    )


def test_keys_of_an_earlier_vault_are_never_written_over(world: World) -> None:
    world.run("init")
    (world.folder / "initialised").unlink()
    world.new_pod()

    refused = world.run("init")

    assert refused.returncode == 1
    assert "holds the recovery keys of an earlier one" in refused.stdout
    assert world.file("inits").split() == ["init"]


def test_a_vault_whose_keys_nobody_has_is_told_not_hidden(world: World) -> None:
    world.write("initialised")

    refused = world.run("init")

    assert refused.returncode == 1
    assert "holds no recovery keys" in refused.stdout


def test_half_an_answer_is_not_taken_for_keys(world: World) -> None:
    world.write("fail-half-answer", "1")
    first = world.run("init")
    second = world.run("init")

    assert (first.returncode, second.returncode) == (1, 1)
    assert "holds no recovery keys" in second.stdout
    assert world.file("stored") == ""


def test_what_configuring_does_is_done_once_although_it_is_tried_again(world: World) -> None:
    world.write("fail-configure", "5")
    world.write("fail-policy", "2")

    done = world.run("init")

    assert done.returncode == 0
    assert sorted(world.file("audit").split()) == ['"file/"', '"stdout/"']
    assert world.file("auth").split() == ['"kubernetes/"']


def test_the_roles_serve_one_service_account_each_with_tokens_made_for_vault(world: World) -> None:
    world.run("init")

    roles = [call for call in world.calls if "write auth/kubernetes/role/" in call]
    assert len(roles) == 2
    for call, account in zip(roles, ("ekp-vault-configure", SNAPSHOT), strict=True):
        assert f"bound_service_account_names={account} " in call
        assert "bound_service_account_namespaces=vault " in call
        assert "audience=vault " in call
    assert world.file("policy-ekp-vault-snapshot").strip() == (
        'path "sys/storage/raft/snapshot" { capabilities = ["read"] }'
    )


def test_a_revocation_whose_answer_got_lost_ends_the_run_nevertheless(world: World) -> None:
    world.write("fail-revoke-answer", "1")

    done = world.run("init")

    assert done.returncode == 0
    assert world.file("revoked").split() == [ROOT_TOKEN]


def test_a_pod_that_is_deleted_while_it_configures_leaves_no_root_token(world: World) -> None:
    world.write("fail-configure", "1000000")
    process = world.start("init")
    until(lambda: "enable" in world.file("calls") or "audit list" in world.file("calls"))
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)

    assert process.returncode == 1
    assert world.file("revoked").split() == [ROOT_TOKEN]
    assert "the root token is revoked" in out


def test_a_run_that_lost_its_root_token_is_ended_with_one_made_by_hand(world: World) -> None:
    world.write("initialised")
    world.write("stages", "AWSCURRENT\nEKP_RECOVERY_KEYS\n")

    refused = world.run("init")
    assert refused.returncode == 1
    assert "generate-root" in refused.stdout

    token = Path(world.environment["ROOT_TOKEN"])
    token.parent.mkdir()
    token.write_text("hvs.by-hand")
    done = world.run("init")

    assert done.returncode == 0
    assert world.file("revoked").split() == ["hvs.by-hand"]
    assert "EKP_CONFIGURED" in world.file("stages")
    assert world.file("stored") == ""
    assert "hvs.by-hand" not in refused.stdout + done.stdout + world.file("calls")


def test_the_job_ends_when_every_server_is_unsealed(world: World) -> None:
    world.run("init")
    world.new_pod()
    world.write("fail-sealed", "3")

    done = world.run("init")

    assert done.stdout.count("waits until") == 3
    assert done.returncode == 0


def test_the_job_waits_until_a_server_leads(world: World) -> None:
    world.run("init")
    world.new_pod()
    world.write("fail-election", "3")

    done = world.run("init")

    assert done.stdout.count("waits until a server leads") == 3
    assert done.returncode == 0


@pytest.mark.parametrize("configured", [True, False])
def test_servers_that_are_unsealed_and_name_a_leader_that_is_gone_fail_the_job(
    world: World, *, configured: bool
) -> None:
    if configured:
        world.run("init")
        world.new_pod()
    world.write("leader", "none of them")

    failed = world.run("init")

    assert failed.returncode == 1
    assert "no server leads" in failed.stdout
    assert "remove-peer" in failed.stdout
    assert "set vault.servers to 3 and deploy again" in failed.stdout


@pytest.fixture
def snapshot(world: World, tmp_path: Path) -> World:
    (tmp_path / "jwt").write_text("token-of-the-pod")
    (tmp_path / "snapshots").mkdir()
    world.environment |= {
        "VAULT_JWT": str(tmp_path / "jwt"),
        "BUCKET": "ekp-snapshots",
        "FOLDER": str(tmp_path / "snapshots"),
    }
    world.write("raft", "all of Vault, encrypted")
    return world


def test_a_snapshot_is_saved_uploaded_and_its_token_revoked(snapshot: World) -> None:
    done = snapshot.run("snapshot")

    assert done.returncode == 0
    assert snapshot.file("uploaded") == "all of Vault, encrypted"
    assert snapshot.file("uploads").startswith("s3://ekp-snapshots/vault-20")
    assert snapshot.file("revoked").split() == ["snapshot-token"]


@pytest.mark.parametrize("failing", ["snapshot", "upload"])
def test_a_snapshot_that_fails_fails_the_job_and_leaves_no_token(
    snapshot: World, failing: str
) -> None:
    snapshot.write(f"fail-{failing}", "1")

    failed = snapshot.run("snapshot")

    assert failed.returncode != 0
    assert snapshot.file("uploads") == ""
    assert snapshot.file("revoked").split() == ["snapshot-token"]


def test_an_empty_snapshot_is_not_taken_for_one(snapshot: World) -> None:
    snapshot.write("raft")

    failed = snapshot.run("snapshot")

    assert failed.returncode == 1
    assert snapshot.file("uploads") == ""


def test_taking_a_snapshot_shows_no_token(snapshot: World) -> None:
    printed = snapshot.run("snapshot").stdout

    for secret in ("token-of-the-pod", "snapshot-token"):
        assert secret not in printed
        assert secret not in snapshot.file("calls")


@dataclass
class Server:
    """A process that stands for Vault."""

    folder: Path
    asked: Path
    """A line for each time that its process id was asked for, to send it a signal."""
    hung_up: Path

    @property
    def signals(self) -> int:
        return len(self.asked.read_text().split())


@pytest.fixture
def server(world: World, tmp_path: Path) -> Iterator[Server]:
    asked, hung_up, ready = (tmp_path / name for name in ("asked", "hung-up", "ready"))
    asked.write_text("")
    code = f"trap 'touch {hung_up}' HUP; touch {ready}; while :; do sleep 0.01; done"
    process = subprocess.Popen(["sh", "-c", code])
    until(ready.exists)
    pidof = tmp_path / "bin" / "pidof"
    pidof.write_text(f"#!/bin/sh\necho asked >>{asked}\necho {process.pid}\n")
    pidof.chmod(0o755)
    folder = tmp_path / "vault"
    folder.mkdir()
    (folder / "tls.crt").write_text("first")
    world.environment |= {
        "CERTIFICATE": str(folder / "tls.crt"),
        "AUDIT_LOG": str(folder / "audit.log"),
        "COPIES": "3",
        "MAX_BYTES": "10",
    }
    sidecar = world.start("reload")
    assert sidecar.stdout is not None
    assert "watches" in sidecar.stdout.readline()
    yield Server(folder, asked, hung_up)
    for started in (sidecar, process):
        started.kill()
        started.communicate()


def fill(server: Server, entries: str) -> None:
    """Fill the audit log, and wait until the sidecar has looked."""
    before = server.signals
    (server.folder / "new").write_text(entries)
    (server.folder / "new").rename(server.folder / "audit.log")
    until(lambda: server.signals > before and not (server.folder / "audit.log").exists())


def test_a_renewed_certificate_is_taken_up_once(server: Server) -> None:
    (server.folder / "tls.crt").write_text("renewed")
    until(server.hung_up.exists)

    for _ in range(5):
        fill(server, "more than ten bytes")

    # One for the certificate, however often it was looked at, and one for each full log.
    assert server.signals == 1 + 5


def test_a_certificate_that_stays_is_not_taken_up_again(server: Server) -> None:
    for _ in range(3):
        fill(server, "more than ten bytes")

    assert server.signals == 3


def test_the_audit_log_is_put_aside_before_it_fills_its_volume(server: Server) -> None:
    for number in range(5):
        fill(server, f"entries of day {number}")
    assert server.hung_up.exists()

    kept: Mapping[str, str] = {
        file.name: file.read_text() for file in server.folder.glob("audit.log.*")
    }
    assert kept == {
        "audit.log.1": "entries of day 4",
        "audit.log.2": "entries of day 3",
        "audit.log.3": "entries of day 2",
    }


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for what another process does.

    Raises:
        TimeoutError: it does not.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the other process did not do it")
        os.sched_yield()
