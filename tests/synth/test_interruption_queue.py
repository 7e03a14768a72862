"""Karpenter's queue holds the interruptions that AWS announces, and what nobody could forge."""

import json

from modules.aws.interruption_queue import InterruptionQueue, may_consume
from modules.aws.queue import Queue, QueueConfig, QueueOutputs
from modules.core.context import Context

import pytest
from cdktf import TerraformStack
from pydantic import ValidationError

from tests.support.synth import Synth, document, ref

ARN = "arn:aws:sqs:eu-west-1:333333333333:ekp-prod-euw1-interruptions"


@pytest.fixture
def plan(stack: TerraformStack, ctx: Context) -> Synth:
    InterruptionQueue(stack, "interruptions", ctx=ctx)
    return Synth(stack)


def test_every_interruption_that_karpenter_knows_is_sent_to_it(plan: Synth) -> None:
    rules = plan.all("aws_cloudwatch_event_rule")
    targets = plan.all("aws_cloudwatch_event_target")

    patterns = [json.loads(rule["event_pattern"]) for rule in rules.values()]
    assert {(*pattern["source"], *pattern["detail-type"]) for pattern in patterns} == {
        ("aws.health", "AWS Health Event"),
        ("aws.ec2", "EC2 Spot Instance Interruption Warning"),
        ("aws.ec2", "EC2 Instance Rebalance Recommendation"),
        ("aws.ec2", "EC2 Instance State-change Notification"),
        ("aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning"),
    }
    queue = plan.address("aws_sqs_queue", "interruptions/queue")
    assert {target["arn"] for target in targets.values()} == {ref(queue, "arn")}
    assert {target["rule"] for target in targets.values()} == {
        ref(plan.address("aws_cloudwatch_event_rule", path), "name") for path in rules
    }


def test_its_rules_alone_may_send_to_it(plan: Synth) -> None:
    (_, *allowed) = document(plan.one("aws_sqs_queue")["policy"])["Statement"]

    (rules,) = allowed
    assert rules["Principal"] == {"Service": "events.amazonaws.com"}
    assert (rules["Action"], rules["Resource"]) == (["sqs:SendMessage"], [ARN])
    assert rules["Condition"] == {
        "ArnEquals": {
            "aws:SourceArn": [
                ref(plan.address("aws_cloudwatch_event_rule", path), "arn")
                for path in plan.all("aws_cloudwatch_event_rule")
            ]
        }
    }


def test_plain_http_is_refused(plan: Synth) -> None:
    (deny, *_) = document(plan.one("aws_sqs_queue")["policy"])["Statement"]

    assert (deny["Effect"], deny["Principal"], deny["Action"]) == ("Deny", "*", "sqs:*")
    assert deny["Resource"] == [ARN]
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_its_messages_are_encrypted_and_gone_when_they_are_old_news(plan: Synth) -> None:
    queue = plan.one("aws_sqs_queue")

    assert queue["sqs_managed_sse_enabled"] is True
    assert queue["message_retention_seconds"] == 300


def test_the_policy_is_about_the_queue_that_carries_it(plan: Synth) -> None:
    assert plan.one("aws_sqs_queue")["name"] == ARN.rpartition(":")[2]


def test_karpenter_is_ready_when_every_rule_has_its_target(
    stack: TerraformStack, ctx: Context
) -> None:
    queue = InterruptionQueue(stack, "interruptions", ctx=ctx)

    assert len(queue.ready) == len(Synth(stack).all("aws_cloudwatch_event_rule"))


def test_karpenter_may_take_messages_from_this_queue_and_send_none() -> None:
    (statement,) = may_consume(QueueOutputs(name="interruptions", arn=ARN))

    assert statement["Resource"] == [ARN]
    assert statement["Action"] == ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]


def test_a_queue_name_longer_than_sqs_takes_is_refused(stack: TerraformStack, ctx: Context) -> None:
    with pytest.raises(ValueError, match="has 84 characters, the service allows 80"):
        Queue(stack, "queue", ctx=ctx, name="x" * 70, config=QueueConfig(), rule_arns=[])


@pytest.mark.parametrize("seconds", [59, 1_209_601])
def test_messages_are_kept_as_long_as_sqs_can(seconds: int) -> None:
    with pytest.raises(ValidationError, match="retention_seconds"):
        QueueConfig(retention_seconds=seconds)
