"""What the people who run the platform may do in a cluster by the groups they are in."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.entra import GROUP_PREFIX, Directory
from .manifest import Manifest
from .rbac import GROUP

LOOK = "platform-look"
"""ClusterRole of admins and viewers, beside Kubernetes' own ``view``."""
REPAIR = "platform-repair"
"""ClusterRole of admins."""
REACH = "platform-reach"
"""ClusterRole of whoever meets a tool by ``kubectl port-forward``, bound where the tool runs."""
_READ = ("get", "list", "watch")
# Kinds of charts that Kubernetes' own "view" leaves out. None holds a secret: Vault's operator and
# cert-manager keep what they fetch in Secrets.
_OF_CHARTS = (
    "argoproj.io",
    "cert-manager.io",
    "elbv2.k8s.aws",
    "extensions.istio.io",
    "k8s.nginx.org",
    "karpenter.k8s.aws",
    "karpenter.sh",
    "metrics.k8s.io",
    "monitoring.coreos.com",
    "networking.istio.io",
    "operator.tigera.io",
    "projectcalico.org",
    "secrets.hashicorp.com",
    "security.istio.io",
    "telemetry.istio.io",
)
_OF_THE_CLUSTER: Mapping[str, tuple[str, ...]] = {
    "": ("namespaces", "nodes", "persistentvolumes"),
    "admissionregistration.k8s.io": ("*",),
    "apiextensions.k8s.io": ("customresourcedefinitions",),
    "apiregistration.k8s.io": ("apiservices",),
    GROUP: ("clusterrolebindings", "clusterroles", "rolebindings", "roles"),
    "scheduling.k8s.io": ("priorityclasses",),
    "storage.k8s.io": ("csidrivers", "csinodes", "storageclasses", "volumeattachments"),
}
# Where people look at metrics and logs where no host leads to them, and where Vault's admins go.
_TOOLS_OF_ALL = ("observability",)
_TOOLS_OF_ADMINS = ("vault",)


def platform_people(directory: Directory) -> list[Manifest]:
    """Return the rights of the platform's own groups in a cluster.

    Viewers and admins see everything but Secrets. Admins also repair what comes back by itself:
    they delete and evict pods, empty nodes, give nodes back, scale, and promote or stop rollouts.
    Nobody changes an object by hand: that is Terraform's and Git's. Nobody reads a Secret, opens a
    shell in a pod or gives out rights; ``admin`` and ``cluster-admin`` may, through a service
    account's token in any Secret. Who has to, uses the break-glass role (docs/identity.md).

    Bindings are called by the groups' names in settings, so that a group replaced by another
    changes one subject.
    """
    admins, viewers = directory.admins, directory.viewers
    everyone = {**admins, **viewers}
    return [
        _role(LOOK, _looking()),
        _role(REPAIR, _repairing()),
        _role(
            REACH,
            [{"apiGroups": [""], "resources": ["pods/portforward"], "verbs": ["create"]}],
        ),
        *_everywhere("view", everyone),
        *_everywhere(LOOK, everyone),
        *_everywhere(REPAIR, admins),
        *(one for space in _TOOLS_OF_ALL for one in _within(space, everyone)),
        *(one for space in _TOOLS_OF_ADMINS for one in _within(space, admins)),
    ]


def _looking() -> list[dict[str, Any]]:
    return [
        *(_rule((group,), kinds, _READ) for group, kinds in _OF_THE_CLUSTER.items()),
        _rule(_OF_CHARTS, ("*",), _READ),
    ]


def _repairing() -> list[dict[str, Any]]:
    scaled = ("deployments/scale", "statefulsets/scale")
    return [
        _rule(("",), ("pods",), ("delete",)),
        _rule(("",), ("pods/eviction",), ("create",)),
        # To cordon: a drain is that, and evictions.
        _rule(("",), ("nodes",), ("patch",)),
        _rule(("karpenter.sh",), ("nodeclaims",), ("delete",)),
        _rule(("apps",), scaled, ("patch", "update")),
        _rule(("batch",), ("jobs",), ("delete",)),
        # What the plugin of Argo Rollouts changes to promote, abort and retry.
        _rule(("argoproj.io",), ("rollouts/status",), ("patch",)),
    ]


def _rule(groups: Sequence[str], kinds: Sequence[str], verbs: Sequence[str]) -> dict[str, Any]:
    return {"apiGroups": list(groups), "resources": list(kinds), "verbs": list(verbs)}


def _role(name: str, rules: Sequence[Mapping[str, Any]]) -> Manifest:
    return Manifest(
        api_version=f"{GROUP}/v1",
        kind="ClusterRole",
        name=name,
        fields={"rules": [dict(rule) for rule in rules]},
    )


def _everywhere(role: str, groups: Mapping[str, str]) -> list[Manifest]:
    return [
        Manifest(
            api_version=f"{GROUP}/v1",
            kind="ClusterRoleBinding",
            name=f"{name}-{role.removeprefix('platform-')}",
            fields=_binding(role, group),
        )
        for name, group in groups.items()
    ]


def _within(namespace: str, groups: Mapping[str, str]) -> list[Manifest]:
    return [
        Manifest(
            api_version=f"{GROUP}/v1",
            kind="RoleBinding",
            name=f"{name}-reach",
            namespace=namespace,
            fields=_binding(REACH, group),
        )
        for name, group in groups.items()
    ]


def _binding(role: str, group: str) -> dict[str, Any]:
    subject = {"apiGroup": GROUP, "kind": "Group", "name": f"{GROUP_PREFIX}{group}"}
    return {
        "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": role},
        "subjects": [subject],
    }
