"""Policies of Vault: what services, a tenant's people and the platform's people may do there.

Each is a mapping in Vault's own JSON form. A path that ends in ``/*`` is all below it.
Source: Vault documentation, "Policies".
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .alerts import RECEIVERS
from .secrets import DATABASES, MOUNT, connection, credentials, identity
from .services import Service
from .tenants import Tenancy

Policy = Mapping[str, Any]
"""``{"path": {<path>: {"capabilities": [...]}}}``."""
PLATFORM_ADMIN = "platform-admin"
PLATFORM_VIEWER = "platform-viewer"
# How Vault signs in to a database, and whom it believes to be it: nothing else of a connection, so
# that nobody leads Vault to another server. Without values: any.
_SIGN_IN: Mapping[str, Sequence[str]] = {
    "username": [],
    "password": [],
    "tls_ca": [],
    "verify_connection": [],
}


def tenant_role(tenant: str, role: str) -> str:
    """Return what Vault calls the people of a tenant with a role: their policy and their role."""
    return f"tenant-{tenant}-{role}"


def service_policy(service: Service) -> Policy:
    """Return what a service may do: read its own secrets, and get its own credentials."""
    return _policy(
        {
            f"{DATABASES}/creds/{credentials(service.namespace, service.name, secret.name)}"
            if secret.database
            else f"{MOUNT}/data/{service.namespace}/{secret.name}": ["read"]
            for secret in service.secrets
        }
    )


def tenant_policies(tenancy: Tenancy) -> dict[str, Policy]:
    """Return what a tenant's people may do, by the names of their roles.

    Admins keep the tenant's secrets and say how Vault signs in to its databases. Developers see
    which secrets there are, and no value. Viewers have no policy.
    """
    return {
        tenant_role(tenancy.name, "admin"): _tenant_admin(tenancy),
        tenant_role(tenancy.name, "developer"): _policy(
            {f"{MOUNT}/metadata/{space}/*": ["list", "read"] for space in tenancy.namespaces}
        ),
    }


def platform_policies() -> dict[str, Policy]:
    """Return what the platform's people may do: run Vault, and read no secret.

    Nor may they write policies or roles, by which they could give themselves more: the job that
    configures Vault does. Whoever has the recovery keys can make a root token.
    """
    roles = ("auth/+/role", f"{DATABASES}/roles", "sys/policies/acl")
    looks = {
        **{path: ["list"] for path in roles},
        **{f"{path}/*": ["read"] for path in roles},
        "sys/auth": ["read"],
        "sys/mounts": ["read"],
        "sys/storage/raft/autopilot/state": ["read"],
        "sys/storage/raft/configuration": ["read"],
    }
    # "sudo" where Vault asks for it. Source: Vault documentation, "Policies", root-protected paths.
    runs = {
        "sys/audit": ["read", "sudo"],
        "sys/storage/raft/remove-peer": ["update"],
        "sys/step-down": ["update", "sudo"],
        "sys/leases/lookup": ["update"],
        "sys/leases/lookup/*": ["list", "sudo"],
        "sys/leases/revoke": ["update"],
        "sys/leases/revoke-prefix/*": ["update", "sudo"],
        "sys/leases/revoke-force/*": ["update", "sudo"],
        "auth/token/accessors": ["list", "sudo"],
        "auth/token/lookup-accessor": ["update"],
        "auth/token/revoke-accessor": ["update"],
        f"{MOUNT}/metadata/*": ["list"],
        f"{DATABASES}/config": ["list"],
        f"{DATABASES}/rotate-root/*": ["update"],
        f"{DATABASES}/reset/*": ["update"],
    }
    admin = _policy({**looks, **runs})
    admin["path"][f"{DATABASES}/config/*"] = _sign_in(["read", "update", "delete"])
    return {PLATFORM_ADMIN: admin, PLATFORM_VIEWER: _policy(looks)}


def tenancy_policies(tenancy: Tenancy) -> dict[str, Policy]:
    """Return all policies that come with a tenant: of its people, receivers and services."""
    return {
        **tenant_policies(tenancy),
        **{
            identity(space, RECEIVERS): _policy({f"{MOUNT}/data/{space}/{RECEIVERS}": ["read"]})
            for space in tenancy.namespaces
        },
        **{
            identity(service.namespace, service.name): service_policy(service)
            for service in tenancy.services
            if service.secrets
        },
    }


def vault_policies(tenancies: Iterable[Tenancy]) -> dict[str, Policy]:
    """Return all policies of a cluster's Vault but those of the job that initialises it."""
    found = platform_policies()
    for tenancy in tenancies:
        found.update(tenancy_policies(tenancy))
    return found


def _tenant_admin(tenancy: Tenancy) -> Policy:
    versions = ["create", "update", "patch", "read", "delete"]
    paths: dict[str, list[str]] = {}
    for space in tenancy.namespaces:
        paths[f"{MOUNT}/data/{space}/*"] = versions
        paths[f"{MOUNT}/metadata/{space}/*"] = [*versions, "list"]
        for does in ("delete", "undelete", "destroy"):
            paths[f"{MOUNT}/{does}/{space}/*"] = ["update"]
    found = _policy(paths)
    for name in tenancy.settings.databases:
        own = connection(tenancy.name, name)
        found["path"][f"{DATABASES}/config/{own}"] = _sign_in(["read", "update"])
        for does in ("rotate-root", "reset"):
            found["path"][f"{DATABASES}/{does}/{own}"] = {"capabilities": ["update"]}
    return found


def _sign_in(capabilities: Sequence[str]) -> dict[str, Any]:
    return {"capabilities": list(capabilities), "allowed_parameters": dict(_SIGN_IN)}


def _policy(paths: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {"path": {path: {"capabilities": list(found)} for path, found in paths.items()}}
