"""Rancher's agent in a workload cluster: what it may do, and the job that brings it in."""

from collections.abc import Mapping
from typing import Any, Final

from ...core.fleet import AGENT_ROLE
from ...core.hosts import Domain
from ..manifest import Manifest
from ..namespaces import Namespace, PodSecurity
from ..rbac import GROUP
from ..service_accounts import service_account
from .names import NAMESPACE
from .pods import runs, script

JOB: Final = AGENT_ROLE
"""The job and its service account, called as its role is."""
AGENT: Final = "cattle-cluster-agent"
SERVICE_ACCOUNT: Final = "cattle"
CREATOR: Final = {"cattle.io/creator": "norman"}
"""What Rancher itself labels them with, so that it finds nothing to change."""


def agent_rights() -> list[Manifest]:
    """Return the agent's namespace, its service account and what that may do: everything.

    They are always the same, so Terraform owns them and the job needs no right to give rights.
    Source: rancher/rancher v2.15.0, pkg/systemtemplate/template.go.
    """
    subject = {"kind": "ServiceAccount", "name": SERVICE_ACCOUNT, "namespace": NAMESPACE}
    everything = [
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
        {"nonResourceURLs": ["*"], "verbs": ["*"]},
    ]
    nodes = {
        "apiGroups": [""],
        "resources": [f"nodes/{part}" for part in ("metrics", "proxy", "stats", "log", "spec")],
        "verbs": ["get", "list", "watch", "create"],
    }
    kubelets = "proxy-clusterrole-kubeapiserver"
    return [
        Namespace(name=NAMESPACE, pod_security=PodSecurity.BASELINE).manifest(),
        Manifest(
            api_version="v1", kind="ServiceAccount", name=SERVICE_ACCOUNT, namespace=NAMESPACE
        ),
        _role("cattle-admin", everything, CREATOR),
        _binding("cattle-admin-binding", "cattle-admin", subject, CREATOR),
        _role(kubelets, [nodes]),
        _binding(
            "proxy-role-binding-kubernetes-master",
            kubelets,
            {"apiGroup": GROUP, "kind": "User", "name": "kube-apiserver"},
        ),
    ]


def agent_job(
    *,
    host: Domain,
    region: str,
    secret_id: str,
    secret_region: str,
    annotations: Mapping[str, str],
) -> list[Manifest]:
    """Return the job that fetches the cluster's registration and applies the agent.

    It may make one Deployment and one Service, by name, and add Secrets that it cannot read. Yet
    whoever runs a pod in this namespace can run it as the agent, who may do everything; so does
    Rancher on the hub.
    """
    rules: list[dict[str, Any]] = [
        {
            "apiGroups": ["apps"],
            "resources": ["deployments"],
            "resourceNames": [AGENT],
            "verbs": ["get", "create", "patch"],
        },
        {
            "apiGroups": [""],
            "resources": ["services"],
            "resourceNames": [AGENT],
            "verbs": ["create", "patch"],
        },
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]},
    ]
    subject = {"kind": "ServiceAccount", "name": JOB, "namespace": NAMESPACE}
    return [
        service_account(JOB, namespace=NAMESPACE, annotations=annotations),
        Manifest(
            api_version=f"{GROUP}/v1",
            kind="Role",
            name=JOB,
            namespace=NAMESPACE,
            fields={"rules": rules},
        ),
        Manifest(
            api_version=f"{GROUP}/v1",
            kind="RoleBinding",
            name=JOB,
            namespace=NAMESPACE,
            fields={
                "roleRef": {"apiGroup": GROUP, "kind": "Role", "name": JOB},
                "subjects": [subject],
            },
        ),
        *runs(
            JOB,
            script=script("agent"),
            environment={
                "AWS_REGION": region,
                "SECRET_ID": secret_id,
                "SECRET_REGION": secret_region,
                "RANCHER_HOST": host,
            },
        ),
    ]


def _role(
    name: str, rules: list[dict[str, Any]], labels: Mapping[str, str] | None = None
) -> Manifest:
    return Manifest(
        api_version=f"{GROUP}/v1",
        kind="ClusterRole",
        name=name,
        labels=labels or {},
        fields={"rules": rules},
    )


def _binding(
    name: str, role: str, subject: Mapping[str, str], labels: Mapping[str, str] | None = None
) -> Manifest:
    return Manifest(
        api_version=f"{GROUP}/v1",
        kind="ClusterRoleBinding",
        name=name,
        labels=labels or {},
        fields={
            "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": role},
            "subjects": [dict(subject)],
        },
    )
