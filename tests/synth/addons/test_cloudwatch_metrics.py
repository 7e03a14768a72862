"""Container Insights runs a current agent with less than AWS's own policy would give it."""

from pathlib import Path
from typing import Any

from modules.addons.cloudwatch_metrics import (
    NAMESPACE,
    CloudWatchMetrics,
    CloudWatchMetricsConfig,
)
from modules.aws.workload_identity import Mechanism
from modules.core.context import Context

from cdktf import TerraformStack

from tests.support.chart_values import complaints
from tests.support.platform import CLUSTER
from tests.support.releases import after, named, objects, values
from tests.support.service_accounts import trusted
from tests.support.synth import Synth, document, ref

RELEASE = "aws-cloudwatch-metrics"


def synth(
    stack: TerraformStack,
    ctx: Context,
    *,
    identity: Mechanism = Mechanism.IRSA,
    **settings: Any,
) -> Synth:
    CloudWatchMetrics(
        stack,
        "metrics",
        ctx=ctx,
        config=CloudWatchMetricsConfig(**settings),
        cluster=CLUSTER,
        identity=identity,
        after=[],
    )
    return Synth(stack)


def merged(stack: TerraformStack, ctx: Context, **settings: Any) -> dict[str, Any]:
    return values(named(synth(stack, ctx, **settings), RELEASE))


def test_the_agent_is_newer_than_the_chart(stack: TerraformStack, ctx: Context) -> None:
    image = merged(stack, ctx)["image"]

    # The chart's own is 1.300032, of early 2024.
    assert int(image["tag"].split(".")[1]) > 300060


def test_metrics_carry_the_clusters_name(stack: TerraformStack, ctx: Context) -> None:
    assert merged(stack, ctx)["clusterName"] == "ekp-prod-euw1-eks"


def test_terraform_makes_the_log_group_that_the_agent_writes_to(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx, retention_days=7)

    group = plan.one("aws_cloudwatch_log_group")
    assert group["name"] == "/aws/containerinsights/ekp-prod-euw1-eks/performance"
    assert group["retention_in_days"] == 7
    assert group["kms_key_id"] == ref(plan.address("aws_kms_key", "metrics/key"), "arn")
    release = named(plan, RELEASE)
    assert plan.address("aws_cloudwatch_log_group", "metrics/log-group") in release["depends_on"]


def test_the_role_writes_to_the_one_group_and_looks_at_volumes(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    arn = ref(plan.address("aws_cloudwatch_log_group", "metrics/log-group"), "arn")
    write, look = document(plan.one("aws_iam_role_policy")["policy"])["Statement"]
    assert write["Resource"] == [arn, f"{arn}:log-stream:*"]
    assert "logs:CreateLogGroup" not in write["Action"]
    assert look["Action"] == ["ec2:DescribeTags", "ec2:DescribeVolumes"]
    assert plan.all("aws_iam_role_policy_attachment") == {}


def test_role_and_service_account_agree(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)
    account = values(named(plan, RELEASE))["serviceAccount"]

    assert trusted(plan.one("aws_iam_role")) == f"{NAMESPACE.name}/{account['name']}"
    arn = ref(plan.address("aws_iam_role", "metrics/identity/role"), "arn")
    assert account["annotations"] == {"eks.amazonaws.com/role-arn": arn}


def test_pod_identity_needs_no_annotation(stack: TerraformStack, ctx: Context) -> None:
    found = merged(stack, ctx, identity=Mechanism.POD_IDENTITY)

    assert found["serviceAccount"]["annotations"] == {}


def test_the_agent_has_the_rights_that_the_chart_does_not_know_before_it_starts(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    role, binding = objects(named(plan, "cloudwatch-agent-rights"))
    assert [rule["resources"] for rule in role["rules"]] == [["services"], ["endpointslices"]]
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"get", "list", "watch"}
    (subject,) = binding["subjects"]
    assert (subject["name"], subject["namespace"]) == ("cloudwatch-agent", NAMESPACE.name)
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert "cloudwatch-agent-rights" in after(plan, RELEASE)


def test_every_node_has_one_that_reaches_the_instances_metadata(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(stack, ctx)

    assert found["tolerations"] == [{"operator": "Exists"}]
    assert found["hostNetwork"] is True
    assert NAMESPACE.pod_security == "privileged"


def test_no_metric_is_paid_for_each_container(stack: TerraformStack, ctx: Context) -> None:
    assert merged(stack, ctx)["enhancedContainerInsights"]["enabled"] is False


def test_the_chart_knows_every_value(stack: TerraformStack, ctx: Context, tmp_path: Path) -> None:
    found = {"metrics": merged(stack, ctx)}

    assert complaints("aws-cloudwatch-metrics", found, tmp_path) == []
