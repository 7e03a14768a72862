"""Vault is configured by a job of its own release, whose pods see no secret but the sign-in's."""

from typing import Any

from modules.addons.vault import IMAGE
from modules.addons.vault_configuration import VaultConfiguration, bootstrap_secrets
from modules.core.tenants import Tenancy
from modules.kubernetes.aws_cli import AWS_CLI
from modules.kubernetes.vault_configure import ACCOUNT
from modules.kubernetes.vault_pods import script

import pytest
from cdktf import TerraformStack

from tests.support.core_kinds import core_mistakes
from tests.support.literal_secrets import secrets
from tests.support.releases import named, objects
from tests.support.synth import Synth
from tests.support.vault_tenants import ENTRA, HOST, shop, shop_eu


def found(stack: TerraformStack, *tenancies: Tenancy) -> list[dict[str, Any]]:
    VaultConfiguration(stack, "vault", tenancies=tenancies, host=HOST, entra=ENTRA, after=[])
    return objects(named(Synth(stack), "vault-configure"))


def pod(every: list[dict[str, Any]]) -> dict[str, Any]:
    (job,) = (one for one in every if one["kind"] == "Job")
    spec: dict[str, Any] = job["spec"]["template"]["spec"]
    return spec


def test_every_object_is_valid_and_holds_no_secret(stack: TerraformStack) -> None:
    every = found(stack, shop(), shop_eu())

    assert core_mistakes(every) == []
    assert list(secrets(every)) == []
    assert {one["metadata"]["namespace"] for one in every} == {"vault"}


def test_the_job_runs_after_each_change_and_the_release_waits_for_it(stack: TerraformStack) -> None:
    every = found(stack, shop())
    (job,) = (one for one in every if one["kind"] == "Job")
    release = named(Synth(stack), "vault-configure")

    assert job["metadata"]["annotations"]["helm.sh/hook"] == "post-install,post-upgrade"
    assert job["spec"]["activeDeadlineSeconds"] < release["timeout"]
    assert release["wait_for_jobs"] is True


def test_the_job_is_repeated_as_it_is(stack: TerraformStack) -> None:
    every = found(stack, shop())
    (job,) = (one for one in every if one["kind"] == "Job")
    (repeated,) = (one for one in every if one["kind"] == "CronJob")

    assert repeated["spec"]["jobTemplate"]["spec"] == job["spec"]


def test_every_tenant_has_a_file_of_its_own_and_the_job_reads_all(stack: TerraformStack) -> None:
    every = found(stack, shop(), shop_eu())
    names = [one["metadata"]["name"] for one in every if one["kind"] == "ConfigMap"]
    (desired,) = (one for one in pod(every)["volumes"] if one["name"] == "desired")

    assert names == [
        "vault-configure-platform",
        "vault-configure-tenant-shop",
        "vault-configure-tenant-shop-eu",
    ]
    assert [one["configMap"]["name"] for one in desired["projected"]["sources"]] == names


def test_the_pod_signs_in_as_the_role_that_initialisation_made(stack: TerraformStack) -> None:
    every = found(stack, shop())
    (token,) = (one for one in pod(every)["volumes"] if one["name"] == "token")
    (source,) = token["projected"]["sources"]

    assert pod(every)["serviceAccountName"] == ACCOUNT
    assert pod(every)["automountServiceAccountToken"] is False
    assert source["serviceAccountToken"]["audience"] == "vault"
    assert f"role {ACCOUNT} {ACCOUNT}" in script("init")


def test_a_restricted_namespace_admits_the_pod(stack: TerraformStack) -> None:
    spec = pod(found(stack, shop()))

    assert spec["securityContext"]["runAsNonRoot"] is True
    for container in (*spec["initContainers"], *spec["containers"]):
        assert container["image"] in (IMAGE, AWS_CLI)
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
    kinds = {next(key for key in one if key != "name") for one in spec["volumes"]}
    assert kinds <= {"emptyDir", "secret", "projected"}


@pytest.mark.parametrize("with_application", ["with", "without"])
def test_people_make_the_secret_of_the_application_where_there_is_one(
    stack: TerraformStack, with_application: str
) -> None:
    (volume,) = (one for one in pod(found(stack))["volumes"] if one["name"] == "entra-id")
    made = bootstrap_secrets(ENTRA if with_application == "with" else None)

    assert volume["secret"]["optional"] is True
    assert [(one.namespace, one.name, one.keys, one.blocks) for one in made] == (
        [("vault", volume["secret"]["secretName"], ("client-secret",), False)]
        if with_application == "with"
        else []
    )
