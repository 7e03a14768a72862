"""What the pods of a tenant's namespace may ask for together, and one by one."""

from typing import Any

from ...core.service_words import mebibytes
from ...core.tenants import Quota
from ..manifest import Manifest

NAME = "tenant"
"""Name of each namespace's ResourceQuota and LimitRange."""
# Services keep their data elsewhere, and users come to them by the mesh's own ways in: of each of
# these none, whoever asks. An Ingress or a binding would have a load balancer made or entered.
_NONE_OF = (
    "persistentvolumeclaims",
    "requests.storage",
    "services.loadbalancers",
    "services.nodeports",
    "count/ingresses.networking.k8s.io",
    "count/targetgroupbindings.elbv2.k8s.aws",
)
# Of a container that says nothing of itself, such as one that a webhook adds.
_UNSAID = {"cpu": "50m", "memory": "128Mi"}


def quota(namespace: str, most: Quota) -> Manifest:
    """Return the ResourceQuota of a namespace.

    It counts all pods that have not ended, proxies and both versions of a rollout among them. A
    pod that does not say what it asks for is refused under it: see ``defaults``.
    """
    hard = {
        "requests.cpu": most.cpu,
        "requests.memory": most.memory,
        "limits.memory": most.memory,
        "pods": str(most.pods),
        **dict.fromkeys(_NONE_OF, "0"),
    }
    return _manifest("ResourceQuota", namespace, {"hard": hard})


# Logs, files of its own and scratch volumes: a node's disk is everybody's on it.
_LEAST_DISK, _DISK, _MOST_DISK = "64Mi", "2Gi", "10Gi"


def defaults(namespace: str, most: Quota) -> Manifest:
    """Return the LimitRange of a namespace: what a container asks for that does not say.

    Nothing of it limits CPU, as no pod of a service does; a ``max`` of CPU would, since it is the
    limit of whoever has none.
    Source: Kubernetes, ``pkg/apis/core/v1/defaults.go``, ``SetDefaults_LimitRangeItem``.
    """
    unsaid = min(_UNSAID["memory"], most.memory, key=mebibytes)
    limits = {
        "type": "Container",
        "defaultRequest": {
            "cpu": _UNSAID["cpu"],
            "memory": unsaid,
            # Unsaid, it would be the limit, and few pods would find a node.
            "ephemeral-storage": _LEAST_DISK,
        },
        "default": {"memory": unsaid, "ephemeral-storage": _DISK},
        "max": {"memory": most.memory, "ephemeral-storage": _MOST_DISK},
    }
    return _manifest("LimitRange", namespace, {"limits": [limits]})


def _manifest(kind: str, namespace: str, spec: dict[str, Any]) -> Manifest:
    return Manifest(
        api_version="v1",
        kind=kind,
        name=NAME,
        namespace=namespace,
        labels={"app.kubernetes.io/part-of": "ekp"},
        fields={"spec": spec},
    )
