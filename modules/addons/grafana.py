"""Grafana's settings: who signs in by which group, and what it shows besides Prometheus."""

from collections.abc import Sequence
from typing import Any

from ..core.bootstrap_secrets import BootstrapSecret
from ..core.entra import EntraApplication
from ..core.hosts import Domain
from ..kubernetes.storage import STORAGE_CLASS
from .observability import JAEGER, LOKI_HOST, LOKI_TENANT, STORES

ENTRA_SECRET = "grafana-entra"  # noqa: S105 - name of a Secret
"""Secret of the namespace ``observability``; its key is the name of the variable below."""
ENTRA_VARIABLE = "ENTRA_CLIENT_SECRET"
ORGANISATION = 1


def grafana_values(
    *,
    host: Domain | None,
    sign_in: EntraApplication | None,
    volume_gib: int | None,
    tenants: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the values of the chart ``grafana`` that depend on settings.

    Args:
        host: what people reach it by; None: a port-forward.
        sign_in: who signs in; None: one administrator with a password.
        volume_gib: of what people make by hand; None: a restart forgets it.
        tenants: groups that may look besides. A data source is everybody's who may look, in the
            edition without a licence: each of them sees metrics and logs of all tenants.
            Source: Grafana documentation, "Data source permissions".
    """
    ini: dict[str, Any] = {}
    found: dict[str, Any] = {"grafana.ini": ini, "additionalDataSources": data_sources()}
    if host is not None:
        ini["server"] = {"domain": host, "root_url": f"https://{host}"}
    if sign_in is not None:
        ini |= _sign_in(sign_in.also_for(tenants))
        # Nobody has a password; the group of admins administers.
        found["env"] = {"GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION": "true"}
        found["envFromSecrets"] = [{"name": ENTRA_SECRET, "optional": True}]
    if volume_gib is not None:
        found["persistence"] = {
            "enabled": True,
            "storageClassName": STORAGE_CLASS,
            "size": f"{volume_gib}Gi",
        }
    return found


def bootstrap_secrets(sign_in: EntraApplication | None) -> list[BootstrapSecret]:
    """Return the Secret of the sign-in; without it Grafana runs and nobody gets in."""
    if sign_in is None:
        return []
    return [
        BootstrapSecret(
            namespace=STORES.name,
            name=ENTRA_SECRET,
            keys=(ENTRA_VARIABLE,),
            purpose="sign-in to Grafana: the client secret of its application in Entra ID",
            blocks=False,
        )
    ]


def _sign_in(application: EntraApplication) -> dict[str, Any]:
    """Return sign-in through Entra ID alone, with the role that a group has.

    The object ids of a person's groups are mapped to roles; who is in none is refused.
    Source: Grafana documentation, "Configure Azure AD/Entra ID OAuth authentication".
    """
    roles = [
        *(f"{group}:{ORGANISATION}:Admin" for group in application.admins),
        *(f"{group}:{ORGANISATION}:Viewer" for group in application.viewers),
    ]
    endpoint = f"https://login.microsoftonline.com/{application.tenant_id}/oauth2/v2.0"
    return {
        "auth": {"disable_login_form": True},
        "auth.basic": {"enabled": False},
        "auth.azuread": {
            "enabled": True,
            "name": "Entra ID",
            "allow_sign_up": True,
            "client_authentication": "client_secret_post",
            "client_id": application.client_id,
            "client_secret": f"$__env{{{ENTRA_VARIABLE}}}",
            "scopes": "openid email profile",
            "auth_url": f"{endpoint}/authorize",
            "token_url": f"{endpoint}/token",
            "allowed_organizations": application.tenant_id,
            "allowed_groups": " ".join((*application.admins, *application.viewers)),
            "org_mapping": " ".join(roles),
            "role_attribute_strict": True,
            "allow_assign_grafana_admin": False,
            "skip_org_role_sync": False,
            "use_pkce": True,
        },
    }


def data_sources() -> list[dict[str, Any]]:
    """Return logs and traces as data sources; a log line leads to its trace."""
    return [
        {
            "name": "Loki",
            "uid": "loki",
            "type": "loki",
            "access": "proxy",
            "url": f"http://{LOKI_HOST}",
            "jsonData": {
                "httpHeaderName1": "X-Scope-OrgID",
                "derivedFields": [
                    {
                        "name": "Trace",
                        "matcherRegex": r'"?trace_?id"?\s*[:=]\s*"?([0-9a-f]{32})',
                        "datasourceUid": "jaeger",
                        # Grafana reads "$$" as one dollar sign.
                        "url": "$${__value.raw}",
                    }
                ],
            },
            # The tenant's name: no secret, though Grafana keeps headers there.
            "secureJsonData": {"httpHeaderValue1": LOKI_TENANT},
        },
        {
            "name": "Jaeger",
            "uid": "jaeger",
            "type": "jaeger",
            "access": "proxy",
            "url": f"http://{JAEGER}.{STORES.name}.svc:16686",
        },
    ]
