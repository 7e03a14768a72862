"""Vault starts by itself: certificate, servers, first initialisation, snapshots, least rights."""

import json
from pathlib import Path
from typing import Any

from modules.addons.vault import IMAGE, NAMESPACE, Vault, VaultConfig
from modules.aws.bucket import BucketConfig
from modules.aws.workload_identity import Mechanism
from modules.core.availability import Availability
from modules.core.context import Context

import pytest
from cdktf import TerraformStack
from pydantic import ValidationError

from tests.support.chart_values import complaints
from tests.support.custom_resources import mistakes
from tests.support.literal_secrets import secrets
from tests.support.platform import ACCESS_LOGS, CLUSTER
from tests.support.releases import after, named, objects, values
from tests.support.service_accounts import trusted
from tests.support.synth import Synth, document, ref

RELEASES = ("vault-certificate", "vault", "vault-init", "vault-snapshot")


def synth(
    stack: TerraformStack,
    ctx: Context,
    *,
    availability: Availability = Availability.HIGH,
    identity: Mechanism = Mechanism.IRSA,
    host: str | None = None,
    **settings: Any,
) -> Synth:
    Vault(
        stack,
        "vault",
        ctx=ctx,
        config=VaultConfig(**settings),
        availability=availability,
        cluster=CLUSTER,
        identity=identity,
        access_logs=ACCESS_LOGS,
        host=host,
        after=[],
    )
    return Synth(stack)


def server(plan: Synth) -> dict[str, Any]:
    found: dict[str, Any] = values(named(plan, "vault"))["server"]
    return found


def policy(plan: Synth, path: str) -> dict[str, list[str]]:
    role = plan.all("aws_iam_role_policy")[f"vault/{path}/role/policy"]
    statements = document(role["policy"])["Statement"]
    return {action: s["Resource"] for s in statements for action in s["Action"]}


def test_everything_lives_in_one_restricted_namespace(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)

    assert {named(plan, name)["namespace"] for name in RELEASES} == {NAMESPACE.name}
    assert (NAMESPACE.name, NAMESPACE.pod_security) == ("vault", "restricted")


def test_the_certificate_comes_first_and_snapshots_last(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    for index, name in enumerate(RELEASES):
        assert after(plan, name) >= set(RELEASES[:index])


def test_three_servers_survive_the_loss_of_a_zone(stack: TerraformStack, ctx: Context) -> None:
    found = server(synth(stack, ctx))

    assert found["ha"]["replicas"] == 3
    assert found["ha"]["disruptionBudget"]["enabled"] is True
    keys = [spread["topologyKey"] for spread in found["topologySpreadConstraints"]]
    assert "topology.kubernetes.io/zone" in keys
    assert found["ha"]["raft"]["config"].count("retry_join") == 3


def test_a_single_server_keeps_no_node_from_being_drained(
    stack: TerraformStack, ctx: Context
) -> None:
    found = server(synth(stack, ctx, availability=Availability.SINGLE))

    assert found["ha"]["replicas"] == 1
    assert found["ha"]["disruptionBudget"]["enabled"] is False
    assert found["ha"]["raft"]["config"].count("retry_join") == 1


@pytest.mark.parametrize(
    ("availability", "servers", "expected"),
    [
        (Availability.HIGH, None, 3),
        (Availability.SINGLE, None, 1),
        # A cluster that gets smaller keeps its servers until two of them are out of the raft.
        (Availability.SINGLE, 3, 3),
        (Availability.HIGH, 1, 1),
    ],
)
def test_vault_has_its_own_number_of_servers_or_follows_the_availability(
    stack: TerraformStack,
    ctx: Context,
    availability: Availability,
    servers: int | None,
    expected: int,
) -> None:
    plan = synth(stack, ctx, availability=availability, servers=servers)

    found = server(plan)
    assert found["ha"]["replicas"] == expected
    assert found["ha"]["raft"]["config"].count("retry_join") == expected
    (job,) = (o for o in objects(named(plan, "vault-init")) if o["kind"] == "Job")
    (container,) = job["spec"]["template"]["spec"]["containers"]
    (peers,) = (v["value"] for v in container["env"] if v["name"] == "PEERS")
    assert len(peers.split()) == expected


def test_two_servers_are_refused_since_none_of_them_may_go() -> None:
    with pytest.raises(ValidationError, match="Input should be 1 or 3"):
        VaultConfig.model_validate({"servers": 2})


def test_a_zone_never_takes_a_second_server_while_another_has_none(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    (zone, _) = server(synth(stack, ctx))["topologySpreadConstraints"]
    (alone, _) = server(synth(other_stack, ctx, servers=1))["topologySpreadConstraints"]

    assert zone["topologyKey"] == "topology.kubernetes.io/zone"
    assert (zone["maxSkew"], zone["whenUnsatisfiable"]) == (1, "DoNotSchedule")
    assert alone["whenUnsatisfiable"] == "ScheduleAnyway"


def alert(plan: Synth, name: str) -> str:
    rules = values(named(plan, "vault"))["serverTelemetry"]["prometheusRules"]["rules"]
    (expression,) = (rule["expr"] for rule in rules if rule["alert"] == name)
    return " ".join(expression.split())


def test_an_alert_counts_the_servers_that_should_be_there(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)
    which = '{namespace="vault", statefulset="vault"}'

    # What waits for a node is no target of Prometheus, so "up" would not count it.
    assert alert(plan, "VaultDown") == (
        f"max by (namespace, statefulset) (kube_statefulset_status_replicas_ready{which})"
        f" < floor(max by (namespace, statefulset) (kube_statefulset_replicas{which}) / 2) + 1"
    )


def test_an_alert_tells_of_servers_that_nobody_leads(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)

    assert alert(plan, "VaultWithoutLeader") == (
        'sum by (namespace) (vault_core_active{namespace="vault"}) < 1'
    )


def test_an_alert_tells_of_a_snapshot_that_is_old_or_never_worked(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    (cron,) = (o for o in objects(named(plan, "vault-snapshot")) if o["kind"] == "CronJob")
    which = f'{{namespace="{NAMESPACE.name}", cronjob="{cron["metadata"]["name"]}"}}'
    succeeded = f"kube_cronjob_status_last_successful_time{which}"
    # The metric of the last success is absent until there is one.
    assert alert(plan, "VaultSnapshotMissing") == (
        f"time() - max by (namespace, cronjob) ({succeeded}) > 6 * 3600"
        f" or ( time() - max by (namespace, cronjob) (kube_cronjob_created{which}) > 6 * 3600"
        f" unless on (namespace, cronjob) {succeeded} )"
    )


def test_nothing_of_it_may_start_a_pod_where_that_would_make_it_vaults_root(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    made = [o for name in RELEASES if name != "vault" for o in objects(named(plan, name))]
    rules = [rule for o in made if o["kind"].endswith("Role") for rule in o["rules"]]
    assert {resource for rule in rules for resource in rule["resources"]} == {"certificates"}
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "list", "watch"}


def test_tls_is_on_and_verified(stack: TerraformStack, ctx: Context) -> None:
    found = values(named(synth(stack, ctx), "vault"))

    assert found["global"]["tlsDisable"] is False
    assert found["server"]["ha"]["apiAddr"].startswith("https://")
    monitor = found["serverTelemetry"]["serviceMonitor"]
    assert monitor["tlsConfig"]["ca"]["secret"] == {"name": "vault-server", "key": "ca.crt"}
    assert "insecureSkipVerify" not in monitor["tlsConfig"]
    mounted = [v for v in found["server"]["volumes"] if v["name"] == "tls"]
    assert mounted[0]["secret"]["secretName"] == "vault-server"


def test_vault_is_unsealed_by_a_key_that_its_server_alone_may_use(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    key = ref(plan.address("aws_kms_key", "vault/unseal-key"), "arn")
    assert policy(plan, "identity") == {
        "kms:Encrypt": [key],
        "kms:Decrypt": [key],
        "kms:DescribeKey": [key],
    }
    assert f'kms_key_id = "{key}"' in server(plan)["ha"]["raft"]["config"]


def test_roles_and_service_accounts_agree(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)
    account = server(plan)["serviceAccount"]
    carried = {account["name"]: account["annotations"]}
    for name in ("vault-init", "vault-snapshot"):
        made = next(o for o in objects(named(plan, name)) if o["kind"] == "ServiceAccount")
        carried[made["metadata"]["name"]] = made["metadata"]["annotations"]

    paths = {
        "vault": "identity",
        "vault-init": "init-identity",
        "vault-snapshot": "snapshots/identity",
    }
    for name, path in paths.items():
        role = plan.all("aws_iam_role")[f"vault/{path}/role"]
        assert trusted(role) == f"vault/{name}"
        arn = ref(plan.address("aws_iam_role", f"vault/{path}/role"), "arn")
        assert carried[name] == {"eks.amazonaws.com/role-arn": arn}


def test_pod_identity_needs_no_annotations(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx, identity=Mechanism.POD_IDENTITY)

    assert "eks.amazonaws.com/role-arn" not in json.dumps(plan.all("helm_release"))
    assert len(plan.all("aws_eks_pod_identity_association")) == 3


def test_who_initialises_vault_can_write_the_recovery_keys_but_not_read_them(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    found = policy(plan, "init-identity")
    secret = ref(plan.address("aws_secretsmanager_secret", "vault/recovery"), "arn")
    assert found["secretsmanager:PutSecretValue"] == [secret]
    assert "secretsmanager:GetSecretValue" not in found
    assert not any("*" in resource for resources in found.values() for resource in resources)


def test_recovery_keys_are_encrypted_by_a_key_of_their_own(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    secret = plan.all("aws_secretsmanager_secret")["vault/recovery"]
    assert secret["kms_key_id"] == ref(plan.address("aws_kms_key", "vault/recovery/key"), "arn")
    assert plan.all("aws_secretsmanager_secret_version") == {}


def test_the_job_writes_to_the_secret_that_its_role_may_write(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    (job,) = (o for o in objects(named(plan, "vault-init")) if o["kind"] == "Job")
    (container,) = job["spec"]["template"]["spec"]["containers"]
    given = {variable["name"]: variable["value"] for variable in container["env"]}
    assert given["SECRET_ID"] == ref(
        plan.address("aws_secretsmanager_secret", "vault/recovery"), "arn"
    )
    assert len(given["PEERS"].split()) == 3


def test_a_snapshot_is_added_and_never_read_or_deleted(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)

    bucket = ref(plan.address("aws_s3_bucket", "vault/snapshots/bucket"), "arn")
    key = ref(plan.address("aws_kms_key", "vault/snapshots/key"), "arn")
    assert policy(plan, "snapshots/identity") == {
        "s3:PutObject": [f"{bucket}/*"],
        "s3:AbortMultipartUpload": [f"{bucket}/*"],
        "kms:GenerateDataKey": [key],
        "kms:Decrypt": [key],
    }


def test_snapshots_are_encrypted_private_and_expire(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx, snapshots=BucketConfig(retention_days=7))

    (rule,) = plan.one("aws_s3_bucket_lifecycle_configuration")["rule"]
    assert rule["expiration"] == [{"days": 7}]
    encryption = plan.one("aws_s3_bucket_server_side_encryption_configuration")["rule"][0]
    assert encryption["apply_server_side_encryption_by_default"]["sse_algorithm"] == "aws:kms"
    assert plan.one("aws_s3_bucket_logging")["target_bucket"] == ACCESS_LOGS.bucket_name
    assert plan.one("aws_s3_bucket_public_access_block")["restrict_public_buckets"] is True
    assert "DenyPlainHttp" in plan.one("aws_s3_bucket_policy")["policy"]


def test_the_schedule_of_snapshots_is_a_setting(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx, snapshot_schedule="0 3 * * *")

    (cron,) = (o for o in objects(named(plan, "vault-snapshot")) if o["kind"] == "CronJob")
    assert cron["spec"]["schedule"] == "0 3 * * *"


def test_the_server_runs_a_copy_of_the_binary_of_its_own_version(
    stack: TerraformStack, ctx: Context
) -> None:
    found = server(synth(stack, ctx))

    (copying,) = found["extraInitContainers"]
    assert copying["image"] == f"{found['image']['repository']}:{found['image']['tag']}" == IMAGE
    assert found["extraEnvironmentVars"]["PATH"].split(":")[0] == "/vault/bin"
    assert {"name": "binary", "mountPath": "/vault/bin", "readOnly": True} in found["volumeMounts"]


def test_a_sidecar_takes_up_renewed_certificates_and_keeps_the_audit_log_small(
    stack: TerraformStack, ctx: Context
) -> None:
    found = server(synth(stack, ctx, audit_gib=4))

    (sidecar,) = found["extraContainers"]
    given = {variable["name"]: variable["value"] for variable in sidecar["env"]}
    assert found["shareProcessNamespace"] is True
    assert "kill -HUP" in sidecar["command"][-1]
    kept = (int(given["COPIES"]) + 1) * int(given["MAX_BYTES"])
    assert kept < 4 * 2**30
    assert found["auditStorage"] == {"enabled": True, "storageClass": "gp3", "size": "4Gi"}


def test_volumes_outlive_the_release(stack: TerraformStack, ctx: Context) -> None:
    found = server(synth(stack, ctx))

    assert found["persistentVolumeClaimRetentionPolicy"]["whenDeleted"] == "Retain"
    assert found["dataStorage"]["storageClass"] == "gp3"


def test_no_webhook_stands_in_the_way_of_pods(stack: TerraformStack, ctx: Context) -> None:
    found = values(named(synth(stack, ctx), "vault"))

    assert found["injector"]["enabled"] is False


@pytest.mark.parametrize(("host", "shown"), [(None, False), ("vault.ekp.example", True)])
def test_the_user_interface_is_there_where_it_has_a_name(
    stack: TerraformStack, ctx: Context, host: str | None, *, shown: bool
) -> None:
    plan = synth(stack, ctx, host=host)

    (made,) = (o for o in objects(named(plan, "vault-certificate")) if o["kind"] == "Certificate")
    assert values(named(plan, "vault"))["ui"]["enabled"] is shown
    assert server(plan)["ha"]["raft"]["config"].startswith(f"ui = {str(shown).lower()}\n")
    assert ("vault.ekp.example" in made["spec"]["dnsNames"]) is shown


def test_a_deleted_secret_can_be_restored_unless_the_settings_say_otherwise(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    kept = synth(stack, ctx).one("aws_secretsmanager_secret")
    gone = synth(other_stack, ctx, secret_recovery_days=0).one("aws_secretsmanager_secret")

    assert kept["recovery_window_in_days"] == 30
    assert gone["recovery_window_in_days"] == 0


@pytest.mark.parametrize("availability", Availability)
def test_no_secret_stands_in_the_values(
    stack: TerraformStack, ctx: Context, availability: Availability
) -> None:
    plan = synth(stack, ctx, availability=availability)

    for name in RELEASES:
        assert list(secrets(values(named(plan, name)))) == []


@pytest.mark.parametrize("availability", Availability)
def test_the_chart_knows_every_value(
    stack: TerraformStack, ctx: Context, availability: Availability, tmp_path: Path
) -> None:
    plan = synth(stack, ctx, availability=availability, host="vault.ekp.example")

    assert complaints("vault", {"vault": values(named(plan, "vault"))}, tmp_path) == []


def test_the_definitions_know_every_object(
    stack: TerraformStack, ctx: Context, tmp_path: Path
) -> None:
    plan = synth(stack, ctx)

    assert mistakes(objects(named(plan, "vault-certificate")), tmp_path) == []
