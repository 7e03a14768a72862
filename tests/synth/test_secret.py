"""A secret has its own key, can be restored, and its value is nobody's in Terraform."""

from modules.aws.secret import Secret, SecretConfig, SecretOutputs, may_put
from modules.core.context import Context

import pytest
from cdktf import TerraformStack
from pydantic import ValidationError

from tests.support.synth import Synth, document, ref


@pytest.fixture
def plan(stack: TerraformStack, ctx: Context) -> Synth:
    config = SecretConfig(description="Recovery keys")
    Secret(stack, "recovery", ctx=ctx, name="vault-recovery", config=config)
    return Synth(stack)


def test_it_is_encrypted_with_a_key_of_its_own(plan: Synth) -> None:
    secret = plan.one("aws_secretsmanager_secret")

    assert secret["kms_key_id"] == ref(plan.address("aws_kms_key", "recovery/key"), "arn")
    assert plan.one("aws_kms_alias")["name"] == "alias/ekp-prod-euw1-vault-recovery"
    (account,) = document(plan.one("aws_kms_key")["policy"])["Statement"]
    assert account["Principal"] == {"AWS": "arn:aws:iam::333333333333:root"}


def test_it_can_be_restored_for_a_month(plan: Synth) -> None:
    assert plan.one("aws_secretsmanager_secret")["recovery_window_in_days"] == 30


def test_terraform_knows_no_value_of_it(plan: Synth) -> None:
    assert {address.partition(".")[0] for address in plan.addresses} == {
        *("aws_kms_alias", "aws_kms_key", "aws_secretsmanager_secret"),
    }
    assert "secret_string" not in str(plan.json)


def test_who_writes_it_may_not_read_it() -> None:
    secret = SecretOutputs(name="recovery", arn="arn:secret", key_arn="arn:key")

    (value, key) = may_put(secret)

    assert (value["Resource"], key["Resource"]) == (["arn:secret"], ["arn:key"])
    assert value["Action"] == ["secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue"]
    assert key["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]


@pytest.mark.parametrize("days", [0, 7, 30])
def test_it_is_kept_after_deletion_for_as_long_as_the_service_can(days: int) -> None:
    assert SecretConfig(description="x", recovery_days=days).recovery_days == days


@pytest.mark.parametrize("days", [-1, 1, 6, 31])
def test_other_times_are_refused_with_the_remedy(days: int) -> None:
    with pytest.raises(ValidationError, match=f"for {days} days; use 7 to 30, or 0"):
        SecretConfig(description="x", recovery_days=days)
