"""What every service of a cluster takes for granted: namespaces, priorities, storage."""

from ..kubernetes.manifest import Manifest
from ..kubernetes.scheduling import priority_class
from ..kubernetes.storage import default_storage_class
from . import (
    argo_rollouts,
    calico,
    cert_manager,
    istio,
    kubecost,
    nginx,
    observability,
    vault,
    vault_secrets_operator,
)

NAMESPACES = (
    observability.STORES,
    observability.AGENTS,
    cert_manager.NAMESPACE,
    calico.NAMESPACE,
    *istio.NAMESPACES,
    argo_rollouts.NAMESPACE,
    vault.NAMESPACE,
    vault_secrets_operator.NAMESPACE,
    nginx.NAMESPACE,
    kubecost.NAMESPACE,
)


def groundwork() -> list[Manifest]:
    """Return the objects that stand before the first chart."""
    return [
        *(namespace.manifest() for namespace in NAMESPACES),
        priority_class(),
        default_storage_class(),
    ]
