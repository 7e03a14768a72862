"""Checks across tenants: what two of them would share, and what belongs to the platform."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from modules.addons.groundwork import NAMESPACES
from modules.core.config import Config
from modules.core.context import Context
from modules.core.entra import EntraApplication
from modules.core.grant_checks import grant_problems
from modules.core.tenants import Groups, Tenant
from modules.stacks.management import NAMESPACES as HUB_NAMESPACES

from pydantic import ValidationError

from .delivery_checks import regions_of
from .known_tenants import Knows
from .schema import Environment
from .settings_document import Loc
from .tenant_references import references
from .tenant_room import room

# Namespaces that Kubernetes, EKS, Calico and Rancher have for themselves.
GIVEN = ("default", "calico-apiserver", "calico-system")
GIVEN_PREFIXES = ("kube-", "cattle-", "fleet-", "istio-", "amazon-", "aws-")


@dataclass(frozen=True, slots=True)
class TenantMistake:
    """Something wrong with a tenant."""

    tenant: str
    loc: Loc
    """The setting, inside the tenant."""
    text: str
    """Follows the setting's path."""


def check_tenants(
    written: Sequence[Tenant], environments: Sequence[Environment], known: Knows
) -> list[TenantMistake]:
    """Return what is wrong with tenants that are valid each by itself, or in parts."""
    each = [known(one) for one in written]
    tenants = [one.tenant for one in each]
    found: list[TenantMistake] = []
    found += _names(tenants)
    found += _namespaces(tenants)
    found += _groups(tenants, environments)
    by_name = {str(getattr(one, "name", "environment")): one for one in environments}
    for one in each:
        wrong = list(_environments(one.tenant, by_name))
        for name, environment in by_name.items():
            here = one.tenant.in_environment(name) if name in one.environments else None
            if here is not None:
                wrong += [*references(here, environment, one.services), *room(here)]
        found += [TenantMistake(one.tenant.name, loc, text) for loc, text in wrong]
    for name, environment in by_name.items():
        granted = [
            tenancy
            for one in each
            if name in one.environments and (tenancy := one.tenant.in_environment(name))
        ]
        found += [
            TenantMistake(problem.tenant, problem.loc, problem.text)
            for problem in grant_problems(granted, _places(environment))
        ]
    return found


def _places(environment: Environment) -> list[Context]:
    """Return where an environment is; nothing, where that cannot be told yet."""
    try:
        return [environment.context(str(region)) for region in regions_of(environment)]
    except (ValidationError, AttributeError):
        return []


def belongs_to_the_platform(namespace: str) -> bool:
    """Tell whether a namespace is no tenant's to have."""
    taken = {one.name for one in (*NAMESPACES, *HUB_NAMESPACES)}
    return namespace in taken or namespace in GIVEN or namespace.startswith(GIVEN_PREFIXES)


def _names(tenants: Sequence[Tenant]) -> Iterator[TenantMistake]:
    names = [tenant.name for tenant in tenants]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield TenantMistake(
            name, ("name",), f" = {name!r}: two tenants are called so; give each a name of its own"
        )


def _namespaces(tenants: Sequence[Tenant]) -> Iterator[TenantMistake]:
    owners: dict[str, str] = {}
    for tenant in tenants:
        loc: Loc = ("namespaces",) if tenant.namespaces else ("name",)
        for space in tenant.spaces:
            if belongs_to_the_platform(space):
                yield TenantMistake(
                    tenant.name,
                    loc,
                    f": namespace {space!r} belongs to the platform; use one of the tenant's own",
                )
            owner = owners.setdefault(space, tenant.name)
            if owner != tenant.name:
                yield TenantMistake(
                    tenant.name,
                    loc,
                    f": namespace {space!r} is of tenant {owner}; use one of the tenant's own",
                )


def _groups(
    tenants: Sequence[Tenant], environments: Sequence[Environment]
) -> Iterator[TenantMistake]:
    holders = {
        group: "the platform"
        for environment in environments
        for application in _applications(environment)
        for group in map(str, (*application.admins, *application.viewers))
    }
    for tenant in tenants:
        for role in Groups.model_fields:
            for place, group in enumerate(getattr(tenant.groups, role, ())):
                holder = holders.setdefault(group, f"tenant {tenant.name}")
                if holder != f"tenant {tenant.name}":
                    yield TenantMistake(
                        tenant.name,
                        ("groups", role, place),
                        f" = {group!r}: is a group of {holder} too, and its people would have the "
                        "rights of both; use a group of the tenant's own",
                    )


def _applications(settings: object) -> Iterator[EntraApplication]:
    """Yield the applications that the platform's people sign in through, wherever they stand."""
    if isinstance(settings, EntraApplication):
        if set(vars(settings)) >= {"admins"}:
            # As it is written down it has no defaults yet.
            yield EntraApplication.model_construct(**vars(settings))
        return
    inside: Sequence[object] = ()
    if isinstance(settings, Tenant):
        return
    if isinstance(settings, Config):
        inside = tuple(vars(settings).values())
    elif isinstance(settings, Mapping):
        inside = tuple(settings.values())
    for one in inside:
        yield from _applications(one)


def _environments(
    tenant: Tenant, environments: Mapping[str, Environment]
) -> Iterator[tuple[Loc, str]]:
    for name, settings in tenant.environments.items():
        loc: Loc = ("environments", name)
        if name not in environments:
            close = difflib.get_close_matches(name, environments, n=1)
            hint = f"did you mean {close[0]}? " if close else ""
            yield loc, f": there is no such environment; {hint}there are {', '.join(environments)}"
            continue
        regions = regions_of(environments[name])
        for region in settings.regions:
            if regions and region not in regions:
                yield (
                    (*loc, "regions"),
                    (
                        f": {region} is no region of {name}; use {', '.join(regions)}, or leave "
                        "regions out for all of them"
                    ),
                )
