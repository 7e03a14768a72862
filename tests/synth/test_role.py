"""Roles carry the permissions boundary, their policies, and names that AWS takes."""

from modules.aws.role import Role
from modules.core.context import Context
from modules.core.iam import allow, document, trust_service

import pytest
from cdktf import TerraformStack

from tests.support import settings
from tests.support.synth import Synth, ref

TRUST = trust_service("ec2.amazonaws.com")


def test_a_role_carries_the_permissions_boundary(stack: TerraformStack, ctx: Context) -> None:
    Role(stack, "role", ctx=ctx, name="node", trust=TRUST)

    assert Synth(stack).one("aws_iam_role") == {
        "assume_role_policy": TRUST,
        "name": "ekp-prod-euw1-node",
        "permissions_boundary": settings.BOUNDARY,
    }


def test_without_a_boundary_in_the_settings_a_role_has_none(stack: TerraformStack) -> None:
    Role(
        stack,
        "role",
        ctx=settings.context(permissions_boundary_arn=None),
        name="node",
        trust=TRUST,
    )

    assert "permissions_boundary" not in Synth(stack).one("aws_iam_role")


@pytest.mark.parametrize(
    ("of_environment", "bound"), [(settings.BOUNDARY, settings.BOUNDARY), (None, "arn:own")]
)
def test_a_boundary_of_its_own_holds_where_the_environment_names_none(
    stack: TerraformStack, of_environment: str | None, bound: str
) -> None:
    ctx = settings.context(permissions_boundary_arn=of_environment)

    Role(stack, "role", ctx=ctx, name="node", trust=TRUST, boundary="arn:own")

    assert Synth(stack).one("aws_iam_role")["permissions_boundary"] == bound


def test_managed_policies_are_those_of_aws(stack: TerraformStack, ctx: Context) -> None:
    Role(
        stack,
        "role",
        ctx=ctx,
        name="csi",
        trust=TRUST,
        managed_policies=["AmazonEKSWorkerNodePolicy", "service-role/AmazonEBSCSIDriverPolicy"],
    )
    plan = Synth(stack)
    role = ref(plan.address("aws_iam_role", "role"), "name")

    assert plan.all("aws_iam_role_policy_attachment") == {
        "role/AmazonEKSWorkerNodePolicy": {
            "policy_arn": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
            "role": role,
        },
        "role/AmazonEBSCSIDriverPolicy": {
            "policy_arn": "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
            "role": role,
        },
    }


def test_an_inline_policy_belongs_to_its_role(stack: TerraformStack, ctx: Context) -> None:
    policy = document(allow("Read", ["s3:GetObject"], ["arn:aws:s3:::bucket/*"]))

    role = Role(stack, "role", ctx=ctx, name="reader", trust=TRUST, policy=policy)

    found = Synth(stack).one("aws_iam_role_policy")
    assert found["policy"] == policy
    assert len(role.policies) == 1


def test_a_policy_added_later_touches_no_other(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    Role(stack, "role", ctx=ctx, name="x", trust=TRUST, managed_policies=["B"])
    Role(other_stack, "role", ctx=ctx, name="x", trust=TRUST, managed_policies=["A", "B"])
    before, after = Synth(stack), Synth(other_stack)

    assert {a: after.resources()[a] for a in before.addresses} == before.resources()


def test_a_role_name_longer_than_iam_takes_is_refused(stack: TerraformStack, ctx: Context) -> None:
    with pytest.raises(ValueError, match="has 74 characters, the service allows 64"):
        Role(stack, "role", ctx=ctx, name="x" * 60, trust=TRUST)
