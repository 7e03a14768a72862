"""What people see through Rancher, and so what the job that lets them must see itself."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..manifest import Manifest
from .names import MANAGEMENT, REGISTRAR, REGISTRAR_LABEL

OF_PROJECT: Final = "ekp-view"
"""Role of a tenant's groups in the tenant's projects."""
OF_CLUSTER: Final = "ekp-look"
"""Role of the platform's viewers in every cluster."""
# No Secrets, no shells and no changes: services change through Git, and Kubernetes' own RBAC gives
# the rest to people who sign in to the cluster.
_OF_SERVICES: Mapping[str, Sequence[str]] = {
    "": (
        "configmaps",
        "endpoints",
        "events",
        "limitranges",
        "persistentvolumeclaims",
        "pods",
        "pods/log",
        "resourcequotas",
        "serviceaccounts",
        "services",
    ),
    "apps": ("controllerrevisions", "daemonsets", "deployments", "replicasets", "statefulsets"),
    "argoproj.io": ("analysisruns", "analysistemplates", "experiments", "rollouts"),
    "autoscaling": ("horizontalpodautoscalers",),
    "batch": ("cronjobs", "jobs"),
    "discovery.k8s.io": ("endpointslices",),
    "metrics.k8s.io": ("pods",),
    "networking.istio.io": ("destinationrules", "serviceentries", "sidecars", "virtualservices"),
    "networking.k8s.io": ("ingresses", "networkpolicies"),
    "policy": ("poddisruptionbudgets",),
    "security.istio.io": ("authorizationpolicies", "peerauthentications"),
}
_OF_THE_CLUSTER: Mapping[str, Sequence[str]] = {
    "": ("namespaces", "nodes", "persistentvolumes"),
    "metrics.k8s.io": ("nodes",),
    "scheduling.k8s.io": ("priorityclasses",),
    "storage.k8s.io": ("storageclasses", "volumeattachments"),
}


def seen() -> list[dict[str, Any]]:
    """Return all that either role shows, in RBAC's own form."""
    return [*_reads(_OF_SERVICES), *_reads(_OF_THE_CLUSTER)]


def role_templates() -> list[Manifest]:
    """Return Rancher's roles of people who look.

    Rancher lets nobody hand out more than he has himself, service accounts included: so the
    registrar has their rules too, and can give no others.
    Source: rancher/webhook v0.11.0, docs.md, "RoleTemplate", "ProjectRoleTemplateBinding".
    """
    return [
        _template(
            OF_PROJECT,
            "project",
            "Sees everything of the tenant but secrets, and changes nothing.",
            _reads(_OF_SERVICES),
        ),
        _template(
            OF_CLUSTER,
            "cluster",
            "Sees everything of the cluster but secrets, and changes nothing.",
            seen(),
        ),
    ]


def _reads(kinds: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    return [
        {"apiGroups": [group], "resources": [*resources], "verbs": ["get", "list", "watch"]}
        for group, resources in kinds.items()
    ]


def _template(name: str, context: str, description: str, rules: list[dict[str, Any]]) -> Manifest:
    return Manifest(
        api_version=MANAGEMENT,
        kind="RoleTemplate",
        name=name,
        labels={REGISTRAR_LABEL: REGISTRAR},
        fields={
            "context": context,
            "displayName": name,
            "description": description,
            "rules": rules,
        },
    )
