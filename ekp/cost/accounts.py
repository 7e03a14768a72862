"""Who pays for what, from the settings: clusters to environments, namespaces to tenants."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from modules.core.context import Context
    from modules.core.tenants import Tenancy


class DescribedEnvironment(Protocol):
    """What of an environment its costs are shared out by."""

    @property
    def name(self) -> str:
        """Its name, such as ``prod``."""

    @property
    def owner(self) -> str:
        """Who answers for it."""

    @property
    def cost_center(self) -> str:
        """Who pays for what is no tenant's."""

    @property
    def regions(self) -> Mapping[str, Any]:
        """Its regions; each has one cluster."""

    @property
    def tenancies(self) -> "tuple[Tenancy, ...]":
        """The tenants that are in it."""

    def context(self, region: str) -> "Context":
        """Return where a region's layers live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """A tenant in one environment, as somebody who pays."""

    tenant: str
    owner: str
    cost_center: str
    namespaces: tuple[str, ...]
    monthly_budget: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An environment, as a place where costs arise."""

    environment: str
    owner: str
    cost_center: str
    clusters: tuple[str, ...]
    """Names of its EKS clusters, which Kubecost's agents give as the cluster's id."""
    payers: tuple[Payer, ...] = ()

    def payer(self, namespace: str) -> str | None:
        """Return the tenant that has a namespace; None: the platform."""
        owners = (one.tenant for one in self.payers if namespace in one.namespaces)
        return next(owners, None)


def places(environments: Iterable[DescribedEnvironment]) -> tuple[Place, ...]:
    """Return where costs arise and who pays them, in the order of names."""
    return tuple(
        Place(
            environment=one.name,
            owner=one.owner,
            cost_center=one.cost_center,
            clusters=tuple(one.context(region).cluster_name for region in one.regions),
            payers=tuple(_payer(tenancy) for tenancy in one.tenancies),
        )
        for one in sorted(environments, key=lambda one: one.name)
    )


def _payer(tenancy: "Tenancy") -> Payer:
    return Payer(
        tenant=tenancy.name,
        owner=tenancy.tenant.owner,
        cost_center=tenancy.tenant.cost_center,
        namespaces=tenancy.namespaces,
        monthly_budget=tenancy.settings.monthly_budget,
    )
