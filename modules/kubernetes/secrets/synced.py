"""What Git holds of a service's secrets: where they are in Vault, never a value."""

from typing import Any

from ...core.secrets import DATABASES, MOUNT, Secret, credentials, kubernetes_secret
from ...core.services import Service, labels
from ..manifest import Manifest
from .guardrails import API_VERSION


def synced_secrets(service: Service) -> list[Manifest]:
    """Return one object a secret, by which the operator keeps a Kubernetes Secret up to date.

    The Secret has a key for each key in Vault; of a database ``username`` and ``password``.
    """
    return [
        Manifest(
            api_version=API_VERSION,
            kind="VaultDynamicSecret" if secret.database else "VaultStaticSecret",
            name=kubernetes_secret(service.name, secret.name),
            namespace=service.namespace,
            labels=labels(service),
            fields={"spec": {**_common(service, secret), **_source(service, secret)}},
        )
        for secret in service.secrets
    ]


def _common(service: Service, secret: Secret) -> dict[str, Any]:
    return {
        "vaultAuthRef": service.name,
        "destination": {
            "name": kubernetes_secret(service.name, secret.name),
            "create": True,
            # A Secret that somebody else made is not taken over.
            "overwrite": False,
            # Vault's answer as a whole, beside the keys.
            "transformation": {"excludeRaw": True},
        },
        # The operator writes the Rollout's spec.restartAt.
        **(
            {"rolloutRestartTargets": [{"kind": "argo.Rollout", "name": service.name}]}
            if secret.restart
            else {}
        ),
    }


def _source(service: Service, secret: Secret) -> dict[str, Any]:
    if secret.database:
        return {
            "mount": DATABASES,
            "path": f"creds/{credentials(service.namespace, service.name, secret.name)}",
            # A lease is never prolonged: Vault's role lets it live just as long as it does. So new
            # credentials are made then, and the old ones live on for the last third.
            "renewalPercent": 67,
        }
    return {
        "mount": MOUNT,
        "type": "kv-v2",
        "path": f"{service.namespace}/{secret.name}",
        "refreshAfter": f"{secret.refresh_seconds}s",
        # By it a change is seen; without it nothing is started anew.
        "hmacSecretData": True,
    }
