"""Fleet: what the hub and the clusters that it looks after know of each other, before any is there.

All of it follows from settings, so neither side reads the other's state: clusters come and go in
any order.
"""

from dataclasses import dataclass
from ipaddress import IPv4Network

from .context import AccountId, Region
from .gitops import Delivery
from .tenants import Tenancy

HUB_ROLE = "hub"
"""Role of a workload cluster's account that the hub's Argo CD assumes: ``<prefix>-hub``."""
AGENT_ROLE = "rancher-agent"
"""Role of the job that brings Rancher's agent into a workload cluster."""
HUB_GROUP = "ekp:argo-cd"
"""Kubernetes group of the hub's Argo CD in workload clusters, by its access entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadCluster:
    """A cluster that the hub looks after."""

    environment: str
    region: Region
    account_id: AccountId
    partition: str
    prefix: str
    """Of names in its region, such as ``ekp-prod-euw1``."""
    cluster_name: str
    """EKS's name of it."""

    @property
    def name(self) -> str:
        """What the hub calls it: ``<environment>-<region>``."""
        return f"{self.environment}-{self.region}"

    @property
    def hub_role_arn(self) -> str:
        """The role that the hub's Argo CD assumes there."""
        return self._role(HUB_ROLE)

    @property
    def agent_role_arn(self) -> str:
        """The role that fetches and applies Rancher's registration there."""
        return self._role(AGENT_ROLE)

    def _role(self, name: str) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:role/{self.prefix}-{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """The cluster that looks after the others."""

    account_id: AccountId
    region: Region
    partition: str
    prefix: str
    rancher_host: str

    def role_arn(self, name: str) -> str:
        """Return the role of the hub's account called ``<prefix>-<name>``."""
        return f"arn:{self.partition}:iam::{self.account_id}:role/{self.prefix}-{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """An environment whose services the hub brings."""

    environment: str
    regions: tuple[str, ...]
    tenancies: tuple[Tenancy, ...]
    """In the order of their names."""
    delivery: Delivery
    networks: tuple[IPv4Network, ...]
    """Of its regions' VPCs, in which the APIs of its clusters have their addresses."""

    def regions_of(self, tenancy: Tenancy) -> tuple[str, ...]:
        """Return the regions of the environment that a tenant is in."""
        return tuple(region for region in self.regions if tenancy.runs_in(region))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """All clusters, and what the hub brings them."""

    hub: Hub | None = None
    clusters: tuple[WorkloadCluster, ...] = ()
    delivered: tuple[Delivered, ...] = ()
