"""Stack bootstrap: what an account needs before the first layer, made by its administrators."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, cast

from cdktf import TerraformResource
from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from constructs import Construct

from ..aws import ci_role
from ..aws.ci_role import CiRole
from ..aws.deploy_role import Boundary, DeployRole, policy_name
from ..aws.deploy_role_boundary import boundary_document
from ..aws.deploy_role_policy import DeployScope, deploy_policies
from ..aws.parent_zone_role import ParentZoneRole
from ..aws.state_bucket import StateUser, state_bucket
from ..core.context import Context, StateConfig
from ..core.layer import Layer, Sample
from ..core.state_hcp import HcpStateConfig
from .bootstrap_config import BootstrapConfig

LAYER = "bootstrap"


@dataclass(frozen=True, slots=True)
class BootstrapContract:
    """What people and pipelines need to deploy; empty: there is none."""

    deploy_role_arn: Annotated[str, Sample("arn:aws:iam::111122223333:role/ekp-deploy")]
    github_role_arn: Annotated[str, Sample("arn:aws:iam::111122223333:role/ekp-dev-global-github")]
    hcp_role_arn: Annotated[str, Sample("arn:aws:iam::111122223333:role/ekp-hcp")]
    state_bucket: Annotated[str, Sample("ekp-tfstate-111122223333")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """What the environments are to each other, as far as a bootstrap asks."""

    state_users: Sequence[StateUser] = ()
    """All who keep their state in the bucket."""
    deploy_role_arns: Sequence[str] = ()
    """All who delegate in the zone above."""


class BootstrapStack(Layer[BootstrapContract]):
    """Deploy role, boundary, roles of pipelines, and where settings say so bucket and DNS role.

    It is no part of a deploy: the deploy role must not change itself. Its provider takes on no
    role, for none is there yet, and refuses another account than the environment's.
    """

    layer = LAYER
    contract = BootstrapContract

    def __init__(
        self,
        scope: Construct,
        ctx: Context,
        config: BootstrapConfig,
        *,
        regions: Sequence[str],
        assumes: Sequence[str],
        organisation: Organisation,
    ) -> None:
        """Write it down.

        Args:
            scope: the app.
            ctx: of what the environment has once, in the region of the state bucket.
            config: its settings.
            regions: all in which the environment has anything.
            assumes: ARNs of roles of other accounts that its deploys take on.
            organisation: what all environments are to each other.
        """
        super().__init__(scope, ctx)
        # The deploy role is made here, and must not read who made it.
        cast("AwsProvider", self.node.find_child("aws")).reset_assume_role()
        if isinstance(ctx.state, StateConfig):
            self.add_override("terraform.backend.s3.assume_role", None)
            # The bucket would only say that it admits nobody of that account.
            self.add_override("terraform.backend.s3.allowed_account_ids", [ctx.account_id])
        callers, own = [*config.deployers], [ctx.deploy_role_arn, *config.administrators]
        github_arn = hcp_arn = bucket = ""
        if config.github:
            name = ci_role.github_role_name(ctx)
            trust = ci_role.github_trust(config.github)
            github_arn = CiRole(self, "github", ctx=ctx, name=name, trust=trust).arn
            callers.append(ci_role.role_arn(ctx, name))
            own.append(ci_role.provider_arn(ctx, trust.host))
        if isinstance(ctx.state, HcpStateConfig):
            name = ctx.state.run_role
            trust = ci_role.hcp_trust(ctx.state, ctx.environment)
            hcp_arn = CiRole(self, "hcp", ctx=ctx, name=name, trust=trust).arn
            callers.append(ci_role.role_arn(ctx, name))
            own.append(ci_role.provider_arn(ctx, trust.host))
        own += callers
        if ctx.permissions_boundary_arn:
            if config.boundary:
                Boundary(
                    self,
                    "boundary",
                    ctx=ctx,
                    boundary_arn=ctx.permissions_boundary_arn,
                    policy=boundary_document(ctx, [one for one in own if ":role/" in one]),
                )
            own.append(ctx.permissions_boundary_arn)
        if config.parent_zone and config.parent_zone.role_arn:
            own.append(config.parent_zone.role_arn)
        own.append(f"arn:{ctx.partition}:iam::{ctx.account_id}:policy/{ctx.name(policy_name('*'))}")
        scoped = DeployScope(
            ctx=ctx,
            regions=tuple(regions),
            bootstrap_key=ctx.state_key(LAYER),
            assumes=tuple(assumes),
            own=tuple(own),
        )
        role = DeployRole(
            self, "deploy-role", ctx=ctx, callers=callers, policies=deploy_policies(scoped)
        )
        if config.state_bucket and isinstance(ctx.state, StateConfig):
            bucket = ctx.state.bucket
            state_bucket(
                self,
                "state",
                ctx=ctx,
                state=ctx.state,
                config=config.state_bucket,
                users=organisation.state_users,
            )
        if config.parent_zone and config.parent_zone.role_arn:
            ParentZoneRole(
                self,
                "parent-zone",
                ctx=ctx,
                role_arn=config.parent_zone.role_arn,
                zone_id=config.parent_zone.zone_id,
                callers=organisation.deploy_role_arns,
            )
        trusted = {arn.split(":")[4] for arn in (*callers, *organisation.deploy_role_arns)}
        self.promises({"trusted_accounts": sorted(trusted - {ctx.account_id})})
        # `ekp bootstrap` asks it: without a bucket to make, one must be there.
        self.add_override("//.ekp.makes_state_bucket", bool(bucket))
        self.add_override("//.ekp.adopts", dict(self._adoptable()))
        self.publish(
            BootstrapContract(
                deploy_role_arn=role.arn,
                github_role_arn=github_arn,
                hcp_role_arn=hcp_arn,
                state_bucket=bucket,
            )
        )

    def _adoptable(self) -> Iterator[tuple[str, str]]:
        """Yield the address of what has a name that may be taken, and the id it is imported by.

        All else is set on these, and setting it again changes nothing.
        """
        for one in self.node.find_all():
            id_ = self._import_id(one)
            if id_ is not None:
                found = cast("TerraformResource", one)
                yield f"{found.terraform_resource_type}.{found.friendly_unique_id}", id_

    def _import_id(self, one: object) -> str | None:
        match one:
            case S3Bucket():
                return one.bucket_input
            case IamRole():
                return one.name_input
            case IamPolicy():
                account = f"arn:{self.ctx.partition}:iam::{self.ctx.account_id}"
                return f"{account}:policy{one.path_input or '/'}{one.name_input}"
            case IamOpenidConnectProvider():
                host = str(one.url_input).removeprefix("https://")
                return ci_role.provider_arn(self.ctx, host)
        return None
