"""The queue that tells Karpenter which instances AWS is about to take away."""

import json
from collections.abc import Mapping

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import CloudwatchEventTarget
from constructs import Construct

from ..core.context import Context
from ..core.iam import Statement, allow
from .queue import Queue, QueueConfig, QueueOutputs

# Source: EventBridge user guide, "EventBridge quotas", rule name.
RULE_NAME_LIMIT = 64
# An interruption that is older has happened.
RETENTION_SECONDS = 300
# Each kind of event by the name of its rule: source and detail-type. Source: Karpenter v1.14,
# website/content/en/v1.14/getting-started/getting-started-with-karpenter/cloudformation.yaml.
EVENTS: Mapping[str, tuple[str, str]] = {
    "health-event": ("aws.health", "AWS Health Event"),
    "spot-interruption": ("aws.ec2", "EC2 Spot Instance Interruption Warning"),
    "rebalance": ("aws.ec2", "EC2 Instance Rebalance Recommendation"),
    "instance-state-change": ("aws.ec2", "EC2 Instance State-change Notification"),
    "capacity-interruption": (
        "aws.ec2",
        "EC2 Capacity Reservation Instance Interruption Warning",
    ),
}


class InterruptionQueue(Construct):
    """The queue ``<prefix>-interruptions`` and the EventBridge rules that fill it.

    No other service, account or rule may send: a forged event would drain nodes. Whoever reads the
    queue is let by :func:`may_consume`.
    """

    outputs: QueueOutputs
    ready: list[ITerraformDependable]
    """What must stand before Karpenter relies on the queue."""

    def __init__(self, scope: Construct, id_: str, *, ctx: Context) -> None:
        super().__init__(scope, id_)
        rules = {
            name: CloudwatchEventRule(
                self,
                name,
                name=ctx.name(name, limit=RULE_NAME_LIMIT),
                description=f"{kind} for Karpenter",
                event_pattern=json.dumps({"source": [source], "detail-type": [kind]}),
                tags={"Name": ctx.name(name)},
            )
            for name, (source, kind) in EVENTS.items()
        }
        queue = Queue(
            self,
            "queue",
            ctx=ctx,
            name="interruptions",
            config=QueueConfig(retention_seconds=RETENTION_SECONDS),
            rule_arns=[rule.arn for rule in rules.values()],
        )
        self.ready = [
            CloudwatchEventTarget(
                self,
                f"{name}-target",
                rule=rule.name,
                target_id="interruption-queue",
                arn=queue.outputs.arn,
            )
            for name, rule in rules.items()
        ]
        self.outputs = queue.outputs


def may_consume(queue: QueueOutputs) -> tuple[Statement, ...]:
    """Return what lets Karpenter read the queue. Source: as for :data:`EVENTS`."""
    actions = ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
    return (allow("InterruptionQueue", actions, [queue.arn]),)
