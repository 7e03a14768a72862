"""What Vault is told by the job that configures it, and what brings its values to pods."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ekp.configured.environment import Configured
from ekp.configured.reading import of_kind
from ekp.evaluate.request import named

from .credential import HOUR, MINUTE

# How the job is told of a path: its slashes are underscores, and what is in the last part of a path
# has none. Source: modules/kubernetes/vault_configure.py.
DATABASE_ROLE = "databases_roles_"
DATABASE = "databases_config_"
POD_ROLE = "auth_kubernetes_role_"
PERSON_ROLE = "auth_oidc_role_"
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def longest_of(body: Mapping[str, Any]) -> int | None:
    """Return how long a credential of a role lives at most; None: as long as Vault's own limit.

    A time of 0 is none. Source: Vault API, "Database secrets engine", create role.
    """
    return int(body.get("max_ttl") or 0) or None


def written(
    configured: Configured, prefix: str
) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """Yield region, name, deciding file and body of what the job writes below a path."""
    for region in configured.regions:
        for one in of_kind(configured.bundled(region), "ConfigMap"):
            for file, text in (one.get("data") or {}).items():
                if file.startswith(prefix):
                    name = file.removeprefix(prefix)
                    yield region, name, f"{named(one)} data.{file}", json.loads(text)


def synced(configured: Configured) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the objects by which Vault's values become Secrets, with their regions."""
    for region in configured.regions:
        for one in (*configured.bundled(region), *configured.services):
            if one.get("kind") in ("VaultStaticSecret", "VaultDynamicSecret"):
                yield region, one


def seconds_of(text: object) -> int | None:
    """Return a duration such as ``1h`` or ``3600s``; None: there is none."""
    found = _DURATION.fullmatch(str(text or ""))
    if found is None or not any(found.groups()):
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * HOUR + minutes * MINUTE + seconds or None
