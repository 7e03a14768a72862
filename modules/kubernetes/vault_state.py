"""What Vault's configuration has to be, as data: each path with what is written there."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.alerts import RECEIVERS
from ..core.entra import EntraApplication
from ..core.hosts import Domain
from ..core.secrets import connection, credentials, identity
from ..core.services import Service
from ..core.tenants import Tenancy
from ..core.vault_policies import (
    PLATFORM_ADMIN,
    PLATFORM_VIEWER,
    Policy,
    platform_policies,
    tenancy_policies,
    tenant_role,
)
from .vault_databases import connection_body, role_body

AUDIENCE = "vault"
"""Audience of the service accounts' tokens that Vault takes."""
_TOKEN_SECONDS = 1200
_LONGEST_SECONDS = 3600
_PEOPLE_SECONDS = 3600
_PEOPLE_LONGEST_SECONDS = 4 * 3600
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultState:
    """Vault's configuration, by names."""

    policies: Mapping[str, Policy]
    service_roles: Mapping[str, Body]
    """Of ``auth/kubernetes``: which service account gets which policies."""
    people_roles: Mapping[str, Body]
    """Of ``auth/oidc``: which groups get which policies."""
    oidc: Body | None
    """The application of Entra ID, without its secret; None: nobody signs in."""
    connections: Mapping[str, Body]
    credentials: Mapping[str, Body]
    """Roles of the database engine."""

    def writes(self) -> dict[str, Body]:
        """Return every path with what is written there."""
        kinds: Mapping[str, Mapping[str, Body]] = {
            "sys/policies/acl": {
                name: {"policy": hcl(policy)} for name, policy in self.policies.items()
            },
            "auth/kubernetes/role": self.service_roles,
            "databases/config": self.connections,
            "databases/roles": self.credentials,
            "auth/oidc/role": self.people_roles,
        }
        found = {
            f"{kind}/{name}": body for kind, all_ in kinds.items() for name, body in all_.items()
        }
        return {**found, **({"auth/oidc/config": self.oidc} if self.oidc else {})}


def hcl(policy: Policy) -> str:
    """Return a policy as people read it in Vault, in HCL."""
    return "".join(
        f"path {json.dumps(path)} {{\n{''.join(_settings(rule))}}}\n"
        for path, rule in policy["path"].items()
    )


def platform_state(*, host: Domain | None, entra: EntraApplication | None) -> VaultState:
    """Return what is of no tenant: the platform's people, and the application they sign in by."""
    people: dict[str, Body] = {}
    if entra:
        people[PLATFORM_ADMIN] = _people(PLATFORM_ADMIN, entra.admins, host)
        if entra.viewers:
            people[PLATFORM_VIEWER] = _people(PLATFORM_VIEWER, entra.viewers, host)
    return VaultState(
        policies=platform_policies(),
        service_roles={},
        people_roles=people,
        oidc={"oidc_discovery_url": entra.issuer, "oidc_client_id": entra.client_id}
        if entra
        else None,
        connections={},
        credentials={},
    )


def tenant_state(
    tenancy: Tenancy, *, host: Domain | None, entra: EntraApplication | None
) -> VaultState:
    """Return what is of one tenant, and of no other.

    Raises:
        KeyError: a secret asks for a database that the tenant has not.
    """
    with_secrets = [service for service in tenancy.services if service.secrets]
    groups = tenancy.tenant.groups
    people = {
        tenant_role(tenancy.name, role): found
        for role, found in (("admin", groups.admin), ("developer", groups.developer))
        if entra and found
    }
    return VaultState(
        policies=tenancy_policies(tenancy),
        service_roles={
            **{identity(one, RECEIVERS): _role(one, RECEIVERS) for one in tenancy.namespaces},
            **{identity(one.namespace, one.name): _service(one) for one in with_secrets},
        },
        people_roles={name: _people(name, found, host) for name, found in people.items()},
        oidc=None,
        connections={
            connection(tenancy.name, name): connection_body(database, _users_of(tenancy, name))
            for name, database in tenancy.settings.databases.items()
        },
        credentials={
            credentials(one.namespace, one.name, secret.name): role_body(
                tenancy.settings.databases[secret.database],
                connection(tenancy.name, secret.database),
                secret.refresh_seconds,
            )
            for one in with_secrets
            for secret in one.secrets
            if secret.database
        },
    )


def _settings(rule: Mapping[str, Any]) -> Iterator[str]:
    yield f"  capabilities = {json.dumps(rule['capabilities'])}\n"
    if allowed := rule.get("allowed_parameters"):
        entries = ", ".join(f"{json.dumps(name)} = []" for name in allowed)
        yield f"  allowed_parameters = {{ {entries} }}\n"


def _users_of(tenancy: Tenancy, database: str) -> list[str]:
    return [
        credentials(service.namespace, service.name, secret.name)
        for service in tenancy.services
        for secret in service.secrets
        if secret.database == database
    ]


def _service(service: Service) -> Body:
    """Return the role of a service: its own service account, by a token made for Vault.

    Credentials of a database end with the token that asked for them. Theirs is prolonged without
    end while the operator runs, and lives on as long as they do when it is gone.
    """
    return _role(
        service.namespace,
        service.name,
        longest=max((s.refresh_seconds for s in service.secrets if s.database), default=0),
    )


def _role(namespace: str, account: str, *, longest: int = 0) -> Body:
    return {
        "bound_service_account_names": [account],
        "bound_service_account_namespaces": [namespace],
        "audience": AUDIENCE,
        "token_policies": [identity(namespace, account)],
        "token_ttl": _TOKEN_SECONDS,
        "token_max_ttl": 0 if longest else _LONGEST_SECONDS,
        "token_period": longest,
    }


def _people(name: str, groups: Sequence[str], host: Domain | None) -> Body:
    """Return the role of people in any of these groups, at Vault's pages or its command line."""
    pages = [f"https://{host}/ui/vault/auth/oidc/oidc/callback"] if host else []
    return {
        "role_type": "oidc",
        "user_claim": "oid",
        # The scope that brings the two claims. Source: Microsoft identity platform, "ID token
        # claims reference".
        "oidc_scopes": ["profile"],
        "claim_mappings": {"preferred_username": "user"},
        "bound_claims": {"groups": list(groups)},
        "allowed_redirect_uris": [*pages, "http://localhost:8250/oidc/callback"],
        "token_policies": [name],
        "token_ttl": _PEOPLE_SECONDS,
        "token_max_ttl": _PEOPLE_LONGEST_SECONDS,
    }
