"""A tenant as far as its settings are valid, so that a mistake in one hides no other."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modules.core.services import Service
from modules.core.tenants import Groups, Tenant, TenantEnvironment

from .validity import valid


@dataclass(frozen=True, slots=True)
class KnownTenant:
    """What is known of a tenant."""

    tenant: Tenant
    """With the services that are valid, and nothing in place of what else is not."""
    refs: frozenset[str]
    """Of all its services, those that are not valid among them."""
    environments: frozenset[str]
    """Those whose settings are valid."""

    @property
    def services(self) -> frozenset[str]:
        """Names of all its services."""
        return frozenset(ref.partition("/")[2] for ref in self.refs)


def known(written: Tenant) -> KnownTenant:
    """Return what is known of a tenant that is written down, right or wrong."""
    tenant = valid(Tenant, written)
    if tenant is not None:
        refs = frozenset(one.ref for one in tenant.services)
        return KnownTenant(tenant, refs, frozenset(tenant.environments))
    parts = vars(written)
    services = list(_entries(parts.get("services")))
    said = parts.get("environments")
    environments = {
        str(name): valid(TenantEnvironment, entry)
        for name, entry in (said if isinstance(said, Mapping) else {}).items()
    }
    found = Tenant.model_construct(
        name=str(parts.get("name")),
        owner="",
        cost_center="",
        groups=valid(Groups, parts.get("groups")) or Groups.model_construct(admin=()),
        namespaces=tuple(n for n in _entries(parts.get("namespaces")) if isinstance(n, str)),
        services=tuple(one for entry in services if (one := valid(Service, entry)) is not None),
        environments={n: one or TenantEnvironment() for n, one in environments.items()},
    )
    whole = frozenset(name for name, one in environments.items() if one is not None)
    return KnownTenant(found, frozenset(map(_ref, services)), whole)


Knows = Callable[[Tenant], KnownTenant]
"""Tells what is known of a tenant that is written down."""


def each_once() -> Knows:
    """Return :func:`known` for checks that share it: it validates each tenant a single time."""
    found: dict[int, tuple[Tenant, KnownTenant]] = {}

    def knows(written: Tenant) -> KnownTenant:
        # Kept with what is known, so that no other tenant gets its id.
        if id(written) not in found:
            found[id(written)] = (written, known(written))
        return found[id(written)][1]

    return knows


def _entries(value: object) -> Iterator[Any]:
    yield from value if isinstance(value, list | tuple) else ()


def _ref(entry: object) -> str:
    said = entry if isinstance(entry, Mapping) else getattr(entry, "__dict__", {})
    return f"{said.get('namespace')}/{said.get('name')}"
