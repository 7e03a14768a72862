"""How people sign in to Kubecost, and what their groups may do there."""

from collections.abc import Sequence
from typing import Any

from ..core.entra import EntraApplication
from ..core.hosts import Domain

SIGN_IN_SECRET = "kubecost-entra-id"  # noqa: S105 - a Secret's name, not its value
SIGN_IN_KEY = "clientSecret"


def oidc(application: EntraApplication | None, host: Domain | None) -> dict[str, Any]:
    """Return the chart's ``oidc``; whoever is in no group that is named may see nothing.

    Groups of tenants are in none: whoever has a role sees the costs of all. Teams, which filter
    allocations, go with SAML and not with this sign-in. Source: Kubecost, "Teams".

    Source: Kubecost, "Microsoft Entra ID OIDC Integration for Kubecost".
    """
    if application is None:
        return {"enabled": False}
    login = f"https://{host}/model/oidc/authorize"
    authorize = f"https://login.microsoftonline.com/{application.tenant_id}/oauth2/v2.0/authorize"
    return {
        "enabled": True,
        # Entra ID tells of groups in the identity token alone.
        "useIDToken": True,
        "clientID": application.client_id,
        "existingCustomSecret": {"enabled": True, "name": SIGN_IN_SECRET},
        "authURL": f"{authorize}?client_id={application.client_id}&response_type=code"
        "&scope=openid&nonce=ekp",
        "loginRedirectURL": login,
        "discoveryURL": f"{application.issuer}/.well-known/openid-configuration",
        "rbac": {
            "enabled": True,
            # Both are always on: a role that is off is everybody's.
            "groups": [
                _role("admin", application.admins),
                _role("readonly", application.viewers),
            ],
        },
    }


def _role(name: str, groups: Sequence[str]) -> dict[str, Any]:
    return {"name": name, "enabled": True, "claimName": "groups", "claimValues": list(groups)}
