"""Argo CD lets people in by group, deploys by named roles, and survives the loss of a zone."""

from pathlib import Path
from typing import Any

from modules.addons.argo_cd import NAMESPACE, ApplicationSetPolicy, ArgoCd, ArgoCdConfig
from modules.addons.argo_cd_values import Slack
from modules.aws.workload_identity import Mechanism
from modules.core.availability import Availability
from modules.core.context import Context
from modules.core.fleet import WorkloadCluster

import pytest
import yaml
from cdktf import TerraformStack

from tests.support.chart_values import complaints
from tests.support.platform import ADMINS, CLIENT, CLUSTER, SIGN_IN, TENANT, VIEWERS
from tests.support.releases import named, values
from tests.support.synth import Synth, document

HOST = "argocd.management.ekp.example"


def workload(environment: str, account: str) -> WorkloadCluster:
    prefix = f"ekp-{environment}-euw1"
    return WorkloadCluster(
        environment=environment,
        region="eu-west-1",
        account_id=account,
        partition="aws",
        prefix=prefix,
        cluster_name=f"{prefix}-eks",
    )


PROD = workload("prod", "333333333333")
DEV = workload("dev", "111111111111")


def synth(
    stack: TerraformStack,
    ctx: Context,
    *,
    availability: Availability = Availability.HIGH,
    identity: Mechanism = Mechanism.IRSA,
    clusters: tuple[WorkloadCluster, ...] = (),
    **changes: Any,
) -> Synth:
    ArgoCd(
        stack,
        "argo-cd",
        ctx=ctx,
        config=ArgoCdConfig(**{"sign_in": SIGN_IN} | changes),
        availability=availability,
        cluster=CLUSTER,
        identity=identity,
        host=HOST,
        clusters=clusters,
    )
    return Synth(stack)


def merged(stack: TerraformStack, ctx: Context, **changes: Any) -> dict[str, Any]:
    return values(named(synth(stack, ctx, **changes), "argocd"))


def test_it_lives_in_a_restricted_namespace(stack: TerraformStack, ctx: Context) -> None:
    release = named(synth(stack, ctx), "argocd")

    assert release["namespace"] == NAMESPACE.name == "argocd"
    assert NAMESPACE.pod_security == "restricted"


def test_people_sign_in_with_entra_id_and_nobody_with_a_password(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(stack, ctx)
    oidc = yaml.safe_load(found["configs"]["cm"]["oidc.config"])

    assert found["configs"]["cm"]["admin.enabled"] is False
    assert found["dex"]["enabled"] is False
    assert oidc["issuer"] == f"https://login.microsoftonline.com/{TENANT}/v2.0"
    assert oidc["clientID"] == CLIENT
    assert oidc["requestedIDTokenClaims"] == {"groups": {"essential": True}}
    assert found["global"]["domain"] == HOST


def test_the_client_s_secret_is_a_reference_to_a_kubernetes_secret(
    stack: TerraformStack, ctx: Context
) -> None:
    oidc = yaml.safe_load(merged(stack, ctx)["configs"]["cm"]["oidc.config"])

    assert oidc["clientSecret"] == "$argocd-entra-id:client-secret"


def test_rights_come_by_group_and_nobody_has_any_by_default(
    stack: TerraformStack, ctx: Context
) -> None:
    rbac = merged(stack, ctx)["configs"]["rbac"]

    assert rbac["policy.default"] == ""
    assert rbac["scopes"] == "[groups]"
    assert rbac["policy.csv"].splitlines() == [
        f'g, "{ADMINS}", role:admin',
        f'g, "{VIEWERS}", role:readonly',
    ]


def test_who_may_sync_gets_the_branch_of_the_settings_and_no_other_revision(
    stack: TerraformStack, ctx: Context
) -> None:
    settings = merged(stack, ctx)["configs"]["cm"]

    assert settings["application.sync.requireOverridePrivilegeForRevisionSync"] == "true"


def test_a_kind_that_may_not_be_listed_stops_no_application(
    stack: TerraformStack, ctx: Context
) -> None:
    # "strict" asks of the first namespace alone, and lets another one stop the whole cluster.
    assert merged(stack, ctx)["configs"]["cm"]["resource.respectRBAC"] == "normal"


def test_high_availability_has_copies_budgets_and_a_cache_of_three(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(stack, ctx)

    assert found["redis-ha"]["enabled"] is True
    for component in ("server", "repoServer"):
        assert found[component]["autoscaling"] == {"enabled": True, "minReplicas": 2}
        assert found[component]["pdb"] == {"enabled": True, "maxUnavailable": 1}
    assert found["applicationSet"]["replicas"] == 2
    assert {c["topologyKey"] for c in found["global"]["topologySpreadConstraints"]} == {
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    }


def test_a_single_copy_has_neither_cache_copies_nor_a_budget_that_would_block_a_drain(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(stack, ctx, availability=Availability.SINGLE)

    assert found["redis-ha"]["enabled"] is False
    assert found["server"]["autoscaling"]["enabled"] is False
    assert found["applicationSet"]["replicas"] == 1
    for component in ("server", "repoServer", "applicationSet"):
        assert found[component]["pdb"] == {"enabled": False}


def test_every_component_says_what_it_needs_and_how_much_memory_it_may_take(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(stack, ctx)

    for component in ("controller", "server", "repoServer", "applicationSet", "notifications"):
        assert set(found[component]["resources"]["requests"]) == {"cpu", "memory"}
        assert "memory" in found[component]["resources"]["limits"]
        assert found[component]["metrics"]["serviceMonitor"]["enabled"] is True


@pytest.mark.parametrize("mechanism", list(Mechanism))
def test_whoever_talks_to_other_clusters_may_assume_their_roles_and_no_others(
    stack: TerraformStack, ctx: Context, mechanism: Mechanism
) -> None:
    plan = synth(stack, ctx, identity=mechanism, clusters=(PROD, DEV))
    policies = plan.all("aws_iam_role_policy").values()

    assert len(policies) == 3
    for policy in policies:
        (statement,) = document(policy["policy"])["Statement"]
        assert statement["Resource"] == [
            "arn:aws:iam::333333333333:role/ekp-prod-euw1-hub",
            "arn:aws:iam::111111111111:role/ekp-dev-euw1-hub",
        ]
        assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"]


def test_each_service_account_has_a_role_of_its_own(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx, clusters=(PROD,))
    found = values(named(plan, "argocd"))
    trusted = {
        address: document(role["assume_role_policy"])["Statement"][0]["Condition"]["StringEquals"]
        for address, role in plan.resources().items()
        if address.startswith("aws_iam_role.")
    }

    for value, account in (
        ("controller", "argocd-application-controller"),
        ("applicationSet", "argocd-applicationset-controller"),
        ("server", "argocd-server"),
    ):
        arn = found[value]["serviceAccount"]["annotations"]["eks.amazonaws.com/role-arn"]
        address = arn.removeprefix("${").removesuffix(".arn}")
        assert trusted[address]["oidc.example/id/1:sub"] == (
            f"system:serviceaccount:argocd:{account}"
        )


def test_a_hub_that_deploys_nowhere_else_needs_no_role(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)

    assert plan.all("aws_iam_role") == {}
    assert values(named(plan, "argocd"))["server"]["serviceAccount"] == {"annotations": {}}


def test_the_release_stands_after_the_permissions_of_its_roles(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx, clusters=(PROD,))
    policies = {a for a in plan.addresses if a.startswith("aws_iam_role_policy.")}

    assert policies <= set(named(plan, "argocd")["depends_on"])


def test_application_sets_delete_nothing_unless_told(stack: TerraformStack, ctx: Context) -> None:
    params = merged(stack, ctx)["configs"]["params"]

    assert params["applicationsetcontroller.policy"] == "create-update"
    assert params["applicationsetcontroller.enable.progressive.syncs"] is False
    assert params["server.insecure"] is True


def test_progressive_syncs_and_deletion_are_settings(stack: TerraformStack, ctx: Context) -> None:
    params = merged(stack, ctx, application_sets=ApplicationSetPolicy.SYNC, progressive_syncs=True)[
        "configs"
    ]["params"]

    assert params["applicationsetcontroller.policy"] == "sync"
    assert params["applicationsetcontroller.enable.progressive.syncs"] is True


def test_without_a_channel_there_is_no_notifier(stack: TerraformStack, ctx: Context) -> None:
    assert merged(stack, ctx)["notifications"]["enabled"] is False


def test_a_channel_is_told_of_what_fails_with_a_token_by_reference(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(stack, ctx, slack=Slack(channel="platform"))["notifications"]
    (subscription,) = found["subscriptions"]

    assert found["enabled"] is True
    assert found["secret"]["create"] is False
    assert yaml.safe_load(found["notifiers"]["service.slack"]) == {"token": "$slack-token"}
    assert subscription["recipients"] == ["slack:platform"]
    assert {f"trigger.{name}" for name in subscription["triggers"]} == set(found["triggers"])
    for text in found["triggers"].values():
        (trigger,) = yaml.safe_load(text)
        assert {f"template.{name}" for name in trigger["send"]} <= set(found["templates"])
    for text in found["templates"].values():
        assert "{{.context.argocdUrl}}/applications/" in yaml.safe_load(text)["message"]


def test_every_key_is_one_of_the_chart(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context, tmp_path: Path
) -> None:
    found = {
        "high": merged(stack, ctx, clusters=(PROD,), slack=Slack(channel="platform")),
        "single": merged(other_stack, ctx, availability=Availability.SINGLE),
    }

    assert complaints("argo-cd", found, tmp_path) == []
