"""Where a layer's state lies, in Terraform's words: written by the layer, read by later ones."""

from cdktf import (
    CloudBackend,
    DataTerraformRemoteState,
    DataTerraformRemoteStateS3,
    NamedCloudWorkspace,
    NamedRemoteWorkspace,
    S3Backend,
    S3BackendAssumeRoleConfig,
    TerraformRemoteState,
    TerraformStack,
)

from .context import Context
from .state_hcp import HcpStateConfig


def keep_state(stack: TerraformStack, ctx: Context, layer: str) -> None:
    """Give a stack its own state: an object in the bucket, or a workspace of its own."""
    if isinstance(ctx.state, HcpStateConfig):
        _keep_in_hcp(stack, ctx, ctx.state, layer)
        return
    S3Backend(
        stack,
        bucket=ctx.state.bucket,
        key=ctx.state_key(layer),
        region=ctx.state.region,
        encrypt=True,
        kms_key_id=ctx.state.kms_key_arn,
        # The caller, a pipeline's role among them, needs no right but to take on this one.
        assume_role=S3BackendAssumeRoleConfig(role_arn=ctx.deploy_role_arn),
    )
    # cdktf 0.21 predates the argument. Terraform below 1.10 refuses it, so that no
    # required_version is needed: checkov 3.3 cannot read a file that has one.
    stack.add_override("terraform.backend.s3.use_lockfile", True)


def read_state(
    consumer: TerraformStack, id_: str, ctx: Context, layer: str
) -> TerraformRemoteState:
    """Read the state of a layer, whose context ``ctx`` is, in a later stack.

    It is read as the deploy role of the environment that wrote it: no other is admitted to it.
    """
    if isinstance(ctx.state, HcpStateConfig):
        return DataTerraformRemoteState(
            consumer,
            id_,
            hostname=ctx.state.hostname,
            organization=ctx.state.organization,
            workspaces=NamedRemoteWorkspace(ctx.state.workspace(ctx.stack_id(layer))),
        )
    return DataTerraformRemoteStateS3(
        consumer,
        id_,
        bucket=ctx.state.bucket,
        key=ctx.state_key(layer),
        region=ctx.state.region,
        assume_role=S3BackendAssumeRoleConfig(role_arn=ctx.deploy_role_arn),
    )


def _keep_in_hcp(stack: TerraformStack, ctx: Context, state: HcpStateConfig, layer: str) -> None:
    workspace = state.workspace(ctx.stack_id(layer))
    CloudBackend(
        stack,
        hostname=state.hostname,
        organization=state.organization,
        workspaces=NamedCloudWorkspace(workspace, project=state.project),
    )
    # `ekp hcp` makes the workspace from it; it needs no settings and no bindings.
    stack.add_override(
        "//.ekp.hcp",
        {
            "hostname": state.hostname,
            "organization": state.organization,
            "project": state.project,
            "workspace": workspace,
            "execution": state.execution(layer).value,
            "agent_pool": state.agent_pool,
            "run_role_arn": f"arn:{ctx.partition}:iam::{ctx.account_id}:role/{state.run_role}",
            "terraform_version": state.terraform_version,
            "run_triggers": state.run_triggers,
        },
    )
