"""Agents of all clusters write to the hub's store; the hub asks Athena; nobody has keys."""

import json
from pathlib import Path
from typing import Any

from modules.addons.kubecost import NAMESPACE, KubecostAgent, KubecostAgentConfig
from modules.addons.kubecost_aggregator import (
    BilledCosts,
    Kubecost,
    KubecostConfig,
    bootstrap_secrets,
    check_host,
)
from modules.addons.kubecost_store import (
    KubecostStore,
    KubecostStoreConfig,
    KubecostStoreLocation,
)
from modules.aws.athena import AthenaOutputs
from modules.aws.bucket import BucketOutputs
from modules.aws.workload_identity import Mechanism
from modules.core.availability import Availability
from modules.core.context import Context
from modules.core.iam import allow

import pytest
import yaml
from cdktf import TerraformStack
from pydantic import ValidationError

from tests.support.chart_values import complaints
from tests.support.platform import ACCESS_LOGS, ADMINS, CLIENT, CLUSTER, SIGN_IN, TENANT, VIEWERS
from tests.support.releases import named, values
from tests.support.synth import Synth, document

HOST = "kubecost.management.ekp.example"
STORE = "ekp-management-euw1-444444444444-kubecost"
AGENTS = (
    "arn:aws:iam::333333333333:role/ekp-prod-euw1-kubecost-agent",
    "arn:aws:iam::111111111111:role/ekp-dev-euw1-kubecost-agent",
)
COSTS = BilledCosts(
    athena=AthenaOutputs(
        workgroup="costs",
        database="costs",
        table="cost_and_usage",
        results_bucket="results",
        statements=(allow("Queries", ["athena:StartQueryExecution"], ["arn:aws:athena:::w"]),),
    ),
    payer_account_id="999999999999",
)


def agent(
    stack: TerraformStack, ctx: Context, identity: Mechanism = Mechanism.IRSA, **changes: Any
) -> Synth:
    KubecostAgent(
        stack,
        "kubecost",
        ctx=ctx,
        config=KubecostAgentConfig(**changes),
        cluster=CLUSTER,
        identity=identity,
        store=KubecostStoreLocation(bucket=STORE, region="eu-west-1", account_id="444444444444"),
    )
    return Synth(stack)


def hub(
    stack: TerraformStack,
    ctx: Context,
    *,
    availability: Availability = Availability.HIGH,
    costs: BilledCosts | None = COSTS,
    **changes: Any,
) -> Synth:
    Kubecost(
        stack,
        "kubecost",
        ctx=ctx,
        config=KubecostConfig(**changes),
        availability=availability,
        cluster=CLUSTER,
        identity=Mechanism.IRSA,
        host=HOST if "sign_in" in changes else None,
        store=BucketOutputs(name=STORE, arn=f"arn:aws:s3:::{STORE}", domain_name=""),
        costs=costs,
    )
    return Synth(stack)


def store(stack: TerraformStack, ctx: Context, **changes: Any) -> Synth:
    KubecostStore(
        stack, "store", ctx=ctx, config=KubecostStoreConfig(**changes), access_logs=ACCESS_LOGS
    )
    return Synth(stack)


def merged(plan: Synth) -> dict[str, Any]:
    return values(named(plan, "kubecost"))


def statements(plan: Synth, path: str) -> list[dict[str, Any]]:
    policy = plan.all("aws_iam_role_policy")[path]
    found: list[dict[str, Any]] = document(policy["policy"])["Statement"]
    return found


def test_a_cluster_that_reports_runs_the_agent_and_nothing_else(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(agent(stack, ctx))

    assert found["finopsagent"]["enabled"] is True
    for component in (
        "aggregator",
        "cloudCost",
        "forecasting",
        "frontend",
        "localStore",
        "networkCosts",
        "clusterController",
    ):
        assert found[component]["enabled"] is False


def test_nothing_needs_more_than_a_restricted_namespace_grants(
    stack: TerraformStack, ctx: Context
) -> None:
    release = named(agent(stack, ctx), "kubecost")

    assert release["namespace"] == NAMESPACE.name
    assert NAMESPACE.pod_security == "restricted"
    # Its pods are privileged and on the host's network.
    assert values(release)["networkCosts"]["enabled"] is False


def test_every_cluster_has_its_own_id_in_the_store(stack: TerraformStack, ctx: Context) -> None:
    found = merged(agent(stack, ctx))["global"]
    store = yaml.safe_load(found["federatedStorage"]["config"])

    assert found["clusterId"] == ctx.cluster_name == "ekp-prod-euw1-eks"
    assert store == {
        "type": "S3",
        "config": {
            "bucket": STORE,
            "endpoint": "s3.eu-west-1.amazonaws.com",
            "region": "eu-west-1",
        },
    }


@pytest.mark.parametrize("mechanism", list(Mechanism))
def test_the_agent_s_role_may_use_the_store_and_nothing_else(
    stack: TerraformStack, ctx: Context, mechanism: Mechanism
) -> None:
    plan = agent(stack, ctx, mechanism)
    found = statements(plan, "kubecost/agent-identity/role/policy")

    assert {arn for s in found for arn in s["Resource"]} == {
        f"arn:aws:s3:::{STORE}",
        f"arn:aws:s3:::{STORE}/*",
        "arn:aws:kms:eu-west-1:444444444444:key/*",
    }
    # AWS makes up the key's id: it is any that encrypts this bucket.
    (key,) = (s for s in found if "kms:Decrypt" in s["Action"])
    assert key["Condition"] == {
        "StringEquals": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{STORE}"}
    }
    assert all(not action.endswith("*") for s in found for action in s["Action"])
    role = plan.one("aws_iam_role")
    assert role["name"] == "ekp-prod-euw1-kubecost-agent"
    account = merged(plan)["finopsagent"]["serviceAccount"]
    assert account["name"] == "kubecost-agent"
    assert bool(account["annotations"]) is (mechanism is Mechanism.IRSA)


def test_the_agent_reads_no_more_of_a_node_than_its_numbers(
    stack: TerraformStack, ctx: Context
) -> None:
    assert merged(agent(stack, ctx))["finopsagent"]["rbac"] == {
        "clusterRole": {"allowKubeProxy": False}
    }


def test_the_agent_s_memory_follows_the_size_of_the_cluster(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(agent(stack, ctx, memory_gib=16))["finopsagent"]["resources"]

    assert found["limits"]["memory"] == "16Gi"
    assert found["requests"]["memory"] == "512Mi"


def test_the_store_is_closed_but_for_the_agents_that_are_named(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = store(stack, ctx, writer_role_arns=AGENTS)
    found = document(plan.one("aws_s3_bucket_policy")["policy"])["Statement"]
    allowed = [s for s in found if s["Effect"] == "Allow"]

    assert plan.one("aws_s3_bucket")["bucket"] == "ekp-prod-euw1-333333333333-kubecost"
    assert plan.one("aws_s3_bucket_public_access_block")["restrict_public_buckets"] is True
    assert allowed
    for statement in allowed:
        assert statement["Principal"] == {"AWS": ["111111111111", "333333333333"]}
        assert statement["Condition"] == {"ArnEquals": {"aws:PrincipalArn": list(AGENTS)}}
    assert [s["Sid"] for s in found if s["Effect"] == "Deny"] == ["DenyPlainHttp"]


def test_a_store_without_other_accounts_admits_none(stack: TerraformStack, ctx: Context) -> None:
    plan = store(stack, ctx)
    found = document(plan.one("aws_s3_bucket_policy")["policy"])["Statement"]
    key = document(plan.one("aws_kms_key")["policy"])["Statement"]

    assert [s["Effect"] for s in found] == ["Deny"]
    assert [s["Sid"] for s in key] == ["AccountPolicies"]


def test_the_store_s_key_is_for_the_same_agents_and_this_bucket(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = store(stack, ctx, writer_role_arns=AGENTS)
    bucket = plan.one("aws_s3_bucket")["bucket"]
    (agents,) = (
        s for s in document(plan.one("aws_kms_key")["policy"])["Statement"] if s["Sid"] == "Agents"
    )

    assert agents["Principal"] == {"AWS": ["111111111111", "333333333333"]}
    assert agents["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert agents["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": list(AGENTS)},
        "StringEquals": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}"},
    }


def test_who_read_what_months_cost_is_written_down(stack: TerraformStack, ctx: Context) -> None:
    logging = store(stack, ctx).one("aws_s3_bucket_logging")

    assert logging["target_bucket"] == ACCESS_LOGS.bucket_name


def test_what_months_cost_is_kept(stack: TerraformStack, ctx: Context) -> None:
    (rule,) = store(stack, ctx).one("aws_s3_bucket_lifecycle_configuration")["rule"]

    assert "expiration" not in rule


def test_the_hub_counts_shows_and_reports_itself(stack: TerraformStack, ctx: Context) -> None:
    found = merged(hub(stack, ctx))

    for component in ("aggregator", "frontend", "forecasting", "cloudCost", "finopsagent"):
        assert found[component]["enabled"] is True
    assert found["localStore"]["enabled"] is False


def test_cloud_costs_come_from_athena_by_the_pod_s_role(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = hub(stack, ctx)
    found = merged(plan)["cloudCost"]
    (source,) = json.loads(found["cloudIntegrationJSON"])["aws"]["athena"]

    assert source == {
        "bucket": "s3://results",
        "region": "eu-west-1",
        "database": "costs",
        "table": "cost_and_usage",
        "workgroup": "costs",
        "account": "999999999999",
        "curVersion": "1.0",
        "authorizer": {"authorizerType": "AWSServiceAccount"},
    }
    granted = {s["Sid"] for s in statements(plan, "kubecost/identity/role/policy")}
    assert granted == {"StoreList", "StoreObjects", "Queries"}


def test_without_a_report_there_is_no_cloud_cost_and_no_right_to_query(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = hub(stack, ctx, costs=None)

    assert merged(plan)["cloudCost"] == {"enabled": False}
    granted = {s["Sid"] for s in statements(plan, "kubecost/identity/role/policy")}
    assert granted == {"StoreList", "StoreObjects"}


def test_the_aggregator_and_the_agent_have_a_role_each(stack: TerraformStack, ctx: Context) -> None:
    plan = hub(stack, ctx)
    subjects = {
        document(role["assume_role_policy"])["Statement"][0]["Condition"]["StringEquals"][
            "oidc.example/id/1:sub"
        ]
        for role in plan.all("aws_iam_role").values()
    }

    assert subjects == {
        "system:serviceaccount:kubecost:kubecost",
        "system:serviceaccount:kubecost:kubecost-agent",
    }


def test_a_licence_is_a_reference(stack: TerraformStack, ctx: Context) -> None:
    found = merged(hub(stack, ctx, licensed=True))

    assert found["kubecostProductConfigs"]["productKey"] == {
        "enabled": True,
        "secretname": "kubecost-licence",
    }
    # The chart stops without it as soon as there is a licence.
    assert found["global"]["acknowledged"] is True


@pytest.mark.requirement("R40")
def test_costs_are_told_apart_by_the_labels_of_tenants_namespaces(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(hub(stack, ctx))["kubecostProductConfigs"]["labelMappingConfigs"]

    assert (found["team_label"], found["department_label"]) == ("ekp_tenant", "ekp_cost_center")


@pytest.mark.parametrize("mail_server", [True, False])
def test_mail_goes_by_a_server_of_one_s_own_or_not_at_all(
    stack: TerraformStack, ctx: Context, *, mail_server: bool
) -> None:
    found = merged(hub(stack, ctx, mail_server=mail_server))["kubecostProductConfigs"]
    made = [one.name for one in bootstrap_secrets(KubecostConfig(mail_server=mail_server))]

    assert found.get("smtp") == ({"secretname": "kubecost-smtp"} if mail_server else None)
    assert made == (["kubecost-smtp"] if mail_server else [])


def test_people_sign_in_by_group_with_a_secret_by_reference(
    stack: TerraformStack, ctx: Context
) -> None:
    oidc = merged(hub(stack, ctx, licensed=True, sign_in=SIGN_IN))["oidc"]

    assert oidc["enabled"] is True
    assert oidc["useIDToken"] is True
    assert oidc["clientID"] == CLIENT
    assert oidc["existingCustomSecret"] == {"enabled": True, "name": "kubecost-entra-id"}
    assert "clientSecret" not in oidc
    assert oidc["loginRedirectURL"] == f"https://{HOST}/model/oidc/authorize"
    assert oidc["discoveryURL"] == (
        f"https://login.microsoftonline.com/{TENANT}/v2.0/.well-known/openid-configuration"
    )
    assert f"client_id={CLIENT}&" in oidc["authURL"]
    # A role that is off would be everybody's.
    assert [(g["name"], g["enabled"], g["claimValues"]) for g in oidc["rbac"]["groups"]] == [
        ("admin", True, [ADMINS]),
        ("readonly", True, [VIEWERS]),
    ]


def test_a_sign_in_without_a_licence_is_refused_for_kubecost_would_not_ask() -> None:
    with pytest.raises(ValidationError, match="with an Enterprise licence alone; set licensed"):
        KubecostConfig(sign_in=SIGN_IN)


def test_pages_that_ask_nobody_who_they_are_have_no_host() -> None:
    with pytest.raises(ValueError, match=f"has the host {HOST} and no sign_in"):
        check_host(KubecostConfig(), HOST)
    with pytest.raises(ValueError, match="a sign_in and no host for people to come back to"):
        check_host(KubecostConfig(licensed=True, sign_in=SIGN_IN), None)


def test_the_pages_have_copies_and_the_database_one(stack: TerraformStack, ctx: Context) -> None:
    found = merged(hub(stack, ctx, database_gib=256, memory_gib=16, retention_days=400))

    assert found["frontend"]["replicas"] == 2
    assert found["aggregator"]["aggregatorDbStorage"] == {"storageRequest": "256Gi"}
    assert found["aggregator"]["resources"]["limits"] == {"memory": "16Gi"}
    assert found["aggregator"]["retention1d"] == 400


def test_the_pages_have_a_memory_limit_for_the_chart_sets_none(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(hub(stack, ctx))

    assert found["frontend"]["resources"]["limits"] == {"memory": "256Mi"}


def test_a_single_hub_has_one_copy_of_everything(stack: TerraformStack, ctx: Context) -> None:
    found = merged(hub(stack, ctx, availability=Availability.SINGLE))

    assert found["frontend"]["replicas"] == 1


def test_no_key_of_a_cloud_is_made_and_nothing_is_told_to_the_vendor(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(hub(stack, ctx))

    assert found["global"]["cspPricingApiKey"] == {"useDefaultApiKey": False}
    assert found["telemetry"] == {"enabled": False}


def test_every_key_is_one_of_the_chart(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context, tmp_path: Path
) -> None:
    found = {
        "agent": merged(agent(other_stack, ctx)),
        "hub": merged(hub(stack, ctx, licensed=True, sign_in=SIGN_IN)),
    }

    assert complaints("kubecost", found, tmp_path) == []
