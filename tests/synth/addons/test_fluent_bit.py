"""Fluent Bit ships every container's log to Loki and to an encrypted log group that ends."""

import re
from pathlib import Path
from typing import Any

from modules.addons.fluent_bit import NAMESPACE, FluentBit, FluentBitConfig
from modules.addons.observability import LOKI_HOST, LOKI_TENANT
from modules.aws.workload_identity import Mechanism
from modules.core.context import Context

import pytest
from cdktf import TerraformStack
from pydantic import ValidationError

from tests.support.chart_values import complaints
from tests.support.literal_secrets import secrets
from tests.support.platform import CLUSTER
from tests.support.releases import named, values
from tests.support.service_accounts import trusted
from tests.support.synth import Synth, document, ref

GROUP = "/aws/eks/ekp-prod-euw1-eks/workloads"


def synth(
    stack: TerraformStack,
    ctx: Context,
    *,
    identity: Mechanism = Mechanism.IRSA,
    **settings: Any,
) -> Synth:
    FluentBit(
        stack,
        "fluent-bit",
        ctx=ctx,
        config=FluentBitConfig(**settings),
        cluster=CLUSTER,
        identity=identity,
        after=[],
    )
    return Synth(stack)


def merged(stack: TerraformStack, ctx: Context, **settings: Any) -> dict[str, Any]:
    return values(named(synth(stack, ctx, **settings), "aws-for-fluent-bit"))


def option(text: str, name: str) -> str:
    found = re.search(rf"^\s*{re.escape(name)}\s+(.+)$", text, re.MULTILINE)
    assert found is not None, name
    return found[1]


def test_terraform_makes_the_log_group_encrypted_and_with_an_end(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx, retention_days=30)

    group = plan.one("aws_cloudwatch_log_group")
    assert (group["name"], group["retention_in_days"]) == (GROUP, 30)
    assert group["kms_key_id"] == ref(plan.address("aws_kms_key", "fluent-bit/key"), "arn")
    outputs = values(named(plan, "aws-for-fluent-bit"))["cloudWatchLogs"]
    address = plan.address("aws_cloudwatch_log_group", "fluent-bit/log-group")
    assert outputs["logGroupName"] == ref(address, "name")
    assert outputs["autoCreateGroup"] is False
    assert outputs["region"] == "eu-west-1"


def test_a_retention_that_cloudwatch_does_not_know_is_refused() -> None:
    with pytest.raises(ValidationError, match="keeps no log group for 42 days"):
        FluentBitConfig(retention_days=42)


def test_logs_go_to_loki_under_the_platforms_tenant(stack: TerraformStack, ctx: Context) -> None:
    output = merged(stack, ctx)["additionalOutputs"]

    assert option(output, "Name") == "loki"
    assert option(output, "Host") == LOKI_HOST
    assert option(output, "tenant_id") == LOKI_TENANT


def test_pods_make_no_streams_of_their_own(stack: TerraformStack, ctx: Context) -> None:
    output = merged(stack, ctx)["additionalOutputs"]

    assert "pod_name" not in option(output, "labels")
    assert "pod=$kubernetes['pod_name']" in option(output, "structured_metadata")


def test_an_outage_of_a_destination_fills_no_memory_and_restarts_nothing(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(stack, ctx)

    assert option(found["input"]["extraInputs"], "storage.type") == "filesystem"
    assert option(found["service"]["extraService"], "storage.path").startswith("/var/log/")
    for output in (found["additionalOutputs"], found["cloudWatchLogs"]["extraOutputs"]):
        assert option(output, "storage.total_limit_size").endswith("M")
    assert found["livenessProbe"]["httpGet"]["path"] == "/"


def test_nobody_takes_his_logs_out_by_an_annotation(stack: TerraformStack, ctx: Context) -> None:
    assert merged(stack, ctx)["filter"]["k8sLoggingExclude"] == "Off"


def test_every_node_has_one_whatever_it_is_tainted_for(stack: TerraformStack, ctx: Context) -> None:
    found = merged(stack, ctx)

    assert found["tolerations"] == [{"operator": "Exists"}]
    assert found["priorityClassName"] == "system-node-critical"


def test_its_own_log_is_not_shipped_in_a_circle(stack: TerraformStack, ctx: Context) -> None:
    excluded = option(merged(stack, ctx)["input"]["extraInputs"], "Exclude_Path")

    assert excluded == "/var/log/containers/aws-for-fluent-bit-*.log"


def test_root_has_no_powers_beyond_reading(stack: TerraformStack, ctx: Context) -> None:
    context = merged(stack, ctx)["containerSecurityContext"]

    assert context["capabilities"] == {"drop": ["ALL"]}
    assert context["allowPrivilegeEscalation"] is False
    assert NAMESPACE.pod_security == "privileged"


def test_it_sees_no_folder_of_the_node_but_the_logs(stack: TerraformStack, ctx: Context) -> None:
    volumes = merged(stack, ctx)["volumes"]

    assert [volume["hostPath"]["path"] for volume in volumes] == ["/var/log"]


def test_role_and_service_account_agree(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)
    account = values(named(plan, "aws-for-fluent-bit"))["serviceAccount"]

    assert trusted(plan.one("aws_iam_role")) == f"{NAMESPACE.name}/{account['name']}"
    arn = ref(plan.address("aws_iam_role", "fluent-bit/identity/role"), "arn")
    assert account["annotations"] == {"eks.amazonaws.com/role-arn": arn}


def test_pod_identity_needs_no_annotation(stack: TerraformStack, ctx: Context) -> None:
    found = merged(stack, ctx, identity=Mechanism.POD_IDENTITY)

    assert found["serviceAccount"]["annotations"] == {}


def test_the_role_writes_to_the_one_group_and_makes_none(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    arn = ref(plan.address("aws_cloudwatch_log_group", "fluent-bit/log-group"), "arn")
    (statement,) = document(plan.one("aws_iam_role_policy")["policy"])["Statement"]
    assert statement["Resource"] == [arn, f"{arn}:log-stream:*"]
    assert "logs:CreateLogGroup" not in statement["Action"]
    assert "logs:PutRetentionPolicy" not in statement["Action"]


def test_no_secret_stands_in_the_values(stack: TerraformStack, ctx: Context) -> None:
    assert list(secrets(merged(stack, ctx))) == []


def test_the_chart_knows_every_value(stack: TerraformStack, ctx: Context, tmp_path: Path) -> None:
    found = {"fluent-bit": merged(stack, ctx)}

    assert complaints("aws-for-fluent-bit", found, tmp_path) == []
