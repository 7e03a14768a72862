"""Tenant: everything a business unit says of itself; its guardrails and services come from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from .alerts import RECEIVERS, Channel, Severity
from .config import Config, named_once
from .context import Name, Region, TagValue
from .entra import Uuid
from .gitops import GitRepository
from .grants import Grants
from .secrets import Database
from .service_words import Cpu, Image, Memory, NamespaceName, ServiceName
from .services import Resources, Scaling, Service

TENANT_LABEL = "ekp/tenant"
"""Label of a tenant's namespaces, by which costs are shared out too."""
COST_CENTER_LABEL = "ekp/cost-center"

# Names of roles and policies are made of it: 64 characters of IAM hold the longest of each.
TenantName = Annotated[str, Field(pattern=r"^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$")]
CostCenter = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$")]
"""What a Kubernetes label takes as its value, so that costs are told apart by it."""


class Groups(Config):
    """The tenant's people, as object ids of groups in Entra ID (Azure AD); each has one role."""

    admin: tuple[Uuid, ...] = Field(min_length=1)
    """Do all that developers do, and keep the tenant's secrets in Vault."""
    developer: tuple[Uuid, ...] = ()
    """See everything of the tenant but secrets, sync its applications, promote and stop its
    rollouts, and restart its pods."""
    viewer: tuple[Uuid, ...] = ()
    """See the same, and change nothing."""

    @model_validator(mode="after")
    def each_group_has_one_role(self) -> Self:
        """Refuse a group that stands twice: the wider of its roles would hold quietly."""
        named_once("groups", [*self.admin, *self.developer, *self.viewer])
        return self

    @property
    def everyone(self) -> tuple[str, ...]:
        """All groups, those with more rights first."""
        return (*self.admin, *self.developer, *self.viewer)


class Quota(Config):
    """The most that each of a tenant's namespaces may ask for in a cluster, proxies among it."""

    cpu: Cpu = "8"
    """Requests of all pods together."""
    memory: Memory = "32Gi"
    """Requests of all pods together, and their limits."""
    pods: int = Field(default=50, ge=1, le=5000)
    """Number of pods."""


class Variant(Config):
    """What of a service is otherwise in one environment; what is left out stays."""

    image: Image | None = None
    """Another image; None: the service's own."""
    variables: Mapping[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")], str] | None = None
    """In place of the service's own, all of them."""
    scaling: Scaling | None = None
    """Other numbers of pods, all of them; None: the service's own."""
    resources: Resources | None = None
    """Other requests and limits, all of them; None: the service's own."""


class TenantEnvironment(Config):
    """A tenant in one environment."""

    regions: tuple[Region, ...] = ()
    """Regions of the environment; none: all of them. Services with routes are in all, since users
    are sent to any."""
    quota: Quota = Field(default_factory=Quota)
    """The most that each of its namespaces may ask for here."""
    services: Mapping[ServiceName, Variant] = Field(default_factory=dict)
    """By the service's name, what is otherwise here."""
    databases: Mapping[Name, Database] = Field(default_factory=dict)
    """Databases whose credentials Vault makes, by the names that secrets ask for."""
    grants: Grants = Field(default_factory=Grants)
    """What of AWS its services may use here."""
    alerts: Mapping[Severity, Channel] = Field(default_factory=dict)
    """By severity, by what way the tenant hears of its alerts; where it leads is in Vault."""
    monthly_budget: Decimal | None = Field(default=None, gt=0, decimal_places=2)
    """US dollars a month; costs above it, or on the way there, are reported. None: no alert."""


class Tenant(Config):
    """A business unit: who it is, who its people are, and what it runs where."""

    name: TenantName
    """For ever: namespaces, roles and paths of secrets are called by it."""
    owner: TagValue
    """Who answers for it, such as a mail address."""
    cost_center: CostCenter
    """Who pays: its costs are reported under it."""
    groups: Groups
    """Its people, by groups of Entra ID."""
    namespaces: tuple[NamespaceName, ...] = ()
    """None: one, called as the tenant is. No other tenant has them."""
    repository: GitRepository | None = None
    """Where its rendered objects are kept; None: in the environment's own repository."""
    services: tuple[Service, ...] = ()
    """What it runs, in each of its environments unless a variant says otherwise."""
    environments: Mapping[
        Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{1,14}$")], TenantEnvironment
    ] = Field(min_length=1)
    """Environments by name; it is in no other."""

    @property
    def spaces(self) -> tuple[str, ...]:
        """Its namespaces, at least one, in their order."""
        return self.namespaces or (self.name,)

    @model_validator(mode="after")
    def services_are_at_home(self) -> Self:
        """Refuse a service in a namespace that is not the tenant's."""
        named_once("namespaces", self.namespaces)
        # Variants and grants name services by it.
        named_once("services", [service.name for service in self.services])
        strangers: list[InitErrorDetails] = [
            InitErrorDetails(
                type=PydanticCustomError(
                    "value_error",
                    "{namespace} is not of {tenant}, which has {spaces}; use one of these, or add "
                    "it to namespaces",
                    {
                        "namespace": repr(service.namespace),
                        "tenant": self.name,
                        "spaces": ", ".join(self.spaces),
                    },
                ),
                loc=("services", place, "namespace"),
                input=service.namespace,
            )
            for place, service in enumerate(self.services)
            if service.namespace not in self.spaces
        ]
        if strangers:
            raise ValidationError.from_exception_data(type(self).__name__, strangers)
        return self

    @model_validator(mode="after")
    def alerts_are_read_by_an_account_of_their_own(self) -> Self:
        """Refuse a service whose account would read where the tenant's alerts go."""
        if any(service.name == RECEIVERS for service in self.services):
            raise ValueError(
                f"services: {RECEIVERS} is the account that reads where alerts go; call the "
                "service otherwise"
            )
        return self

    def in_environment(self, environment: str) -> "Tenancy | None":
        """Return what of the tenant is in an environment; None: nothing."""
        here = self.environments.get(environment)
        if here is None:
            return None
        return Tenancy(
            tenant=self,
            environment=environment,
            settings=here,
            services=tuple(_varied(s, here.services.get(s.name)) for s in self.services),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenancy:
    """A tenant in one environment, as its objects are made from it."""

    tenant: Tenant
    environment: str
    settings: TenantEnvironment
    services: tuple[Service, ...] = field(default=())
    """As they are in this environment."""

    @property
    def name(self) -> str:
        """The tenant's name."""
        return self.tenant.name

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The tenant's namespaces, the same in every environment."""
        return self.tenant.spaces

    def runs_in(self, region: str) -> bool:
        """Tell whether it is in a region of the environment."""
        return not self.settings.regions or region in self.settings.regions

    def services_of(self, namespace: str) -> tuple[Service, ...]:
        """Return its services in a namespace, in the order of their names."""
        found = (one for one in self.services if one.namespace == namespace)
        return tuple(sorted(found, key=lambda one: one.name))


def tenant_labels(tenant: Tenant) -> dict[str, str]:
    """Return the labels by which a tenant's namespaces, and their costs, are known."""
    return {TENANT_LABEL: tenant.name, COST_CENTER_LABEL: tenant.cost_center}


def _varied(service: Service, variant: Variant | None) -> Service:
    if variant is None:
        return service
    changed: dict[str, Any] = {
        name: value
        for name in type(variant).model_fields
        if (value := getattr(variant, name)) is not None
    }
    return service.model_copy(update=changed)
