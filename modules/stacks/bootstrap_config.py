"""Settings of what an account needs before the first stack."""

from typing import Self

from pydantic import Field, model_validator

from ..aws.ci_role import GitHubActions
from ..aws.state_bucket import StateBucketConfig
from ..aws.zone import ParentZone
from ..core.config import Config, named_once
from ..core.context import RoleArn


class BootstrapConfig(Config):
    """What `ekp bootstrap` makes in the environment's account, and for whom."""

    administrators: tuple[RoleArn, ...] = Field(min_length=1)
    """Roles of the account that run `ekp bootstrap`; the state of its stack is theirs alone."""
    deployers: tuple[RoleArn, ...] = ()
    """Roles of people who may take on the deploy role."""
    github: GitHubActions | None = None
    """Whose workflows may take it on; None: none of GitHub's. Where the state is in HCP Terraform,
    the runs of its workspaces may."""
    state_bucket: StateBucketConfig | None = None
    """The state bucket, in the one environment whose account owns it; None: another's."""
    boundary: bool = True
    """Whether to make the policy that ``permissions_boundary_arn`` names; False: the organisation
    has made it."""
    parent_zone: ParentZone | None = None
    """The zone above, where the environment's account holds it: all environments may then delegate
    in it. None: it is elsewhere, or its role is made elsewhere."""

    @model_validator(mode="after")
    def each_once(self) -> Self:
        """Refuse a role that is named twice."""
        named_once("administrators", self.administrators)
        named_once("deployers", self.deployers)
        return self

    @model_validator(mode="after")
    def zone_has_a_role(self) -> Self:
        """Refuse a zone without the role that is to be made."""
        if self.parent_zone and self.parent_zone.role_arn is None:
            raise ValueError(
                f"parent_zone {self.parent_zone.name} names no role_arn; name the role that other "
                "accounts take on, or remove parent_zone"
            )
        return self
