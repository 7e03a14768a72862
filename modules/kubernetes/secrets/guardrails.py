"""As whom the Vault Secrets Operator asks Vault for a service's secrets: not from Git."""

from ...core.secrets import identity
from ...core.services import Service
from ...core.tenants import Tenancy
from ..manifest import Manifest
from ..vault_state import AUDIENCE

API_VERSION = "secrets.hashicorp.com/v1beta1"
MOUNT = "kubernetes"
"""Vault's method for service accounts."""


def vault_guardrails(tenancy: Tenancy) -> list[Manifest]:
    """Return a VaultAuth for every service that wants secrets, called as the service is.

    The operator makes itself a token of the service's own account, for Vault alone, in the
    namespace of the secret that asks. A VaultAuth without ``allowedNamespaces`` is of use in its
    own namespace only, and one without a connection takes the operator's own: so no authority and
    no address stand in a tenant's namespace.
    Source: vault-secrets-operator v1.4.1, ``common/common.go``, ``isAllowedNamespace`` and
    ``GetConnectionNamespacedName``; ``credentials/vault/kubernetes.go``.
    """
    return [
        _auth(service)
        for namespace in tenancy.namespaces
        for service in tenancy.services_of(namespace)
        if service.secrets
    ]


def _auth(service: Service) -> Manifest:
    return Manifest(
        api_version=API_VERSION,
        kind="VaultAuth",
        name=service.name,
        namespace=service.namespace,
        labels={"app.kubernetes.io/part-of": "ekp"},
        fields={
            "spec": {
                "method": "kubernetes",
                "mount": MOUNT,
                "kubernetes": {
                    "role": identity(service.namespace, service.name),
                    "serviceAccount": service.name,
                    "audiences": [AUDIENCE],
                    "tokenExpirationSeconds": 600,
                },
            }
        },
    )
