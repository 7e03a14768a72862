"""Environment: the settings of one environment."""

from collections.abc import Mapping
from typing import Annotated

from modules.core.config import Config
from modules.core.context import (
    AccountId,
    Context,
    PolicyArn,
    Region,
    RoleArn,
    StateConfig,
    TagValue,
)
from modules.stacks.cluster import ClusterConfig
from modules.stacks.network import NetworkConfig

from pydantic import Field

Domain = Annotated[
    str, Field(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", max_length=253)
]


class EdgeConfig(Config):
    """Settings of what the environment has once, whatever its regions."""

    domain: Domain
    """The environment's own DNS zone; no two environments share one."""


class RegionSettings(Config):
    """One settings model for each layer of a region."""

    network: NetworkConfig
    cluster: ClusterConfig


class Environment(Config):
    """One environment: an AWS account, a domain and the regions that serve it."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{1,14}$")]
    account_id: AccountId
    owner: TagValue
    cost_center: TagValue
    deploy_role_arn: RoleArn
    permissions_boundary_arn: PolicyArn | None = None
    state: StateConfig
    edge: EdgeConfig
    regions: Mapping[Region, RegionSettings] = Field(min_length=1)

    def context(self, region: str) -> Context:
        """Return where the layers of a region live."""
        return Context(
            environment=self.name,
            region=region,
            account_id=self.account_id,
            owner=self.owner,
            cost_center=self.cost_center,
            deploy_role_arn=self.deploy_role_arn,
            permissions_boundary_arn=self.permissions_boundary_arn,
            state=self.state,
        )
