"""Environment: the settings of one environment."""

from collections.abc import Mapping
from typing import Annotated

from modules.core.cloudfront import HOME_REGION
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
from modules.stacks.edge import EdgeConfig
from modules.stacks.ingress import IngressConfig
from modules.stacks.management import ManagementConfig
from modules.stacks.network import NetworkConfig
from modules.stacks.platform_config import PlatformConfig

from pydantic import Field

__all__ = ["EdgeConfig", "Environment", "RegionSettings"]


class RegionSettings(Config):
    """One settings model for each layer of a region."""

    network: NetworkConfig
    cluster: ClusterConfig
    ingress: IngressConfig = Field(default_factory=IngressConfig)
    platform: PlatformConfig = Field(default_factory=PlatformConfig)
    management: ManagementConfig | None = None
    """The hub's services; on the one cluster that looks after the others."""


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
        return self._context(region, is_global=False)

    def global_context(self) -> Context:
        """Return where the layer lives that the environment has once."""
        return self._context(HOME_REGION, is_global=True)

    def _context(self, region: str, *, is_global: bool) -> Context:
        return Context(
            environment=self.name,
            region=region,
            account_id=self.account_id,
            owner=self.owner,
            cost_center=self.cost_center,
            deploy_role_arn=self.deploy_role_arn,
            permissions_boundary_arn=self.permissions_boundary_arn,
            state=self.state,
            is_global=is_global,
        )
