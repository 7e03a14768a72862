"""How people sign in to Rancher through Entra ID (Azure AD), and who administers it."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from ...core.entra import EntraApplication, rancher_principal
from ...core.hosts import Domain
from ..manifest import Manifest
from .names import MANAGEMENT, REGISTRAR, REGISTRAR_LABEL

PROVIDER: Final = "azuread"
ADMIN: Final = "admin"
"""Rancher's global role that may do everything, in every cluster."""
CLIENT_SECRET: Final = "azureadconfig-applicationsecret"  # noqa: S105 - name of a Secret
CLIENT_SECRET_KEY: Final = "applicationsecret"  # noqa: S105 - a key of it
SECRETS_NAMESPACE: Final = "cattle-global-data"


def sign_in(
    application: EntraApplication, *, host: Domain, groups: Sequence[str]
) -> list[Manifest]:
    """Return the provider and its administrators; ``groups`` are the tenants', who get in too.

    What Rancher's page does when a person fills it in, but for the trial sign-in at its end.
    Source: rancher/rancher v2.15.0, pkg/auth/providers/azure, and ``AzureADConfig`` of
    pkg/apis/management.cattle.io/v3/authn_types.go; Rancher manual, "Configure Azure AD".
    """
    authority = "https://login.microsoftonline.com/"
    flow = f"{authority}{application.tenant_id}/oauth2/v2.0"
    allowed = sorted({*application.admins, *application.viewers, *groups})
    return [
        Manifest(
            api_version=MANAGEMENT,
            kind="AuthConfig",
            name=PROVIDER,
            annotations={"auth.cattle.io/azuread-endpoint-migrated": "true"},
            fields={
                "type": "azureADConfig",
                "enabled": True,
                # Who is in none of the groups does not get in at all.
                "accessMode": "required",
                "allowedPrincipalIds": [rancher_principal(group) for group in allowed],
                "tenantId": application.tenant_id,
                "applicationId": application.client_id,
                "applicationSecret": f"{SECRETS_NAMESPACE}:{CLIENT_SECRET}",
                "endpoint": authority,
                "graphEndpoint": "https://graph.microsoft.com",
                "authEndpoint": f"{flow}/authorize",
                "tokenEndpoint": f"{flow}/token",
                "rancherUrl": f"https://{host}/verify-auth-azure",
            },
        ),
        *(
            Manifest(
                api_version=MANAGEMENT,
                kind="GlobalRoleBinding",
                name=admin_binding(group),
                labels={REGISTRAR_LABEL: REGISTRAR},
                fields={"globalRoleName": ADMIN, "groupPrincipalName": rancher_principal(group)},
            )
            for group in application.admins
        ),
    ]


def admin_binding(group: str) -> str:
    """Return the name of the object that makes a group Rancher's administrators."""
    return f"ekp-admin-{digest(group)}"


def digest(text: str) -> str:
    """Return what tells names of bindings apart: their groups and roles never change."""
    return sha256(text.encode()).hexdigest()[:10]
