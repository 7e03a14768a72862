"""Keys rotate, can be rescued, and admit whom their policy names."""

from modules.aws.kms import Key, KeyConfig, logs_may_encrypt
from modules.core.context import Context

import pytest
from cdktf import TerraformStack

from tests.support import settings
from tests.support.synth import Synth, document, ref


def synth(stack: TerraformStack, ctx: Context) -> Synth:
    statement = logs_may_encrypt(ctx, "/our/group")
    config = KeyConfig(description="Logs")
    Key(stack, "key", ctx=ctx, name="logs", config=config, statements=[statement])
    return Synth(stack)


def test_a_key_rotates_every_year_and_can_be_rescued_for_a_month(
    stack: TerraformStack, ctx: Context
) -> None:
    key = synth(stack, ctx).one("aws_kms_key")

    assert key["enable_key_rotation"] is True
    assert key["rotation_period_in_days"] == 365
    assert key["deletion_window_in_days"] == 30


def test_a_key_is_found_by_its_alias(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)

    assert plan.one("aws_kms_alias") == {
        "name": "alias/ekp-prod-euw1-logs",
        "target_key_id": ref(plan.address("aws_kms_key", "key"), "key_id"),
    }


def test_the_account_and_no_other_administers_a_key(stack: TerraformStack, ctx: Context) -> None:
    (account, _) = document(synth(stack, ctx).one("aws_kms_key")["policy"])["Statement"]

    assert account["Principal"] == {"AWS": "arn:aws:iam::333333333333:root"}
    assert account["Action"] == ["kms:*"]


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_the_logs_service_of_its_region_is_admitted_for_one_group_alone(
    stack: TerraformStack, region: str
) -> None:
    plan = synth(stack, settings.context(region=region))

    (_, logs) = document(plan.one("aws_kms_key")["policy"])["Statement"]

    assert logs["Principal"] == {"Service": f"logs.{region}.amazonaws.com"}
    assert logs["Condition"] == {
        "ArnEquals": {
            "kms:EncryptionContext:aws:logs:arn": (
                f"arn:aws:logs:{region}:333333333333:log-group:/our/group"
            )
        }
    }
    assert "kms:*" not in logs["Action"]
