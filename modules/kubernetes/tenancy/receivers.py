"""Where a tenant's alerts go: a Secret out of Vault, which the tenant's admins fill."""

from ...core.alerts import RECEIVERS
from ...core.secrets import MOUNT, identity, kubernetes_secret
from ..manifest import Manifest
from ..secrets.guardrails import API_VERSION
from ..secrets.guardrails import MOUNT as METHOD
from ..service_accounts import service_account
from ..vault_state import AUDIENCE

SECRET = kubernetes_secret(RECEIVERS, "urls")
"""The Secret; its keys are those in Vault."""
_LABELS = {"app.kubernetes.io/part-of": "ekp"}


def receivers(namespace: str) -> list[Manifest]:
    """Return what brings a namespace's receivers from Vault, as an account of its own.

    No pod runs as that account, and no service's account may read what it reads.
    """
    auth = {
        "method": "kubernetes",
        "mount": METHOD,
        "kubernetes": {
            "role": identity(namespace, RECEIVERS),
            "serviceAccount": RECEIVERS,
            "audiences": [AUDIENCE],
            "tokenExpirationSeconds": 600,
        },
    }
    secret = {
        "vaultAuthRef": RECEIVERS,
        "mount": MOUNT,
        "type": "kv-v2",
        "path": f"{namespace}/{RECEIVERS}",
        "refreshAfter": "1h",
        "destination": {
            "name": SECRET,
            "create": True,
            "overwrite": False,
            "transformation": {"excludeRaw": True},
        },
    }
    return [
        service_account(RECEIVERS, namespace=namespace, labels=_LABELS),
        *(
            Manifest(
                api_version=API_VERSION,
                kind=kind,
                name=name,
                namespace=namespace,
                labels=_LABELS,
                fields={"spec": spec},
            )
            for kind, name, spec in (
                ("VaultAuth", RECEIVERS, auth),
                ("VaultStaticSecret", SECRET, secret),
            )
        ),
    ]
