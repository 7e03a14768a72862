"""Flow logs: all traffic is written down, encrypted, kept for a known time."""

from modules.aws.flow_logs import FlowLogs, FlowLogsConfig
from modules.core.context import Context

from cdktf import TerraformStack

from tests.support.synth import Synth, document, ref


def synth(stack: TerraformStack, ctx: Context) -> Synth:
    FlowLogs(stack, "flow", ctx=ctx, config=FlowLogsConfig(retention_days=90), vpc_id="vpc-1")
    return Synth(stack)


def test_accepted_and_rejected_traffic_of_the_vpc_is_logged(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    log = plan.one("aws_flow_log")

    assert (log["vpc_id"], log["traffic_type"]) == ("vpc-1", "ALL")
    group = plan.address("aws_cloudwatch_log_group", "flow/log-group")
    assert log["log_destination"] == ref(group, "arn")


def test_the_log_group_is_encrypted_and_expires(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)

    group = plan.one("aws_cloudwatch_log_group")

    assert group["kms_key_id"] == ref(plan.address("aws_kms_key", "flow/key"), "arn")
    assert group["retention_in_days"] == 90
    assert group["name"] == "/aws/vpc/ekp-prod-euw1-flow-logs"


def test_the_key_admits_the_logs_service_for_this_very_group(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    (_, logs) = document(plan.one("aws_kms_key")["policy"])["Statement"]

    assert logs["Condition"] == {
        "ArnEquals": {
            "kms:EncryptionContext:aws:logs:arn": (
                "arn:aws:logs:eu-west-1:333333333333:log-group:/aws/vpc/ekp-prod-euw1-flow-logs"
            )
        }
    }


def test_the_role_may_find_this_group_write_its_streams_and_nothing_else(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)
    group = plan.address("aws_cloudwatch_log_group", "flow/log-group")

    write, find = document(plan.one("aws_iam_role_policy")["policy"])["Statement"]

    assert write["Resource"] == [f"${{{group}.arn}}:*"]
    assert write["Action"] == [
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "logs:DescribeLogStreams",
    ]
    # The list of all groups is where the service finds this one; nothing is written there.
    assert find["Action"] == ["logs:DescribeLogGroups"]
    assert find["Resource"] == ["arn:aws:logs:eu-west-1:333333333333:log-group:*"]
    assert plan.all("aws_iam_role_policy_attachment") == {}


def test_logging_starts_when_its_role_may_write(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)

    assert plan.one("aws_flow_log")["depends_on"] == [
        plan.address("aws_iam_role_policy", "flow/role/policy")
    ]


def test_the_flow_logs_service_may_use_the_role_for_this_account_alone(
    stack: TerraformStack, ctx: Context
) -> None:
    trust = document(synth(stack, ctx).one("aws_iam_role")["assume_role_policy"])

    (statement,) = trust["Statement"]
    assert statement["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ctx.account_id}}
