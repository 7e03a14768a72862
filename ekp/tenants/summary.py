"""What a tenant has: plain values, for tables, for JSON, and for whoever is about to delete it."""

from collections.abc import Mapping
from typing import Any

from modules.core.secrets import MOUNT
from modules.core.services import Service
from modules.core.tenants import Tenancy, Tenant

from environments.schema import Environment


def tenants_of(environments: Mapping[str, Environment]) -> dict[str, Tenant]:
    """Return all tenants by their names, in that order."""
    found = {tenant.name: tenant for one in environments.values() for tenant in one.tenants}
    return {name: found[name] for name in sorted(found)}


def row(tenant: Tenant) -> dict[str, Any]:
    """Return a tenant in a few words."""
    return {
        "tenant": tenant.name,
        "owner": tenant.owner,
        "cost_center": tenant.cost_center,
        "environments": [*tenant.environments],
        "namespaces": [*tenant.spaces],
        "services": sorted(service.name for service in tenant.services),
    }


def details(tenant: Tenant, environments: Mapping[str, Environment]) -> dict[str, Any]:
    """Return what a tenant gets in each of some environments."""
    return {
        "tenant": tenant.name,
        "owner": tenant.owner,
        "cost_center": tenant.cost_center,
        "groups": {role: [*groups] for role, groups in tenant.groups},
        "namespaces": [*tenant.spaces],
        "environments": {
            name: _in_environment(here, environment)
            for name, environment in environments.items()
            if (here := tenant.in_environment(name)) is not None
        },
    }


def _in_environment(here: Tenancy, environment: Environment) -> dict[str, Any]:
    settings, domain = here.settings, environment.edge.domain
    repository = here.tenant.repository
    if repository is None and environment.delivery is not None:
        repository = environment.delivery.repository
    return {
        "regions": [region for region in environment.regions if here.runs_in(region)],
        "repository": None if repository is None else repository.url,
        "quota": settings.quota.model_dump(),
        "monthly_budget": None if settings.monthly_budget is None else str(settings.monthly_budget),
        "services": [_service(service, domain) for service in here.services],
        "secrets": secrets_of(here),
        "databases": {name: one.address for name, one in settings.databases.items()},
        "grants": [
            {"kind": kind, **grant.model_dump(mode="json", exclude_defaults=True)}
            for kind, grants in settings.grants
            for grant in grants
        ],
    }


def _service(service: Service, domain: str) -> dict[str, Any]:
    return {
        "service": service.ref,
        "image": service.image,
        "pods": [service.scaling.min_replicas, service.scaling.max_replicas],
        "hosts": [*service.hosts(domain)],
        "callers": sorted(caller.service for caller in service.callers),
    }


def secrets_of(here: Tenancy) -> list[dict[str, str]]:
    """Return each secret with where it comes from: a path of Vault, or a database."""
    return [
        {
            "service": service.ref,
            "secret": secret.name,
            "from": f"{MOUNT}/{service.namespace}/{secret.name}"
            if secret.database is None
            else f"database {secret.database}",
        }
        for service in here.services
        for secret in service.secrets
    ]
