"""Loki keeps logs in S3, encrypted, as long as it is told, and survives the loss of a zone."""

from pathlib import Path
from typing import Any

from modules.addons.loki import BACKSTOP_DAYS, NAMESPACE, Loki, LokiConfig
from modules.addons.observability import LOKI_HOST
from modules.aws.workload_identity import Mechanism
from modules.core.availability import Availability
from modules.core.context import Context

import pytest
from cdktf import TerraformStack
from pydantic import ValidationError

from tests.support.chart_values import complaints
from tests.support.literal_secrets import secrets
from tests.support.platform import ACCESS_LOGS, CLUSTER
from tests.support.releases import named, values
from tests.support.service_accounts import trusted
from tests.support.synth import Synth, document, ref


def synth(
    stack: TerraformStack,
    ctx: Context,
    *,
    availability: Availability = Availability.HIGH,
    identity: Mechanism = Mechanism.IRSA,
    **settings: Any,
) -> Synth:
    Loki(
        stack,
        "loki",
        ctx=ctx,
        config=LokiConfig(**settings),
        availability=availability,
        cluster=CLUSTER,
        identity=identity,
        access_logs=ACCESS_LOGS,
        after=[],
    )
    return Synth(stack)


def merged(stack: TerraformStack, ctx: Context, **settings: Any) -> dict[str, Any]:
    return values(named(synth(stack, ctx, **settings), "loki"))


def test_logs_lie_in_the_bucket_of_their_own(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)
    found = values(named(plan, "loki"))["loki"]

    bucket = ref(plan.address("aws_s3_bucket", "loki/bucket"), "id")
    assert found["storage"]["bucketNames"] == {"chunks": bucket, "ruler": bucket}
    assert found["storage"]["s3"] == {"region": "eu-west-1"}
    (schema,) = found["schemaConfig"]["configs"]
    assert (schema["store"], schema["schema"], schema["object_store"]) == ("tsdb", "v13", "s3")


def test_the_bucket_is_encrypted_and_admits_tls_alone(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)

    rule = plan.one("aws_s3_bucket_server_side_encryption_configuration")["rule"][0]
    by_default = rule["apply_server_side_encryption_by_default"]
    assert by_default["kms_master_key_id"] == ref(plan.address("aws_kms_key", "loki/key"), "arn")
    assert "DenyPlainHttp" in plan.one("aws_s3_bucket_policy")["policy"]


def test_loki_deletes_what_is_too_old_and_the_bucket_what_it_forgets(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx, retention_days=10)
    found = values(named(plan, "loki"))["loki"]

    assert found["limits_config"]["retention_period"] == "240h"
    assert found["compactor"]["retention_enabled"] is True
    assert found["compactor"]["delete_request_store"] == "s3"
    (rule,) = plan.one("aws_s3_bucket_lifecycle_configuration")["rule"]
    assert rule["expiration"] == [{"days": 10 + BACKSTOP_DAYS}]


def test_logs_of_less_than_a_day_are_refused() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        LokiConfig(retention_days=0)


def test_three_copies_agree_and_are_spread_over_zones(stack: TerraformStack, ctx: Context) -> None:
    found = merged(stack, ctx)

    assert found["deploymentMode"] == "Monolithic"
    assert found["singleBinary"]["replicas"] == 3
    assert found["loki"]["commonConfig"]["replication_factor"] == 3
    assert found["gateway"]["replicas"] == 2
    for part in ("singleBinary", "gateway"):
        # The chart makes a budget only where a number stands in it.
        assert found[part]["podDisruptionBudget"]["maxUnavailable"] == 1
        keys = [spread["topologyKey"] for spread in found[part]["topologySpreadConstraints"]]
        assert "topology.kubernetes.io/zone" in keys


def test_a_zone_never_takes_a_second_copy_while_another_has_none(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(stack, ctx)

    (zone, _) = found["singleBinary"]["topologySpreadConstraints"]
    assert (zone["maxSkew"], zone["whenUnsatisfiable"]) == (1, "DoNotSchedule")
    # The gateway votes on nothing.
    (zone, _) = found["gateway"]["topologySpreadConstraints"]
    assert zone["whenUnsatisfiable"] == "ScheduleAnyway"


def test_no_job_makes_the_statefulset_anew_since_the_namespace_refuses_its_pod(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(stack, ctx)

    assert NAMESPACE.pod_security == "restricted"
    assert found["singleBinary"]["statefulSetRecreateJob"] == {"enabled": False}


def test_a_single_copy_agrees_with_itself(stack: TerraformStack, ctx: Context) -> None:
    found = merged(stack, ctx, availability=Availability.SINGLE)

    assert found["singleBinary"]["replicas"] == 1
    assert found["loki"]["commonConfig"]["replication_factor"] == 1
    assert found["gateway"]["replicas"] == 1


def test_copies_of_other_deployment_modes_are_off(stack: TerraformStack, ctx: Context) -> None:
    found = merged(stack, ctx)

    assert [found[part]["replicas"] for part in ("read", "write", "backend")] == [0, 0, 0]
    assert found["minio"]["enabled"] is False


def test_role_and_service_account_agree(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)
    account = values(named(plan, "loki"))["serviceAccount"]

    assert trusted(plan.one("aws_iam_role")) == f"{NAMESPACE.name}/{account['name']}"
    arn = ref(plan.address("aws_iam_role", "loki/identity/role"), "arn")
    assert account["annotations"] == {"eks.amazonaws.com/role-arn": arn}


def test_pod_identity_needs_no_annotation(stack: TerraformStack, ctx: Context) -> None:
    found = merged(stack, ctx, identity=Mechanism.POD_IDENTITY)

    assert found["serviceAccount"]["annotations"] == {}


def test_the_role_reaches_the_bucket_and_its_key_alone(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)

    bucket = ref(plan.address("aws_s3_bucket", "loki/bucket"), "arn")
    key = ref(plan.address("aws_kms_key", "loki/key"), "arn")
    statements = document(plan.one("aws_iam_role_policy")["policy"])["Statement"]
    assert {r for s in statements for r in s["Resource"]} == {bucket, f"{bucket}/*", key}


def test_who_reads_logs_past_loki_is_written_down(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)
    logging = plan.one("aws_s3_bucket_logging")

    assert logging["bucket"] == ref(plan.address("aws_s3_bucket", "loki/bucket"), "id")
    assert logging["target_bucket"] == ACCESS_LOGS.bucket_name


def test_who_asks_names_a_tenant(stack: TerraformStack, ctx: Context) -> None:
    assert merged(stack, ctx)["loki"]["auth_enabled"] is True
    assert f"loki-gateway.{NAMESPACE.name}.svc" == LOKI_HOST


def test_caches_are_small(stack: TerraformStack, ctx: Context) -> None:
    found = merged(stack, ctx)

    assert found["chunksCache"]["allocatedMemory"] <= 1024
    assert found["resultsCache"]["allocatedMemory"] <= 256


def test_nothing_of_it_calls_the_kubernetes_api(stack: TerraformStack, ctx: Context) -> None:
    found = merged(stack, ctx)

    assert found["defaults"]["automountServiceAccountToken"] is False
    assert found["singleBinary"]["sidecar"] is False


def test_no_secret_stands_in_the_values(stack: TerraformStack, ctx: Context) -> None:
    assert list(secrets(merged(stack, ctx))) == []


@pytest.mark.parametrize("availability", Availability)
def test_the_chart_knows_every_value(
    stack: TerraformStack, ctx: Context, availability: Availability, tmp_path: Path
) -> None:
    found = {"loki": merged(stack, ctx, availability=availability)}

    assert complaints("loki", found, tmp_path) == []
