"""Vault's objects: TLS everywhere, pods that a restricted namespace admits, no key left alone."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from modules.kubernetes.aws_cli import AWS_CLI
from modules.kubernetes.manifest import Manifest
from modules.kubernetes.vault import INIT, ROOT_TOKEN, SNAPSHOT, init_job, snapshots
from modules.kubernetes.vault_config import (
    ADDRESS,
    CERTIFICATE,
    certificate,
    peers,
    server_config,
    trust_certificate,
)
from modules.kubernetes.yaml_document import to_yaml

import pytest
import yaml

from tests.support.custom_resources import mistakes

IMAGE = "hashicorp/vault:2.0.4"
KEY = "arn:aws:kms:eu-west-1:333333333333:key/1"
SECRET = "arn:aws:secretsmanager:eu-west-1:333333333333:secret:vault-recovery"
ROLE = {"eks.amazonaws.com/role-arn": "arn:aws:iam::333333333333:role/vault"}


def initialisation() -> list[Manifest]:
    return init_job(image=IMAGE, replicas=3, secret_id=SECRET, region="eu-west-1", annotations=ROLE)


def saving() -> list[Manifest]:
    return snapshots(
        image=IMAGE,
        bucket="ekp-snapshots",
        region="eu-west-1",
        schedule="17 * * * *",
        annotations=ROLE,
    )


def pod(manifests: list[Manifest]) -> dict[str, Any]:
    (spec,) = (m.fields["spec"] for m in manifests if m.kind in {"Job", "CronJob"})
    job = spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec
    found: dict[str, Any] = job["template"]["spec"]
    return found


def containers(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from found["initContainers"]
    yield from found["containers"]


def environment(found: dict[str, Any]) -> dict[str, str]:
    (container,) = found["containers"]
    return {variable["name"]: variable["value"] for variable in container["env"]}


@pytest.mark.parametrize("manifests", [initialisation(), saving()])
def test_a_restricted_namespace_admits_the_pod(manifests: list[Manifest]) -> None:
    found = pod(manifests)

    assert found["securityContext"]["runAsNonRoot"] is True
    assert found["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers(found):
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["resources"]["limits"]["memory"]
    kinds = {next(key for key in volume if key != "name") for volume in found["volumes"]}
    assert kinds <= {"emptyDir", "secret", "projected"}


@pytest.mark.parametrize("manifests", [initialisation(), saving()])
def test_every_image_is_pinned(manifests: list[Manifest]) -> None:
    images = {container["image"] for container in containers(pod(manifests))}

    assert images == {IMAGE, AWS_CLI}
    assert all(re.fullmatch(r".+:\d+\.\d+\.\d+", image) for image in images)


@pytest.mark.parametrize("manifests", [initialisation(), saving()])
def test_vault_s_binary_runs_as_a_copy_since_the_image_s_own_needs_a_capability(
    manifests: list[Manifest],
) -> None:
    found = pod(manifests)
    (copying,) = found["initContainers"]
    (container,) = found["containers"]

    assert copying["command"] == ["cp", "/bin/vault", "/binary/vault"]
    assert {"name": "binary", "mountPath": "/binary"} in container["volumeMounts"]
    assert environment(found)["PATH"].split(":")[0] == "/binary"


@pytest.mark.parametrize("manifests", [initialisation(), saving()])
def test_jobs_verify_vault_and_never_see_its_key(manifests: list[Manifest]) -> None:
    found = pod(manifests)
    (tls,) = (volume for volume in found["volumes"] if volume["name"] == "tls")

    assert environment(found)["VAULT_CACERT"] == "/tls/ca.crt"
    assert tls["secret"] == {
        "secretName": CERTIFICATE,
        "items": [{"key": "ca.crt", "path": "ca.crt"}],
    }
    assert "VAULT_SKIP_VERIFY" not in environment(found)


@pytest.mark.parametrize(("manifests", "name"), [(initialisation(), INIT), (saving(), SNAPSHOT)])
def test_the_service_account_carries_the_role_and_no_token_of_the_cluster(
    manifests: list[Manifest], name: str
) -> None:
    account = manifests[0]

    assert (account.kind, account.name, account.namespace) == ("ServiceAccount", name, "vault")
    assert account.annotations == ROLE
    assert account.fields == {"automountServiceAccountToken": False}
    assert pod(manifests)["serviceAccountName"] == name
    assert pod(manifests)["automountServiceAccountToken"] is False


def test_nothing_ends_the_pod_that_holds_the_recovery_keys() -> None:
    (job,) = (m for m in initialisation() if m.kind == "Job")
    found = pod(initialisation())

    assert "activeDeadlineSeconds" not in job.fields["spec"]
    assert job.fields["spec"]["backoffLimit"] >= 100
    assert found["restartPolicy"] == "OnFailure"
    assert found["terminationGracePeriodSeconds"] >= 300


def test_recovery_keys_lie_in_memory_alone_until_they_are_stored() -> None:
    found = pod(initialisation())
    (keys,) = (volume for volume in found["volumes"] if volume["name"] == "keys")

    assert keys["emptyDir"]["medium"] == "Memory"
    assert environment(found)["KEYS"] == "/keys"


def test_the_job_runs_after_each_change_of_its_release() -> None:
    (job,) = (m for m in initialisation() if m.kind == "Job")

    assert job.annotations["helm.sh/hook"] == "post-install,post-upgrade"
    assert job.annotations["helm.sh/hook-delete-policy"] == "before-hook-creation"


def test_a_root_token_made_by_hand_may_be_absent() -> None:
    found = pod(initialisation())
    (token,) = (volume for volume in found["volumes"] if volume["name"] == "root-token")

    assert token["secret"]["secretName"] == ROOT_TOKEN
    assert token["secret"]["optional"] is True
    assert environment(found)["ROOT_TOKEN"] == "/root-token/token"


def test_a_snapshot_signs_in_with_a_token_that_is_good_for_vault_alone() -> None:
    found = pod(saving())
    (token,) = (volume for volume in found["volumes"] if volume["name"] == "token")

    (source,) = token["projected"]["sources"]
    assert source["serviceAccountToken"]["audience"] == "vault"
    assert environment(found)["VAULT_ADDR"] == ADDRESS


def test_two_snapshots_never_run_beside_each_other() -> None:
    (cron,) = (m for m in saving() if m.kind == "CronJob")

    assert cron.fields["spec"]["concurrencyPolicy"] == "Forbid"
    assert cron.fields["spec"]["schedule"] == "17 * * * *"
    assert cron.fields["spec"]["timeZone"] == "Etc/UTC"


@pytest.mark.parametrize("manifests", [initialisation(), saving()])
def test_scripts_reach_the_cluster_as_they_are_written(manifests: list[Manifest]) -> None:
    bundle = {"objects": [manifest.as_dict() for manifest in manifests]}

    # Terraform reads "$${" as "${".
    read = yaml.safe_load(to_yaml(bundle).replace("$${", "${").replace("%%{", "%{"))

    assert read == bundle


def configuration(replicas: int, *, user_interface: bool = False) -> str:
    return server_config(
        replicas, region="eu-west-1", kms_key_arn=KEY, user_interface=user_interface
    )


@pytest.mark.parametrize(("shown", "line"), [(True, "ui = true"), (False, "ui = false")])
def test_servers_show_pages_where_they_are_told_to(line: str, *, shown: bool) -> None:
    assert configuration(3, user_interface=shown).splitlines()[0] == line


def test_the_configuration_uses_tls_for_clients_and_peers() -> None:
    config = configuration(3)

    assert "tls_disable" not in config
    assert 'tls_cert_file = "/vault/tls/tls.crt"' in config
    assert 'tls_min_version = "tls12"' in config
    assert "http://" not in config


def test_every_server_is_looked_for_under_a_name_that_its_certificate_carries() -> None:
    config = configuration(3)
    names = certificate(3, host=None, issuer="ekp-internal").fields["spec"]["dnsNames"]

    joined = re.findall(r'leader_api_addr = "https://(.+):8200"', config)
    assert joined == re.findall(r'leader_tls_servername = "(.+)"', config)
    assert len(joined) == config.count('leader_ca_cert_file = "/vault/tls/ca.crt"') == 3
    assert set(joined) <= set(names)
    assert [f"https://{name}:8200" for name in joined] == peers(3)


def test_vault_is_unsealed_by_its_own_key() -> None:
    config = configuration(1)

    assert f'kms_key_id = "{KEY}"' in config
    assert 'region = "eu-west-1"' in config


def test_the_certificate_names_what_clients_call_vault() -> None:
    spec = certificate(3, host="vault.ekp.example", issuer="ekp-internal").fields["spec"]

    called = ADDRESS.removeprefix("https://").split(":")[0]
    assert {called, "vault-active.vault.svc", "localhost", "vault.ekp.example"} <= set(
        spec["dnsNames"]
    )
    assert spec["ipAddresses"] == ["127.0.0.1"]
    assert set(spec["usages"]) == {"server auth", "client auth"}
    assert spec["issuerRef"]["name"] == "ekp-internal"
    assert spec["secretName"] == CERTIFICATE


def test_a_certificate_is_renewed_long_before_it_ends() -> None:
    spec = certificate(1, host=None, issuer="ekp-internal").fields["spec"]

    assert (spec["duration"], spec["renewBefore"]) == ("2160h", "720h")


def test_the_authority_reaches_another_namespace_without_the_servers_key() -> None:
    found = trust_certificate("vault-ca", "vault-secrets-operator", issuer="ekp-internal")

    assert found.namespace == "vault-secrets-operator"
    assert found.fields["spec"]["secretName"] == "vault-ca"
    assert found.fields["spec"]["usages"] == ["client auth"]
    assert not any("vault.vault" in name for name in found.fields["spec"]["dnsNames"])
    assert "ipAddresses" not in found.fields["spec"]


def test_cert_manager_takes_the_certificates(tmp_path: Path) -> None:
    found = [
        certificate(3, host="vault.ekp.example", issuer="ekp-internal").as_dict(),
        trust_certificate("vault-ca", "vault-secrets-operator", issuer="ekp-internal").as_dict(),
    ]

    assert mistakes(found, tmp_path) == []
