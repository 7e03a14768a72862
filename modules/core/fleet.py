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
ARGO_CD_ACCOUNTS = (
    "argocd-application-controller",
    "argocd-applicationset-controller",
    "argocd-server",
)
"""Service accounts of the hub's Argo CD that call other clusters; their roles are called so, too.

Source: Argo CD, operator manual, declarative setup, "EKS".
"""
REGISTRAR = "cluster-registrar"
"""Service account and role of the hub's job that tells Argo CD where clusters are."""


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

    @property
    def deliverer_role_arns(self) -> tuple[str, ...]:
        """The roles that assume workload clusters' hub roles: Argo CD's, and the registrar's."""
        return tuple(self.role_arn(name) for name in (*ARGO_CD_ACCOUNTS, REGISTRAR))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A cluster that Argo CD brings services into, and the namespaces it brings there."""

    cluster: WorkloadCluster
    namespaces: tuple[str, ...]
    """In the order of their names; never none."""


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

    def cluster(self, environment: str, region: str) -> WorkloadCluster | None:
        """Return the cluster of a region; None: it is the hub's own, or not known."""
        found = (c for c in self.clusters if (c.environment, c.region) == (environment, region))
        return next(found, None)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The clusters that Argo CD brings services into; those without tenants are left out."""
        found = []
        for cluster in self.clusters:
            namespaces = {
                namespace
                for one in self.delivered
                for tenancy in one.tenancies
                for namespace in tenancy.namespaces
                if one.environment == cluster.environment and tenancy.runs_in(cluster.region)
            }
            if namespaces:
                found.append(Target(cluster=cluster, namespaces=tuple(sorted(namespaces))))
        return tuple(found)


ALONE = Fleet()
"""An environment that no other one is known beside."""
