"""The way in when nobody can sign in: a user who may become one role, and an alarm on its use."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import CloudwatchEventTarget
from cdktf_cdktf_provider_aws.iam_user import IamUser
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.sns_topic_policy import SnsTopicPolicy
from cdktf_cdktf_provider_aws.sns_topic_subscription import SnsTopicSubscription
from constructs import Construct
from pydantic import Field

from ..core.config import Config
from ..core.context import Context, Name
from ..core.iam import Statement, allow, allow_principal, document
from .interruption_queue import RULE_NAME_LIMIT
from .kms import Key, KeyConfig
from .role import NAME_LIMIT, Role

NAME = "break-glass"
"""Ends the names of the user, the role, the topic and the rule; names the access entries."""
# Both how old the proof of the second factor may be and how long a session lasts.
HOUR_SECONDS = 3600

Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]


class BreakGlassConfig(Config):
    """Settings of the way in for emergencies."""

    alarm_emails: Mapping[Name, Email] = Field(min_length=1)
    """Who is told of every use, by a name that never changes. AWS asks each once whether they want
    to be, and tells nobody who has not said yes."""
    key: KeyConfig = Field(
        default_factory=lambda: KeyConfig(description="Alarms on the use of the break-glass role")
    )
    """KMS key of the topic that sends the mails."""


@dataclass(frozen=True, slots=True)
class BreakGlassOutputs:
    """What people need to use it."""

    user_name: str
    role_arn: str


def role_arn(ctx: Context) -> str:
    """Return the ARN that the role has, or will have, in the environment of a global context."""
    name = ctx.name(NAME, limit=NAME_LIMIT)
    return f"arn:{ctx.partition}:iam::{ctx.account_id}:role/{name}"


class BreakGlass(Construct):
    """User and role ``<prefix>-break-glass``, and the alarm.

    Terraform makes neither a password nor an access key: both would be in its state. People make
    them, with a second factor, and seal them (docs/identity.md). The user has no policy: the
    role's trust in it is all it may do. Source: STS API reference, ``AssumeRole``: a user of the
    role's own account needs no policy where the trust policy names the user.

    The role may find the clusters whose names are given; what it may do in them, their access
    entries say.
    """

    outputs: BreakGlassOutputs

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: BreakGlassConfig,
        cluster_arns: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        name = ctx.name(NAME, limit=NAME_LIMIT)
        # Keys that people made for it keep it from being destroyed: they take them away first.
        user = IamUser(self, "user", name=name, tags={"Name": name})
        role = Role(
            self,
            "role",
            ctx=ctx,
            name=NAME,
            trust=document(_trust(user.arn, ctx.region)),
            policy=document(allow("FindClusters", ["eks:DescribeCluster"], cluster_arns)),
        )
        self._alarm(ctx, config, name)
        self.outputs = BreakGlassOutputs(user_name=user.name, role_arn=role.arn)

    def _alarm(self, ctx: Context, config: BreakGlassConfig, name: str) -> None:
        key = Key(
            self,
            "key",
            ctx=ctx,
            name=NAME,
            config=config.key,
            statements=[_events_may_encrypt()],
        )
        topic = SnsTopic(
            self, "topic", name=name, kms_master_key_id=key.outputs.arn, tags={"Name": name}
        )
        rule = CloudwatchEventRule(
            self,
            "rule",
            name=ctx.name(NAME, limit=RULE_NAME_LIMIT),
            description="Somebody used or changed the break-glass user or role",
            event_pattern=json.dumps(_uses(ctx, name)),
            tags={"Name": name},
        )
        policy = SnsTopicPolicy(
            self,
            "topic-policy",
            arn=topic.arn,
            policy=document(
                allow_principal(
                    "RuleTells",
                    {"Service": "events.amazonaws.com"},
                    ["sns:Publish"],
                    resources=[topic.arn],
                    conditions={"ArnEquals": {"aws:SourceArn": rule.arn}},
                )
            ),
        )
        CloudwatchEventTarget(
            self, "target", rule=rule.name, target_id="topic", arn=topic.arn, depends_on=[policy]
        )
        for called, address in config.alarm_emails.items():
            SnsTopicSubscription(
                self,
                f"mail-{called}",
                topic_arn=topic.arn,
                protocol="email",
                endpoint=address,
            )


def _trust(user_arn: str, region: str) -> Statement:
    """Let the user become the role, with a fresh second factor, in the region of the alarm.

    CloudTrail tells of a call where it was answered, and the alarm listens in one region. Both
    keys of the second factor are for a user with long-lived credentials of IAM: the sessions of
    people who come through an identity provider never carry them, so nothing else asks for them.
    Source: IAM user guide, "AWS global condition context keys".
    """
    return allow_principal(
        "BreakGlassUser",
        {"AWS": user_arn},
        ["sts:AssumeRole"],
        conditions={
            "Bool": {"aws:MultiFactorAuthPresent": "true"},
            "NumericLessThan": {"aws:MultiFactorAuthAge": str(HOUR_SECONDS)},
            "StringEquals": {"aws:RequestedRegion": region},
        },
    )


def _events_may_encrypt() -> Statement:
    """Let EventBridge write to an encrypted topic; it says of no rule or account to the key.

    Source: Amazon SNS developer guide, "Enable compatibility between event sources from AWS
    services and encrypted topics".
    """
    return allow_principal(
        "EventBridge",
        {"Service": "events.amazonaws.com"},
        ["kms:Decrypt", "kms:GenerateDataKey*"],
        resources=["*"],
    )


def _uses(ctx: Context, name: str) -> dict[str, Any]:
    """Return the pattern of what the alarm tells: refused tries as well.

    All that the user does, a sign-in to the console among it; whoever becomes the role, or tries
    to; and every change of the user or the role, such as a new access key. CloudTrail writes IAM's
    events, and sign-ins over the global address, in us-east-1; a sign-in over a region's own
    address there, where it opens nothing by itself.
    """
    told = [
        {"userIdentity": {"userName": [name]}},
        {"eventSource": ["sts.amazonaws.com"], "requestParameters": {"roleArn": [role_arn(ctx)]}},
        {"eventSource": ["iam.amazonaws.com"], "requestParameters": {"userName": [name]}},
        {"eventSource": ["iam.amazonaws.com"], "requestParameters": {"roleName": [name]}},
    ]
    kinds = ["AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail"]
    return {"detail-type": kinds, "detail": {"$or": told}}
