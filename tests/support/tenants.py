"""Tenants for tests, and environments that hold them."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from modules.core.grants import Grants
from modules.core.services import Service
from modules.core.tenants import Groups, Tenancy, Tenant, TenantEnvironment

from environments.schema import Environment


def group(number: int) -> str:
    """Return the object id of a group in Entra ID."""
    return f"00000000-0000-0000-0000-{number:012x}"


def tenant(
    name: str = "shop",
    *,
    services: Sequence[Service] = (),
    environments: Mapping[str, TenantEnvironment] | Iterable[str] = ("dev", "qa", "prod"),
    **settings: Any,
) -> Tenant:
    """Return a tenant with what is said, and groups made of its name."""
    first = zlib.crc32(name.encode()) * 16
    written = {
        "owner": f"{name}@example.org",
        "cost_center": f"cc-{name}",
        "groups": Groups(
            admin=(group(first),), developer=(group(first + 1),), viewer=(group(first + 2),)
        ),
        "namespaces": tuple(dict.fromkeys(service.namespace for service in services)),
        "environments": environments
        if isinstance(environments, Mapping)
        else {each: TenantEnvironment() for each in environments},
    }
    return Tenant(name=name, services=tuple(services), **{**written, **settings})


def tenancy(found: Tenant, environment: str = "prod") -> Tenancy:
    """Return a tenant as it is in an environment."""
    here = found.in_environment(environment)
    assert here is not None, f"{found.name} is not in {environment}"
    return here


def with_services(environment: Environment, services: Sequence[Service]) -> Environment:
    """Return an environment whose one tenant has these services and no others."""
    (found,) = environment.tenants
    changed = found.model_copy(
        update={
            "services": tuple(services),
            # Its namespaces stay when their last service goes; what services were granted goes.
            "namespaces": found.spaces,
            "environments": {
                name: settings.model_copy(update={"grants": Grants()})
                for name, settings in found.environments.items()
            },
        }
    )
    return environment.model_copy(update={"tenants": (changed,)})
