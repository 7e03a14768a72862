"""The job of the hub that tells Argo CD where clusters are, since only EKS knows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...core.fleet import REGISTRAR, Target
from ...core.gitops import ENVIRONMENT_LABEL, REGION_LABEL
from ..argo_cd import NAMESPACE
from ..argo_cd.rights import namespaced_rights
from ..aws_cli import AWS_CLI
from ..containers import NONROOT, as_user, locked_down
from ..manifest import Manifest
from ..scheduling import PRIORITY_CLASS
from ..service_accounts import service_account

SCRIPT = Path(__file__).parent / "register.sh"
SCHEDULE = "*/5 * * * *"
TABLE = "clusters"
"""Key of the ConfigMap under which the script finds a line a cluster."""
_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


def secret_name(target: Target) -> str:
    """Return the name of Argo CD's Secret of a cluster."""
    return f"cluster-{target.cluster.name}"


def registrar(
    targets: Sequence[Target], *, region: str, annotations: Mapping[str, str]
) -> list[Manifest]:
    """Return the job, what it may do, and the Secret of each cluster without its content.

    The Secrets come and go with the settings, so the job may write into these and can neither read,
    make nor delete any. Until it has written, they lack the label by which Argo CD takes them for
    clusters; Helm leaves alone what it adds. They hold no secret: Argo CD signs in with its role.

    ``region`` is the hub's own; ``annotations`` are those of the job's service account.
    Source: Argo CD 3.4, operator manual, declarative setup, "Clusters" and "EKS".
    """
    account = {"kind": "ServiceAccount", "name": REGISTRAR, "namespace": NAMESPACE}
    rule = {
        "apiGroups": [""],
        "resources": ["secrets"],
        "resourceNames": [secret_name(target) for target in targets],
        "verbs": ["patch"],
    }
    return [
        *(_secret(target) for target in targets),
        Manifest(
            api_version="v1",
            kind="ConfigMap",
            name=REGISTRAR,
            namespace=NAMESPACE,
            fields={"data": {TABLE: "".join(f"{_line(target)}\n" for target in targets)}},
        ),
        service_account(REGISTRAR, namespace=NAMESPACE, annotations=annotations),
        *namespaced_rights(REGISTRAR, namespace=NAMESPACE, rules=[rule], subject=account),
        _job(region),
    ]


def _secret(target: Target) -> Manifest:
    return Manifest(
        api_version="v1",
        kind="Secret",
        name=secret_name(target),
        namespace=NAMESPACE,
        labels={
            "app.kubernetes.io/managed-by": "ekp",
            ENVIRONMENT_LABEL: target.cluster.environment,
            REGION_LABEL: target.cluster.region,
        },
        fields={"type": "Opaque"},
    )


def _line(target: Target) -> str:
    cluster = target.cluster
    return " ".join(
        (
            secret_name(target),
            cluster.name,
            cluster.region,
            cluster.cluster_name,
            cluster.hub_role_arn,
            ",".join(target.namespaces),
        )
    )


def _job(region: str) -> Manifest:
    template = {
        # A proxy beside the container would keep the job from ending.
        "metadata": {"labels": {"sidecar.istio.io/inject": "false"}},
        "spec": _pod(region),
    }
    return Manifest(
        api_version="batch/v1",
        kind="CronJob",
        name=REGISTRAR,
        namespace=NAMESPACE,
        fields={
            "spec": {
                "schedule": SCHEDULE,
                "timeZone": "Etc/UTC",
                "concurrencyPolicy": "Forbid",
                "startingDeadlineSeconds": 200,
                "successfulJobsHistoryLimit": 1,
                "failedJobsHistoryLimit": 3,
                "jobTemplate": {
                    # The next run is the next attempt.
                    "spec": {
                        "backoffLimit": 0,
                        "activeDeadlineSeconds": 280,
                        "template": template,
                    }
                },
            }
        },
    )


def _pod(region: str) -> dict[str, Any]:
    environment = {
        "CLUSTERS": f"/clusters/{TABLE}",
        "API": "https://kubernetes.default.svc",
        "ACCOUNT": _ACCOUNT,
        "NAMESPACE": NAMESPACE,
        "AWS_REGION": region,
        # The AWS CLI keeps its cache below.
        "HOME": "/tmp",  # noqa: S108 - of the container
    }
    return {
        "serviceAccountName": REGISTRAR,
        "automountServiceAccountToken": True,
        "restartPolicy": "Never",
        "priorityClassName": PRIORITY_CLASS,
        "securityContext": as_user(NONROOT, group=NONROOT, fs_group=NONROOT),
        "containers": [
            {
                "name": REGISTRAR,
                "image": AWS_CLI,
                "command": ["/bin/sh", "-c", SCRIPT.read_text()],
                "env": [{"name": key, "value": value} for key, value in environment.items()],
                "resources": {
                    "requests": {"cpu": "50m", "memory": "128Mi"},
                    "limits": {"memory": "512Mi"},
                },
                "securityContext": locked_down(),
                "volumeMounts": [
                    {"name": "clusters", "mountPath": "/clusters"},
                    {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - of the container
                ],
            }
        ],
        "volumes": [
            {"name": "clusters", "configMap": {"name": REGISTRAR}},
            # Keys and tokens are written here for a moment.
            {"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}},
        ],
    }
