"""What a tenant's people may do in its namespaces, by their groups.

They are rights in the tenant's own namespaces, made and removed with the tenant. Specs are Git's
and guardrails are Terraform's, so nobody writes either here, and nobody reads a Secret.
"""

from collections.abc import Sequence
from typing import Any

from ...core.entra import GROUP_PREFIX
from ...core.tenants import Tenancy
from ..manifest import Manifest
from ..rbac import GROUP

VIEWER = "tenant-viewer"
DEVELOPER = "tenant-developer"
# Calico's tier of policies that name none.
_TIER = "default"
_READ = ("get", "list", "watch")
_LABELS = {"app.kubernetes.io/part-of": "ekp"}

Rule = dict[str, Any]
# By API group, what belongs to services and their guardrails. No resource stands here with "/*":
# to read pods/exec is to run a command.
_SEEN: dict[str, tuple[str, ...]] = {
    "": (
        "configmaps",
        "endpoints",
        "events",
        "limitranges",
        "pods",
        "pods/log",
        "resourcequotas",
        "serviceaccounts",
        "services",
    ),
    "apps": ("deployments", "replicasets"),
    # All that `kubectl argo rollouts get` waits for, which are more kinds than there are objects.
    "argoproj.io": ("analysisruns", "analysistemplates", "experiments", "rollouts"),
    "autoscaling": ("horizontalpodautoscalers",),
    "discovery.k8s.io": ("endpointslices",),
    "events.k8s.io": ("events",),
    "k8s.nginx.org": ("policies", "virtualserverroutes", "virtualservers"),
    "metrics.k8s.io": ("pods",),
    "monitoring.coreos.com": ("alertmanagerconfigs", "podmonitors", "prometheusrules"),
    "networking.istio.io": (
        "destinationrules",
        "envoyfilters",
        "serviceentries",
        "sidecars",
        "virtualservices",
    ),
    "policy": ("poddisruptionbudgets",),
    "projectcalico.org": ("networkpolicies",),
    GROUP: ("rolebindings", "roles"),
    # What they say of a secret is where it lies and whether it was fetched.
    "secrets.hashicorp.com": (
        "vaultauths",
        "vaultconnections",
        "vaultdynamicsecrets",
        "vaultstaticsecrets",
    ),
    "security.istio.io": (
        "authorizationpolicies",
        "peerauthentications",
        "requestauthentications",
    ),
}


def roles(tenancy: Tenancy, *, debugging: bool = False) -> list[Manifest]:
    """Return the Roles of each namespace with their bindings, and what Calico asks besides.

    Admins have no more rights in a cluster than developers: what is theirs is in Vault.

    Args:
        tenancy: the tenant.
        debugging: whether developers may open a shell in pods, forward ports to them and put debug
            containers beside theirs. Such a call enters the pod behind the mesh's policies, and
            reads what the container reads, secrets among it.
    """
    groups = tenancy.tenant.groups
    can_act = (*groups.admin, *groups.developer)
    acting = _acting(debugging=debugging)
    return [
        *(
            manifest
            for namespace in tenancy.namespaces
            for manifest in (
                *_bound("Role", VIEWER, namespace, _viewing(), groups.everyone),
                *_bound("Role", DEVELOPER, namespace, acting, can_act),
            )
        ),
        *_tier(f"ekp-tenant-{tenancy.name}", groups.everyone),
    ]


def _viewing() -> list[Rule]:
    return [
        *(_rule(group, resources, _READ) for group, resources in _SEEN.items()),
        # In a Role it is the one that the Role is in.
        _rule("", ("namespaces",), ("get",)),
        # Calico asks for its tier's part of a policy beside the policy.
        {
            **_rule("projectcalico.org", ("tier.networkpolicies",), _READ),
            "resourceNames": [f"{_TIER}.*"],
        },
    ]


def _acting(*, debugging: bool) -> list[Rule]:
    rules = [
        # Promoting, aborting and retrying write the status alone, once Git pauses no Rollout.
        # Source: argo-rollouts v1.9.0, pkg/kubectl-argo-rollouts/cmd.
        _rule("argoproj.io", ("rollouts/status",), ("patch",)),
        # A pod that is deleted starts anew.
        _rule("", ("pods",), ("delete",)),
    ]
    if debugging:
        streams = ("pods/attach", "pods/exec", "pods/portforward")
        # kubectl asks by a WebSocket, which is a GET, or else by POST.
        rules.append(_rule("", streams, ("create", "get")))
        rules.append(_rule("", ("pods/ephemeralcontainers",), ("patch",)))
    return rules


def _rule(group: str, resources: Sequence[str], verbs: Sequence[str]) -> Rule:
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}


def _tier(name: str, groups: Sequence[str]) -> list[Manifest]:
    """Return the right to see Calico's tier: an order and a name, which no namespace has.

    Without it Calico's API server shows no policy.
    Source: Calico 3.32, ``apiserver/pkg/registry/projectcalico/authorizer/authorizer.go``.
    """
    rule = {**_rule("projectcalico.org", ("tiers",), ("get",)), "resourceNames": [_TIER]}
    return _bound("ClusterRole", name, None, [rule], groups)


def _bound(
    kind: str, name: str, namespace: str | None, rules: Sequence[Rule], groups: Sequence[str]
) -> list[Manifest]:
    """Return a role, and its binding to groups of Entra ID."""
    subjects = [
        {"apiGroup": GROUP, "kind": "Group", "name": f"{GROUP_PREFIX}{group}"} for group in groups
    ]
    reference = {"apiGroup": GROUP, "kind": kind, "name": name}
    return [
        Manifest(
            api_version=f"{GROUP}/v1",
            kind=each,
            name=name,
            namespace=namespace,
            labels=_LABELS,
            fields=fields,
        )
        for each, fields in (
            (kind, {"rules": list(rules)}),
            (f"{kind}Binding", {"roleRef": reference, "subjects": subjects}),
        )
    ]
