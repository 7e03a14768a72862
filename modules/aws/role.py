"""An IAM role with its policies, bounded where the environment says so."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from constructs import Construct

from ..core.context import Context

# Source: IAM quotas, role name length.
NAME_LIMIT = 64


class Role(Construct):
    """A role named ``<prefix>-<name>``.

    Args:
        scope: the construct it belongs to.
        id_: its id there.
        ctx: names, partition and permissions boundary.
        name: what the role is for.
        trust: who may assume it, a document of :mod:`modules.core.iam`.
        managed_policies: names of AWS managed policies, with their path, such as
            ``service-role/AmazonEBSCSIDriverPolicy``.
        policy: an inline policy document.
        boundary: ARN of a managed policy that bounds the role where the environment names none.

    Whatever uses the role's permissions must depend on ``policies``: the ARN alone is known before
    the role may do anything, and on destroy the permissions would go first.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        name: str,
        trust: str,
        managed_policies: Sequence[str] = (),
        policy: str | None = None,
        boundary: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        role = IamRole(
            self,
            "Resource",
            name=ctx.name(name, limit=NAME_LIMIT),
            assume_role_policy=trust,
            permissions_boundary=ctx.permissions_boundary_arn or boundary,
        )
        self.arn = role.arn
        self.policies: list[ITerraformDependable] = [
            IamRolePolicyAttachment(
                self,
                managed.rsplit("/", 1)[-1],
                role=role.name,
                policy_arn=f"arn:{ctx.partition}:iam::aws:policy/{managed}",
            )
            for managed in managed_policies
        ]
        if policy is not None:
            self.policies.append(
                IamRolePolicy(self, "policy", name="workload", role=role.name, policy=policy)
            )
