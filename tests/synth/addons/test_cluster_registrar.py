"""The registrar may write the Secrets of the settings' clusters, and nothing beside."""

from typing import Any

from modules.addons.argo_cd import NAMESPACE
from modules.addons.cluster_registrar import ClusterRegistrar
from modules.aws.workload_identity import Mechanism
from modules.core.context import Context
from modules.core.fleet import REGISTRAR, Target, WorkloadCluster
from modules.core.gitops import ENVIRONMENT_LABEL, REGION_LABEL

import pytest
from cdktf import TerraformStack

from ekp.evaluate.rbac import ServiceAccount, may
from tests.support.core_kinds import core_mistakes
from tests.support.literal_secrets import secrets
from tests.support.platform import CLUSTER
from tests.support.releases import named, objects
from tests.support.synth import Synth, document

JOB = ServiceAccount("argocd", REGISTRAR)


def target(environment: str, region: str, short: str) -> Target:
    prefix = f"ekp-{environment}-{short}"
    return Target(
        cluster=WorkloadCluster(
            environment=environment,
            region=region,
            account_id="333333333333",
            partition="aws",
            prefix=prefix,
            cluster_name=f"{prefix}-eks",
        ),
        namespaces=("billing", "shop"),
    )


TARGETS = (target("prod", "eu-west-1", "euw1"), target("prod", "us-east-1", "use1"))


def synth(
    stack: TerraformStack, ctx: Context, *, identity: Mechanism = Mechanism.POD_IDENTITY
) -> Synth:
    ClusterRegistrar(
        stack,
        "cluster-registrar",
        ctx=ctx,
        targets=TARGETS,
        cluster=CLUSTER,
        identity=identity,
    )
    return Synth(stack)


def made(stack: TerraformStack, ctx: Context, **settings: Any) -> list[dict[str, Any]]:
    return objects(named(synth(stack, ctx, **settings), REGISTRAR))


def of_kind(found: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in found if one["kind"] == kind]


def test_every_object_is_as_kubernetes_defines_it_and_holds_no_secret(
    stack: TerraformStack, ctx: Context
) -> None:
    found = made(stack, ctx)

    assert core_mistakes(found) == []
    assert [*secrets(found)] == []
    assert {one["metadata"]["namespace"] for one in found} == {"argocd"}


@pytest.mark.requirement("R37")
def test_each_cluster_has_a_secret_of_its_own_that_application_sets_choose_by_label(
    stack: TerraformStack, ctx: Context
) -> None:
    kept = of_kind(made(stack, ctx), "Secret")

    assert {one["metadata"]["name"] for one in kept} == {
        "cluster-prod-eu-west-1",
        "cluster-prod-us-east-1",
    }
    labels = {one["metadata"]["name"]: one["metadata"]["labels"] for one in kept}
    assert labels["cluster-prod-us-east-1"][ENVIRONMENT_LABEL] == "prod"
    assert labels["cluster-prod-us-east-1"][REGION_LABEL] == "us-east-1"


def test_a_secret_that_nobody_has_filled_is_no_cluster_and_the_release_takes_nothing_back(
    stack: TerraformStack, ctx: Context
) -> None:
    for one in of_kind(made(stack, ctx), "Secret"):
        assert "argocd.argoproj.io/secret-type" not in one["metadata"]["labels"]
        assert {*one} == {"apiVersion", "kind", "metadata", "type"}


@pytest.mark.parametrize("verb", ["get", "list", "watch", "create", "update", "delete"])
def test_the_job_can_neither_read_nor_make_nor_delete_a_secret(
    stack: TerraformStack, ctx: Context, verb: str
) -> None:
    found = made(stack, ctx)

    for name in ("cluster-prod-eu-west-1", "argocd-secret", None):
        assert not may(found, JOB, verb, "secrets", namespace="argocd", name=name).allowed


def test_the_job_may_write_the_secrets_of_clusters_and_no_other(
    stack: TerraformStack, ctx: Context
) -> None:
    found = made(stack, ctx)

    def writes(name: str, namespace: str = "argocd") -> bool:
        return may(found, JOB, "patch", "secrets", namespace=namespace, name=name).allowed

    assert writes("cluster-prod-eu-west-1")
    assert writes("cluster-prod-us-east-1")
    for other in ("argocd-secret", "argocd-entra-id", "cluster-dev-eu-west-1"):
        assert not writes(other)
    assert not writes("cluster-prod-eu-west-1", "vault")
    assert not may(found, JOB, "patch", "configmaps", namespace="argocd", name="a").allowed


@pytest.mark.parametrize("identity", list(Mechanism))
def test_its_role_may_assume_the_hub_roles_of_the_settings_clusters_alone(
    stack: TerraformStack, ctx: Context, identity: Mechanism
) -> None:
    plan = synth(stack, ctx, identity=identity)
    (statement,) = document(plan.one("aws_iam_role_policy")["policy"])["Statement"]

    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert statement["Resource"] == [
        "arn:aws:iam::333333333333:role/ekp-prod-euw1-hub",
        "arn:aws:iam::333333333333:role/ekp-prod-use1-hub",
    ]
    assert plan.one("aws_iam_role")["name"] == ctx.name("cluster-registrar")


def test_runs_do_not_overlap_and_end_by_themselves(stack: TerraformStack, ctx: Context) -> None:
    (job,) = of_kind(made(stack, ctx), "CronJob")

    assert job["spec"]["schedule"] == "*/5 * * * *"
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    assert job["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"] < 300


def test_its_pod_is_restricted_as_its_namespace_asks(stack: TerraformStack, ctx: Context) -> None:
    (job,) = of_kind(made(stack, ctx), "CronJob")
    template = job["spec"]["jobTemplate"]["spec"]["template"]
    (container,) = template["spec"]["containers"]

    assert NAMESPACE.pod_security == "restricted"
    assert template["spec"]["securityContext"]["runAsNonRoot"] is True
    assert template["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["image"].rpartition(":")[2][0].isdigit()
    assert template["metadata"]["labels"] == {"sidecar.istio.io/inject": "false"}


def test_the_namespace_is_the_one_of_argo_cd(stack: TerraformStack, ctx: Context) -> None:
    assert NAMESPACE.name == named(synth(stack, ctx), REGISTRAR)["namespace"]
