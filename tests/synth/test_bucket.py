"""Buckets are closed, encrypted, reached by TLS alone, and their content expires."""

from typing import Any

from modules.aws.bucket import Bucket, BucketConfig, BucketOutputs, may_keep_objects
from modules.core.context import Context

import pytest
from cdktf import TerraformOutput, TerraformStack

from tests.support.synth import Synth, document

KEY = "arn:aws:kms:eu-west-1:333333333333:key/1"


def synth(stack: TerraformStack, ctx: Context, *, acls: bool = False, **changes: Any) -> Synth:
    Bucket(stack, "logs", ctx=ctx, name="logs", config=BucketConfig(**changes), acls=acls).admit()
    return Synth(stack)


def test_its_name_carries_the_account_because_names_are_global(
    stack: TerraformStack, ctx: Context
) -> None:
    assert synth(stack, ctx).one("aws_s3_bucket")["bucket"] == "ekp-prod-euw1-333333333333-logs"


def test_nothing_in_it_can_be_made_public(stack: TerraformStack, ctx: Context) -> None:
    closed = synth(stack, ctx).one("aws_s3_bucket_public_access_block")

    assert [closed[key] for key in closed if key.endswith(("acls", "policy", "buckets"))] == [
        True
    ] * 4


def test_plain_http_is_refused(stack: TerraformStack, ctx: Context) -> None:
    (deny,) = document(synth(stack, ctx).one("aws_s3_bucket_policy")["policy"])["Statement"]

    assert (deny["Effect"], deny["Principal"], deny["Action"]) == ("Deny", "*", "s3:*")
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_it_is_encrypted(stack: TerraformStack, ctx: Context) -> None:
    (rule,) = synth(stack, ctx).one("aws_s3_bucket_server_side_encryption_configuration")["rule"]

    assert rule["apply_server_side_encryption_by_default"] == {"sse_algorithm": "AES256"}


@pytest.mark.parametrize(("days", "expiration"), [(90, [{"days": 90}]), (None, None)])
def test_what_it_holds_expires_when_it_should(
    stack: TerraformStack, ctx: Context, days: int | None, expiration: Any
) -> None:
    (rule,) = synth(stack, ctx, retention_days=days).one("aws_s3_bucket_lifecycle_configuration")[
        "rule"
    ]

    assert rule.get("expiration") == expiration
    assert rule["noncurrent_version_expiration"] == [{"noncurrent_days": 30}]


def test_access_lists_are_known_only_where_a_service_needs_them(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    owners = [
        synth(one, ctx, acls=acls).one("aws_s3_bucket_ownership_controls")["rule"]
        for one, acls in ((stack, False), (other_stack, True))
    ]

    assert [owner["object_ownership"] for owner in owners] == [
        *("BucketOwnerEnforced", "BucketOwnerPreferred"),
    ]


def test_a_key_of_ones_own_encrypts_it_with_one_call_for_many_objects(
    stack: TerraformStack, ctx: Context
) -> None:
    bucket = Bucket(
        stack, "loki", ctx=ctx, name="loki", config=BucketConfig(retention_days=30), key_arn=KEY
    )
    (rule,) = Synth(stack).one("aws_s3_bucket_server_side_encryption_configuration")["rule"]

    assert rule["apply_server_side_encryption_by_default"] == {
        "sse_algorithm": "aws:kms",
        "kms_master_key_id": KEY,
    }
    assert rule["bucket_key_enabled"] is True
    assert bucket.outputs.key_arn == KEY


def test_nobody_writes_to_it_before_the_key_is_set(stack: TerraformStack, ctx: Context) -> None:
    config = BucketConfig()
    bucket = Bucket(stack, "loki", ctx=ctx, name="loki", config=config, key_arn=KEY)

    TerraformOutput(stack, "written", value="", depends_on=bucket.ready)
    plan = Synth(stack)
    kind = "aws_s3_bucket_server_side_encryption_configuration"
    awaited = plan.json["output"]["written"]["depends_on"]
    assert f"${{{plan.address(kind, 'loki/encryption')}}}" in awaited


def test_a_workload_may_use_one_bucket_and_no_other() -> None:
    bucket = BucketOutputs(name="loki", arn="arn:aws:s3:::loki", domain_name="loki.s3")

    statements = may_keep_objects(bucket, sid="Loki")

    assert {resource for found in statements for resource in found["Resource"]} == {
        *("arn:aws:s3:::loki", "arn:aws:s3:::loki/*"),
    }
    assert not [a for found in statements for a in found["Action"] if "*" in a or "Policy" in a]
    assert [found["Sid"] for found in statements] == ["LokiList", "LokiObjects"]


def test_a_workload_may_use_the_key_of_its_bucket() -> None:
    bucket = BucketOutputs(name="b", arn="arn:aws:s3:::b", domain_name="b.s3", key_arn=KEY)

    (_, _, key) = may_keep_objects(bucket)

    assert (key["Action"], key["Resource"]) == (["kms:Decrypt", "kms:GenerateDataKey"], [KEY])
