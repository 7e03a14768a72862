"""Jobs that wait for a status that Helm cannot see."""

from collections.abc import Mapping, Sequence
from typing import Any

from .containers import as_user, locked_down
from .manifest import Manifest
from .rbac import cluster_rights
from .scheduling import PRIORITY_CLASS
from .service_accounts import service_account

# One minor off the cluster's is supported. Source: Kubernetes version skew policy.
# renovate: datasource=docker depName=registry.k8s.io/kubectl
KUBECTL = "registry.k8s.io/kubectl:v1.35.0"
NOBODY = 65534
AFTER_RELEASE: Mapping[str, str] = {
    "helm.sh/hook": "post-install,post-upgrade",
    "helm.sh/hook-delete-policy": "before-hook-creation",
}
"""Annotations of a job that Helm runs after every install and upgrade, in place of the last one."""


def wait_for(
    name: str,
    *,
    namespace: str,
    rules: Sequence[Mapping[str, Any]],
    arguments: Sequence[str],
    seconds: int = 600,
) -> list[Manifest]:
    """Return a job that runs ``kubectl wait`` with the arguments, and the rights it needs.

    The job is a hook of its release: it runs after every install and upgrade, and the release
    fails with it. ``rules`` are of a ClusterRole, in RBAC's own form.
    """
    pod = {
        "serviceAccountName": name,
        "automountServiceAccountToken": True,
        "restartPolicy": "OnFailure",
        "priorityClassName": PRIORITY_CLASS,
        "securityContext": as_user(NOBODY),
        "containers": [
            {
                "name": "wait",
                "image": KUBECTL,
                "args": ["wait", f"--timeout={seconds}s", *arguments],
                "resources": {
                    "requests": {"cpu": "10m", "memory": "32Mi"},
                    "limits": {"memory": "64Mi"},
                },
                "securityContext": locked_down(),
            }
        ],
    }
    return [
        service_account(name, namespace=namespace),
        *cluster_rights(name, namespace=namespace, service_account=name, rules=rules),
        Manifest(
            api_version="batch/v1",
            kind="Job",
            name=name,
            namespace=namespace,
            annotations=AFTER_RELEASE,
            fields={
                "spec": {
                    # What is waited for may not be there at first; then kubectl ends at once.
                    "backoffLimit": 20,
                    "activeDeadlineSeconds": seconds,
                    "template": {
                        # A proxy beside the container would keep the job from ending.
                        "metadata": {"labels": {"sidecar.istio.io/inject": "false"}},
                        "spec": pod,
                    },
                }
            },
        ),
    ]
