"""Environment: the settings of one environment, and the checks that need all of it."""

from collections.abc import Mapping
from typing import Annotated, Self

from modules.core.config import Config
from modules.core.context import AccountId, Arn, Context, Region, RoleArn, StateConfig
from modules.stacks.cluster import ClusterConfig
from modules.stacks.network import NetworkConfig

from pydantic import Field, model_validator

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
    owner: str
    cost_center: str
    deploy_role_arn: RoleArn
    permissions_boundary_arn: Arn | None = None
    state: StateConfig
    edge: EdgeConfig
    regions: Mapping[Region, RegionSettings] = Field(min_length=1)

    @model_validator(mode="after")
    def regions_hold_together(self) -> Self:
        """Refuse zones of another region, and clusters the deploying role could not administer."""
        wrong = [*self._foreign_zones(), *self._locked_out()]
        if wrong:
            raise ValueError("; also: ".join(wrong))
        for region in self.regions:
            self.context(region)
        return self

    def _foreign_zones(self) -> list[str]:
        return [
            f"regions[{region}].network.vpc.zones names {zone}, which is not a zone of {region}; "
            f"use {region}a, {region}b and so on"
            for region, settings in self.regions.items()
            for zone in settings.network.vpc.zones
            if not (zone.startswith(region) and zone[len(region) :].isalpha())
        ]

    def _locked_out(self) -> list[str]:
        return [
            f"regions[{region}].cluster.eks.access_entries has no cluster administrator entry for "
            f"the deploying role {self.deploy_role_arn}: nothing could be installed after the "
            "cluster is made; add one with policy AmazonEKSClusterAdminPolicy"
            for region, settings in self.regions.items()
            if not any(
                e.administers_cluster and e.principal_arn == self.deploy_role_arn
                for e in settings.cluster.eks.access_entries.values()
            )
        ]

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
