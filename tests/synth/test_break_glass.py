"""The way in for emergencies: one user, one role, a second factor, and nobody uses it unseen."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modules.aws.break_glass import BreakGlassConfig
from modules.aws.eks_access import AccessPolicy
from modules.core.context import Context
from modules.stacks.break_glass import BreakGlassStack, with_break_glass

import pytest
from cdktf import App
from moto.events.models import EventPattern
from pydantic import ValidationError

from tests.support import settings
from tests.support.edge_settings import edge_context
from tests.support.synth import Synth, document, ref

NAME = "ekp-prod-global-break-glass"
ROLE = f"arn:aws:iam::333333333333:role/{NAME}"
EMAILS = {"security": "security@example.org", "on-call": "on-call@example.org"}
CALL = "AWS API Call via CloudTrail"
# Keys of the second factor: sessions of people who come through an identity provider lack them.
SECOND_FACTOR = "MultiFactorAuth"


@pytest.fixture
def plan(app: App, ctx: Context) -> Synth:
    config = BreakGlassConfig(alarm_emails=EMAILS)
    return Synth(BreakGlassStack(app, edge_context(), config, clusters=[ctx]))


def trust(plan: Synth) -> dict[str, Any]:
    (statement,) = document(plan.one("aws_iam_role")["assume_role_policy"])["Statement"]
    found: dict[str, Any] = statement
    return found


def test_it_is_one_stack_of_the_environment_in_us_east_1(plan: Synth) -> None:
    assert plan.backend["key"] == "prod/global/break-glass.tfstate"
    assert plan.provider["region"] == "us-east-1"
    assert plan.data == {}
    assert plan.outputs["role_arn"] == ref(plan.address("aws_iam_role", "break-glass/role"), "arn")


@pytest.mark.requirement("R41")
def test_the_role_trusts_one_user_and_nobody_else(plan: Synth) -> None:
    user = plan.address("aws_iam_user", "break-glass/user")

    assert trust(plan)["Principal"] == {"AWS": ref(user, "arn")}
    assert trust(plan)["Action"] == ["sts:AssumeRole"]


@pytest.mark.requirement("R41")
def test_the_user_becomes_it_with_a_fresh_second_factor_where_the_alarm_sees_it(
    plan: Synth,
) -> None:
    assert trust(plan)["Condition"] == {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
        "StringEquals": {"aws:RequestedRegion": plan.provider["region"]},
    }


def test_a_session_lasts_an_hour_at_most(plan: Synth) -> None:
    # What IAM sets where nothing is said.
    assert plan.one("aws_iam_role").get("max_session_duration", 3600) == 3600


@pytest.mark.requirement("R41")
def test_the_user_may_do_nothing_else_and_no_credential_of_it_is_in_the_state(plan: Synth) -> None:
    kinds = {address.partition(".")[0] for address in plan.addresses}

    assert {kind for kind in kinds if kind.startswith("aws_iam")} == {
        "aws_iam_user",
        "aws_iam_role",
        "aws_iam_role_policy",
    }


def test_user_and_role_are_called_alike_and_the_role_is_bounded(plan: Synth) -> None:
    assert plan.one("aws_iam_user")["name"] == plan.one("aws_iam_role")["name"] == NAME
    assert plan.one("aws_iam_role")["permissions_boundary"] == settings.BOUNDARY


def test_the_role_may_find_the_clusters_and_nothing_else_of_aws(plan: Synth) -> None:
    (statement,) = document(plan.one("aws_iam_role_policy")["policy"])["Statement"]

    assert statement["Action"] == ["eks:DescribeCluster"]
    assert statement["Resource"] == ["arn:aws:eks:eu-west-1:333333333333:cluster/ekp-prod-euw1-eks"]


def test_the_role_administers_the_cluster_by_an_entry_of_the_arn_that_it_will_have() -> None:
    written = settings.cluster()
    cluster = with_break_glass(written, edge_context())
    added = cluster.eks.access_entries["break-glass"]

    assert (added.principal_arn, added.policy) == (ROLE, AccessPolicy.CLUSTER_ADMIN)
    assert added.namespaces == ()
    assert {**cluster.eks.access_entries} == {**written.eks.access_entries, "break-glass": added}


BY_THE_USER: dict[str, Any] = {
    "userIdentity": {"type": "IAMUser", "userName": NAME},
    "eventSource": "sts.amazonaws.com",
}
TOLD = {
    "the role is assumed": (
        CALL,
        {**BY_THE_USER, "eventName": "AssumeRole", "requestParameters": {"roleArn": ROLE}},
    ),
    "the second factor was missing": (
        CALL,
        {**BY_THE_USER, "eventName": "AssumeRole", "errorCode": "AccessDenied"},
    ),
    "somebody else tries": (
        CALL,
        {
            "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/a/b"},
            "eventSource": "sts.amazonaws.com",
            "requestParameters": {"roleArn": ROLE},
        },
    ),
    "the user signs in to the console": (
        "AWS Console Sign In via CloudTrail",
        {
            "userIdentity": {"type": "IAMUser", "userName": NAME},
            "eventSource": "signin.amazonaws.com",
            "eventName": "ConsoleLogin",
        },
    ),
    "the user gets an access key": (
        CALL,
        {"eventSource": "iam.amazonaws.com", "requestParameters": {"userName": NAME}},
    ),
    "the role's trust is changed": (
        CALL,
        {"eventSource": "iam.amazonaws.com", "requestParameters": {"roleName": NAME}},
    ),
}
NOT_TOLD = {
    "another role is assumed": (
        CALL,
        {
            "userIdentity": {"type": "AWSService"},
            "eventSource": "sts.amazonaws.com",
            "requestParameters": {"roleArn": "arn:aws:iam::333333333333:role/ekp-deploy"},
        },
    ),
    "another user gets a key": (
        CALL,
        {"eventSource": "iam.amazonaws.com", "requestParameters": {"userName": "ann"}},
    ),
}


def matches(plan: Synth, event: tuple[str, Mapping[str, Any]]) -> bool:
    rule = plan.one("aws_cloudwatch_event_rule")
    pattern = EventPattern(None, json.loads(rule["event_pattern"]))
    sent: Any = {"detail-type": event[0], "detail": event[1]}
    return pattern.matches_event(sent)


@pytest.mark.requirement("R41")
@pytest.mark.parametrize("event", TOLD.values(), ids=TOLD)
def test_people_are_told(plan: Synth, event: tuple[str, Mapping[str, Any]]) -> None:
    assert matches(plan, event)


@pytest.mark.parametrize("event", NOT_TOLD.values(), ids=NOT_TOLD)
def test_people_are_not_told_of_what_is_everyday(
    plan: Synth, event: tuple[str, Mapping[str, Any]]
) -> None:
    assert not matches(plan, event)


def test_the_alarm_reaches_everybody_over_a_topic_that_the_rule_alone_may_write_to(
    plan: Synth,
) -> None:
    topic = plan.address("aws_sns_topic", "break-glass/topic")
    rule = plan.address("aws_cloudwatch_event_rule", "break-glass/rule")
    (statement,) = document(plan.one("aws_sns_topic_policy")["policy"])["Statement"]

    assert plan.one("aws_cloudwatch_event_target")["arn"] == ref(topic, "arn")
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Action"] == ["sns:Publish"]
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": ref(rule, "arn")}}
    mails = plan.all("aws_sns_topic_subscription").values()
    assert {(mail["protocol"], mail["endpoint"]) for mail in mails} == {
        ("email", address) for address in EMAILS.values()
    }
    assert {mail["topic_arn"] for mail in mails} == {ref(topic, "arn")}


def test_eventbridge_may_use_the_key_that_the_topic_is_encrypted_with(plan: Synth) -> None:
    key = plan.address("aws_kms_key", "break-glass/key")
    _, events = document(plan.one("aws_kms_key")["policy"])["Statement"]

    assert plan.one("aws_sns_topic")["kms_master_key_id"] == ref(key, "arn")
    assert events["Principal"] == {"Service": "events.amazonaws.com"}
    assert events["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]


@pytest.mark.parametrize("address", ["security", "security@example", "a b@example.org", ""])
def test_an_alarm_goes_to_an_address(address: str) -> None:
    with pytest.raises(ValidationError, match="alarm_emails"):
        BreakGlassConfig(alarm_emails={"security": address})


def test_somebody_is_told() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        BreakGlassConfig(alarm_emails={})


@pytest.mark.requirement("R41")
def test_no_other_stack_asks_for_the_second_factor_of_iam(plan: Synth, outdir: Path) -> None:
    assert SECOND_FACTOR in json.dumps(trust(plan))
    asking = {
        file.parent.name
        for file in (outdir / "stacks").glob("*/cdk.tf.json")
        if SECOND_FACTOR in file.read_text(encoding="utf-8")
    }

    # It locks out whoever comes through Entra ID: their sessions never carry it.
    assert {one for one in asking if not one.endswith("-break-glass")} == set()
