"""Environment: the settings of one environment."""

from collections.abc import Mapping
from typing import Annotated

from modules.addons.istio import GATEWAY_REPLICAS
from modules.aws.break_glass import BreakGlassConfig
from modules.core.cloudfront import CLIENT_ADDRESS_HEADER, HOME_REGION
from modules.core.config import Config
from modules.core.context import (
    AccountId,
    Context,
    PolicyArn,
    Region,
    RoleArn,
    State,
    StateConfig,
    TagValue,
)
from modules.core.entra import Directory
from modules.core.fleet import Delivered, Hub, WorkloadCluster
from modules.core.gitops import Delivery
from modules.core.hosts import AdminTool
from modules.core.identity import Identity
from modules.core.services import Service
from modules.core.site import Site
from modules.core.tenants import Tenancy, Tenant
from modules.stacks.bootstrap_config import BootstrapConfig
from modules.stacks.break_glass import with_break_glass
from modules.stacks.cluster import ClusterConfig
from modules.stacks.edge import EdgeConfig, Front
from modules.stacks.ingress import IngressConfig
from modules.stacks.management import ManagementConfig
from modules.stacks.network import NetworkConfig
from modules.stacks.platform_config import PlatformConfig

from pydantic import Field

__all__ = ["EdgeConfig", "Environment", "RegionSettings"]


class RegionSettings(Config):
    """One settings model for each layer of a region."""

    network: NetworkConfig
    """VPC, subnets, NAT gateways, endpoints and flow logs."""
    cluster: ClusterConfig
    """EKS with its node groups and add-ons."""
    ingress: IngressConfig = Field(default_factory=IngressConfig)
    """Load balancer, the region's web ACL, its records and its share of the users."""
    platform: PlatformConfig = Field(default_factory=PlatformConfig)
    """The services of every cluster: mesh, Vault, metrics, logs, traces."""
    management: ManagementConfig | None = None
    """The hub's services; on the one cluster that looks after the others."""


class Environment(Config):
    """One environment: an AWS account, a domain and the regions that serve it."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{1,14}$")]
    """Short name; it stands in the name of everything that the environment has."""
    account_id: AccountId
    """The AWS account, twelve digits; no other may be deployed to."""
    owner: TagValue
    """Value of the tag ``Owner``: who answers for it."""
    cost_center: TagValue
    """Value of the tag ``CostCenter``: who pays."""
    deploy_role_arn: RoleArn
    """Role of the account that every command takes on, here and in pipelines."""
    permissions_boundary_arn: PolicyArn | None = None
    """Policy that bounds every role that the platform makes; None: there is none."""
    state: State
    """Where Terraform's states are kept: an S3 bucket, or HCP Terraform."""
    bootstrap: BootstrapConfig | None = None
    """What `ekp bootstrap` makes in the account; None: it is made elsewhere."""
    edge: EdgeConfig
    """What it has once: domain, zone, certificate, CloudFront, web ACL."""
    regions: Mapping[Region, RegionSettings] = Field(min_length=1)
    """Its regions by AWS's name; each has layers, and a cluster, of its own."""
    identity: Identity = Field(default_factory=Identity)
    """Whose tokens services accept."""
    directory: Directory | None = None
    """Who runs the platform; None: nobody has rights in clusters but by access entries."""
    break_glass: BreakGlassConfig | None = None
    """The way in when nobody can sign in; None: there is none."""
    protected: bool = True
    """Whether `ekp destroy` wants the environment's name typed, and takes no ``--yes``; False where
    everything may be made anew at any moment."""
    debugging: bool = False
    """Whether developers may enter their tenant's pods by ``kubectl exec`` and ``port-forward``,
    past the mesh; for data that anybody of the tenant may see."""
    tenants: tuple[Tenant, ...] = ()
    """Read from ``environments/tenants``: those that are in this environment, by their names."""
    delivery: Delivery | None = None
    """How the hub brings the services from Git; None: nobody does."""

    def context(self, region: str) -> Context:
        """Return where the layers of a region live."""
        return self._context(region, is_global=False)

    def global_context(self) -> Context:
        """Return where the layer lives that the environment has once."""
        return self._context(HOME_REGION, is_global=True)

    def bootstrap_context(self) -> Context:
        """Return where the stack lives that comes before all others: by the state bucket."""
        region = self.state.region if isinstance(self.state, StateConfig) else HOME_REGION
        return self._context(region, is_global=True)

    @property
    def roles_elsewhere(self) -> tuple[str, ...]:
        """ARNs of the roles of other accounts that its deploys take on, each once."""
        zone = self.edge.zone.parent
        hubs = (settings.management for settings in self.regions.values())
        roles = (
            zone.role_arn if zone else None,
            *(hub.cost_report.payer_role_arn for hub in hubs if hub and hub.cost_report),
        )
        return tuple(dict.fromkeys(role for role in roles if role))

    def cluster(self, region: str) -> ClusterConfig:
        """Return the settings of a region's cluster, with the way in for emergencies."""
        written = self.regions[region].cluster
        if self.break_glass is None:
            return written
        return with_break_glass(written, self.global_context())

    @property
    def tenant_groups(self) -> tuple[str, ...]:
        """All groups of its tenants, each once, in the order of the tenants' names."""
        groups = (group for one in self.tenancies for group in one.tenant.groups.everyone)
        return tuple(dict.fromkeys(groups))

    @property
    def tenancies(self) -> tuple[Tenancy, ...]:
        """The tenants as they are in this environment, in the order of their names."""
        ordered = sorted(self.tenants, key=lambda tenant: tenant.name)
        return tuple(here for one in ordered if (here := one.in_environment(self.name)))

    @property
    def services(self) -> tuple[Service, ...]:
        """What its tenants run."""
        return tuple(service for one in self.tenancies for service in one.services)

    def site(self, region: str | None = None) -> Site:
        """Return what the services of a region have in common.

        What Git holds of them is the same in every region; None takes the first.
        """
        settings = self.regions[region or next(iter(self.regions))]
        high = settings.platform.availability.high
        return Site(
            domain=self.edge.domain,
            shards=self.edge.shards,
            identity=self.identity,
            rates=self.edge.rates,
            # CloudFront's own addresses stand before the load balancer's.
            client_header=None if self.edge.front is Front.DIRECT else CLIENT_ADDRESS_HEADER,
            gateway_tls=settings.ingress.alb.gateway_tls,
            gateway_replicas=GATEWAY_REPLICAS if high else 1,
        )

    def delivered(self) -> Delivered | None:
        """Return what the hub brings of this environment; None: nothing."""
        if self.delivery is None or not self.tenancies:
            return None
        return Delivered(
            environment=self.name,
            regions=tuple(self.regions),
            tenancies=self.tenancies,
            delivery=self.delivery,
            networks=tuple(settings.network.vpc.cidr for settings in self.regions.values()),
        )

    def hub(self) -> Hub | None:
        """Return the hub, where this environment has it."""
        for region, settings in self.regions.items():
            host = settings.platform.admin_hosts.get(AdminTool.RANCHER)
            if settings.management is not None and host is not None:
                ctx = self.context(region)
                return Hub(
                    account_id=ctx.account_id,
                    region=region,
                    partition=ctx.partition,
                    prefix=ctx.prefix,
                    rancher_host=host,
                )
        return None

    def clusters(self) -> tuple[WorkloadCluster, ...]:
        """Return the clusters that the hub looks after: all but its own."""
        found = []
        for region, settings in self.regions.items():
            if settings.management is None:
                ctx = self.context(region)
                found.append(
                    WorkloadCluster(
                        environment=self.name,
                        region=region,
                        account_id=ctx.account_id,
                        partition=ctx.partition,
                        prefix=ctx.prefix,
                        cluster_name=ctx.cluster_name,
                    )
                )
        return tuple(found)

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
            protected=self.protected,
        )
