"""The hub's job writes registrations that it cannot read, and each cluster's role reads one."""

import json
from collections.abc import Sequence
from typing import Any

from modules.addons.rancher import RancherConfig, bootstrap_secrets
from modules.addons.rancher_agent import RancherAgent
from modules.addons.rancher_registration import RancherRegistration
from modules.addons.rancher_secrets import may_read, registration_arn
from modules.aws.workload_identity import Mechanism
from modules.core.context import Context
from modules.core.fleet import Hub, WorkloadCluster
from modules.kubernetes.rancher.registered import Registered

import pytest
from cdktf import TerraformStack

from tests.support.literal_secrets import secrets
from tests.support.platform import CLUSTER, SIGN_IN
from tests.support.releases import after, named, objects
from tests.support.service_accounts import trusted
from tests.support.synth import Synth, document

HUB = Hub(
    account_id="333333333333",
    region="eu-west-1",
    partition="aws",
    prefix="ekp-prod-euw1",
    rancher_host="rancher.management.ekp.example",
)


def cluster(environment: str, account: str) -> WorkloadCluster:
    return WorkloadCluster(
        environment=environment,
        region="us-east-1",
        account_id=account,
        partition="aws",
        prefix=f"ekp-{environment}-use1",
        cluster_name=f"ekp-{environment}-use1-eks",
    )


DEV, PROD = cluster("dev", "111111111111"), cluster("prod", "222222222222")


def on_hub(
    stack: TerraformStack,
    ctx: Context,
    *clusters: WorkloadCluster,
    identity: Mechanism = Mechanism.IRSA,
) -> Synth:
    RancherRegistration(
        stack,
        "registration",
        ctx=ctx,
        cluster=CLUSTER,
        identity=identity,
        host=HUB.rancher_host,
        application=SIGN_IN,
        clusters=[Registered(cluster=one) for one in clusters],
        after=[],
    )
    return Synth(stack)


def in_cluster(
    stack: TerraformStack, ctx: Context, *, identity: Mechanism = Mechanism.IRSA
) -> Synth:
    RancherAgent(
        stack,
        "rancher-agent",
        ctx=ctx,
        cluster=CLUSTER,
        identity=identity,
        hub=HUB,
        registered=DEV,
    )
    return Synth(stack)


def statements(text: str) -> Sequence[dict[str, Any]]:
    found: Sequence[dict[str, Any]] = document(text)["Statement"]
    return found


def test_a_cluster_has_a_secret_that_one_role_of_its_account_reads(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = on_hub(stack, ctx, DEV, PROD)

    names = {one["name"] for one in plan.all("aws_secretsmanager_secret").values()}
    assert names == {
        "ekp-prod-euw1-rancher-dev-us-east-1-registration",
        "ekp-prod-euw1-rancher-prod-us-east-1-registration",
    }
    policies = plan.all("aws_secretsmanager_secret_policy")
    for one in (DEV, PROD):
        (policy,) = (body for path, body in policies.items() if f"/{one.name}-policy" in path)
        (only,) = statements(policy["policy"])
        assert only["Principal"] == {"AWS": f"arn:aws:iam::{one.account_id}:root"}
        assert only["Action"] == ["secretsmanager:GetSecretValue"]
        assert only["Condition"] == {"ArnEquals": {"aws:PrincipalArn": one.agent_role_arn}}
        assert policy["block_public_policy"] is True


def test_registrations_are_encrypted_by_a_key_that_agents_use_through_secrets_manager_alone(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = on_hub(stack, ctx, DEV, PROD)
    (_, agents) = statements(plan.one("aws_kms_key")["policy"])

    for secret in plan.all("aws_secretsmanager_secret").values():
        assert "aws_kms_key" in secret["kms_key_id"]
    assert agents["Action"] == ["kms:Decrypt"]
    assert agents["Condition"] == {
        "StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"},
        "ArnEquals": {"aws:PrincipalArn": [DEV.agent_role_arn, PROD.agent_role_arn]},
    }


def test_the_hub_s_job_writes_registrations_and_reads_none(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = on_hub(stack, ctx, DEV, PROD)
    role = plan.one("aws_iam_role")

    assert role["name"] == "ekp-prod-euw1-rancher-registrar"
    assert trusted(role) == "cattle-system/rancher-registrar"
    found = statements(plan.one("aws_iam_role_policy")["policy"])
    actions = {action for one in found for action in one["Action"]}
    assert actions == {
        "secretsmanager:DescribeSecret",
        "secretsmanager:PutSecretValue",
        "kms:Decrypt",
        "kms:GenerateDataKey",
    }
    assert all("*" not in arn for one in found for arn in one["Resource"])
    sids = [one["Sid"] for one in found]
    assert len(set(sids)) == len(sids)


def test_the_job_comes_after_all_that_it_writes_to(stack: TerraformStack, ctx: Context) -> None:
    plan = on_hub(stack, ctx, DEV)
    release = named(plan, "rancher-registrar")

    needed = " ".join(release["depends_on"])
    assert "aws_secretsmanager_secret_policy" in needed
    assert "aws_iam_role_policy" in needed
    files = {one["metadata"]["name"]: one["data"] for one in objects(release) if "data" in one}
    assert files["rancher-registrar"]["clusters"].startswith(
        "dev-us-east-1 ${aws_secretsmanager_secret."
    )


def test_a_hub_without_clusters_has_neither_secrets_nor_rights_on_any(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = on_hub(stack, ctx)

    assert plan.all("aws_secretsmanager_secret") == {}
    assert plan.all("aws_iam_role_policy") == {}


@pytest.mark.requirement("R33")
def test_a_cluster_s_job_reads_one_secret_of_the_hub_and_nothing_else(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = in_cluster(stack, ctx)
    role = plan.one("aws_iam_role")

    assert role["name"] == "ekp-prod-euw1-rancher-agent"
    assert trusted(role) == "cattle-system/rancher-agent"
    secret, key = statements(plan.one("aws_iam_role_policy")["policy"])
    arn = (
        "arn:aws:secretsmanager:eu-west-1:333333333333:secret:"
        "ekp-prod-euw1-rancher-dev-us-east-1-registration-??????"
    )
    assert (secret["Action"], secret["Resource"]) == (["secretsmanager:GetSecretValue"], [arn])
    assert key["Action"] == ["kms:Decrypt"]
    assert key["Resource"] == ["arn:aws:kms:eu-west-1:333333333333:key/*"]
    assert key["Condition"] == {
        "StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:SecretARN": arn},
    }


def test_both_sides_mean_the_same_secret_and_the_same_role(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    hub = on_hub(stack, ctx, DEV)
    name = hub.one("aws_secretsmanager_secret")["name"]

    assert registration_arn(HUB, DEV.name).endswith(f":secret:{name}")
    assert f":secret:{name}-??????" in may_read(HUB, DEV.name)
    there = ctx.model_copy(update={"environment": "dev", "region": "us-east-1"})
    role = in_cluster(other_stack, there).one("aws_iam_role")["name"]
    assert DEV.agent_role_arn.endswith(f":role/{role}")


def test_the_agent_s_rights_stand_before_the_job_that_brings_it(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = in_cluster(stack, ctx)

    assert "rancher-agent-rights" in after(plan, "rancher-agent")
    assert named(plan, "rancher-agent-rights")["namespace"] == "kube-system"
    assert named(plan, "rancher-agent")["namespace"] == "cattle-system"


@pytest.mark.parametrize("identity", list(Mechanism))
def test_either_mechanism_gives_a_job_its_role(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context, identity: Mechanism
) -> None:
    for plan, account in (
        (on_hub(stack, ctx, DEV, identity=identity), "rancher-registrar"),
        (in_cluster(other_stack, ctx, identity=identity), "rancher-agent"),
    ):
        bundle = objects(named(plan, account))
        (found,) = (one for one in bundle if one["kind"] == "ServiceAccount")
        annotated = "eks.amazonaws.com/role-arn" in found["metadata"].get("annotations", {})
        associated = [
            one["service_account"] for one in plan.all("aws_eks_pod_identity_association").values()
        ]
        assert annotated is (identity is Mechanism.IRSA)
        assert associated == ([] if annotated else [account])


def test_no_release_carries_a_secret(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    for plan in (on_hub(stack, ctx, DEV), in_cluster(other_stack, ctx)):
        for release in plan.all("helm_release").values():
            assert list(secrets({"objects": objects(release)})) == []


@pytest.mark.requirement("R41")
def test_the_application_s_secret_is_brought_by_people_to_where_rancher_looks_for_it() -> None:
    (found,) = bootstrap_secrets(RancherConfig(sign_in=SIGN_IN))

    assert (found.namespace, found.name) == (
        "cattle-global-data",
        "azureadconfig-applicationsecret",
    )
    assert found.keys == ("applicationsecret",)
    assert found.blocks is False
    assert bootstrap_secrets(RancherConfig()) == []
    assert "applicationSecret" not in json.dumps(RancherConfig(sign_in=SIGN_IN).model_dump())
