"""Checks of what a tenant names in an environment: its services, its databases, its roles."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from modules.core.tenants import Tenancy

from pydantic import ValidationError

from .delivery_checks import regions_of
from .schema import Environment
from .settings_document import Loc

# Source: IAM User Guide, "IAM and AWS STS quotas".
_LONGEST_ROLE = 64


def references(
    here: Tenancy, environment: Environment, names: AbstractSet[str]
) -> Iterator[tuple[Loc, str]]:
    """Yield each setting that names what is not there, or what could not be made.

    ``names`` are those of all services, of those too that are wrong.
    """
    yield from _regions(here, environment)
    yield from _variants(here, names)
    yield from _grants(here, names)
    yield from _databases(here)
    yield from _roles(here, environment)


def _loc(here: Tenancy, *parts: str | int) -> Loc:
    return ("environments", here.environment, *parts)


def _regions(here: Tenancy, environment: Environment) -> Iterator[tuple[Loc, str]]:
    missing = [region for region in regions_of(environment) if not here.runs_in(region)]
    for service in here.services if missing else ():
        if service.routes:
            yield (
                _loc(here, "regions"),
                (
                    f" lacks {', '.join(missing)}: users of {service.name} are sent to any region; "
                    f"leave regions out, or take the routes of {service.name} away"
                ),
            )


def _none_such(names: AbstractSet[str]) -> str:
    return (
        "the tenant has no service of this name; its services are "
        f"{', '.join(sorted(names)) or 'none yet'}"
    )


def _variants(here: Tenancy, names: AbstractSet[str]) -> Iterator[tuple[Loc, str]]:
    for name in here.settings.services:
        if name not in names:
            yield _loc(here, "services", name), f": {_none_such(names)}"


def _grants(here: Tenancy, names: AbstractSet[str]) -> Iterator[tuple[Loc, str]]:
    for kind in type(here.settings.grants).model_fields:
        for place, grant in enumerate(getattr(here.settings.grants, kind)):
            if grant.service not in names:
                yield (
                    _loc(here, "grants", kind, place, "service"),
                    f" = {grant.service!r}: {_none_such(names)}",
                )


def _databases(here: Tenancy) -> Iterator[tuple[Loc, str]]:
    for service in here.services:
        for secret in service.secrets:
            if secret.database is not None and secret.database not in here.settings.databases:
                yield (
                    _loc(here, "databases"),
                    (
                        f" lacks {secret.database!r}, which secret {secret.name} of {service.name} "
                        "asks for; add it, or take the secret away"
                    ),
                )


def _roles(here: Tenancy, environment: Environment) -> Iterator[tuple[Loc, str]]:
    granted = here.settings.grants.services()
    for service in here.services:
        for region in regions_of(environment) if service.name in granted else ():
            if not here.runs_in(region):
                continue
            try:
                prefix = environment.context(str(region)).prefix
            except (ValidationError, AttributeError):
                continue
            # As modules.core.tenant_iam calls it.
            name = f"{prefix}-{service.namespace}.{service.name}"
            if len(name) > _LONGEST_ROLE:
                yield (
                    ("services", service.name, "name"),
                    (
                        f" = {service.name!r}: its role would be called {name}, {len(name)} "
                        f"characters of at most {_LONGEST_ROLE}; shorten it"
                    ),
                )
