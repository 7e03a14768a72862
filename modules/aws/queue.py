"""An encrypted SQS queue that EventBridge rules fill, and nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from constructs import Construct
from pydantic import Field

from ..core.config import Config
from ..core.context import Context
from ..core.iam import Statement, allow_principal, document

# Source: SQS developer guide, "Amazon SQS standard queue quotas", queue name.
NAME_LIMIT = 80


class QueueConfig(Config):
    """Settings of a queue."""

    retention_seconds: int = Field(default=345_600, ge=60, le=1_209_600)
    """Seconds that SQS keeps a message nobody has deleted (SQS API, SetQueueAttributes)."""


@dataclass(frozen=True, slots=True)
class QueueOutputs:
    """What users of the queue need."""

    name: str
    arn: str


class Queue(Construct):
    """The queue ``<prefix>-<name>``, encrypted with SQS' own keys.

    A KMS key would have to admit EventBridge as well. Only rules with one of ``rule_arns`` may
    send. Source of their permission: EventBridge user guide, "Amazon SQS permissions".
    """

    outputs: QueueOutputs

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        name: str,
        config: QueueConfig,
        rule_arns: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        full_name = ctx.name(name, limit=NAME_LIMIT)
        arn = f"arn:{ctx.partition}:sqs:{ctx.region}:{ctx.account_id}:{full_name}"
        queue = SqsQueue(
            self,
            "Resource",
            name=full_name,
            message_retention_seconds=config.retention_seconds,
            sqs_managed_sse_enabled=True,
            # Not a resource of its own: the queue is never without it, and the provider waits half
            # a minute for each.
            policy=document(
                _deny_plain_http(arn),
                allow_principal(
                    "RulesSend",
                    {"Service": "events.amazonaws.com"},
                    ["sqs:SendMessage"],
                    resources=[arn],
                    conditions={"ArnEquals": {"aws:SourceArn": list(rule_arns)}},
                ),
            ),
            tags={"Name": ctx.name(name)},
        )
        self.outputs = QueueOutputs(name=queue.name, arn=queue.arn)


def _deny_plain_http(arn: str) -> Statement:
    return {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": [arn],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
