"""The role that Terraform's provider takes on in an environment's account."""

from collections.abc import Mapping, Sequence

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from cdktf_cdktf_provider_aws.iam_role_policy_attachments_exclusive import (
    IamRolePolicyAttachmentsExclusive,
)
from constructs import Construct

from ..core.context import Context
from ..core.iam import Statement, allow_principal, document
from .policy import Policy


class DeployRole(Construct):
    """The role that ``ctx.deploy_role_arn`` names, with policies of its own and no others.

    A policy that somebody attaches by hand, AdministratorAccess first of all, goes with the next
    run. ``callers`` are ARNs of roles; one that is not there yet is admitted once it is.
    """

    arn: str

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        callers: Sequence[str],
        policies: Mapping[str, Sequence[Statement]],
    ) -> None:
        super().__init__(scope, id_)
        path, name = role_path(ctx.deploy_role_arn)
        role = IamRole(
            self,
            "Resource",
            name=name,
            path=path,
            description="Deploys the platform's stacks",
            assume_role_policy=document(*trust_roles(ctx.partition, callers)),
            tags={"Name": name},
            # Every stack of the environment is out of reach without it.
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
        )
        self.arn = role.arn
        made = {
            called: Policy(
                self,
                called,
                ctx=ctx,
                name=policy_name(called),
                description=f"What deploying the platform needs: {called}",
                policy=document(*statements),
            )
            for called, statements in policies.items()
        }
        attached = [
            IamRolePolicyAttachment(
                self, f"{called}-attachment", role=role.name, policy_arn=policy.arn
            )
            for called, policy in made.items()
        ]
        IamRolePolicyAttachmentsExclusive(
            self,
            "no-other-policies",
            role_name=role.name,
            policy_arns=[policy.arn for policy in made.values()],
            depends_on=attached,
        )


class Boundary(Construct):
    """The managed policy that ``arn`` names, which bounds the platform's roles."""

    arn: str

    def __init__(
        self, scope: Construct, id_: str, *, ctx: Context, boundary_arn: str, policy: str
    ) -> None:
        super().__init__(scope, id_)
        path, name = role_path(boundary_arn)
        made = IamPolicy(
            self,
            "Resource",
            name=name,
            path=path,
            description=f"Bounds every role of {ctx.project} in {ctx.environment}",
            policy=policy,
            tags={"Name": name},
            # Roles that it bounds could do nothing without it.
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
        )
        self.arn = made.arn


def policy_name(called: str) -> str:
    """Return how the name of one of the deploy role's policies ends."""
    return f"deploy-{called}"


def role_path(arn: str) -> tuple[str, str]:
    """Return path and name of the role or policy of an ARN."""
    path, _, name = arn.split(":", 5)[5].partition("/")[2].rpartition("/")
    return (f"/{path}/" if path else "/"), name


def trust_roles(partition: str, role_arns: Sequence[str]) -> list[Statement]:
    """Return the trust in roles by name, one statement for each of their accounts.

    The account is the principal, and the condition names the role: IAM refuses a principal that is
    not there yet, and forgets one that is made anew. Source: IAM user guide, "Principal", IAM role
    principals; "aws:PrincipalArn", which for a session is the ARN of its role.
    """
    by_account: dict[str, list[str]] = {}
    for arn in role_arns:
        by_account.setdefault(arn.split(":")[4], []).append(arn)
    return [
        allow_principal(
            f"Callers{account}",
            {"AWS": f"arn:{partition}:iam::{account}:root"},
            ["sts:AssumeRole"],
            conditions={"ArnEquals": {"aws:PrincipalArn": arns}},
        )
        for account, arns in by_account.items()
    ]
