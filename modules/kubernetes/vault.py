"""Vault's jobs: what initialises it once, and what saves its snapshots."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .containers import locked_down
from .manifest import Manifest
from .scheduling import PRIORITY_CLASS
from .vault_config import ADDRESS, CERTIFICATE, NAMESPACE, SERVER, peers

# renovate: datasource=docker depName=public.ecr.aws/aws-cli/aws-cli
AWS_CLI = "public.ecr.aws/aws-cli/aws-cli:2.36.44"
INIT = "vault-init"
"""The job, its service account and its container."""
SNAPSHOT = "vault-snapshot"
"""The cron job and its service account, which Vault's role of the init script names."""
ROOT_TOKEN = "vault-root-token"  # noqa: S105 - name of a Secret
"""Secret that an administrator makes, with the key ``token``, where the init script asks for it."""
SCRIPTS = Path(__file__).parent / "vault_scripts"
USER = 65532


def script(name: str) -> str:
    """Return a shell script of Vault's containers."""
    return (SCRIPTS / f"{name}.sh").read_text()


def binary(image: str) -> dict[str, Any]:
    """Return an init container that puts a copy of Vault's binary into the volume ``binary``.

    Images of Vault since 2.0.1 (1.21.6) carry the file capability IPC_LOCK on it, so that the
    kernel runs it only where the container has that capability, which a restricted namespace
    forbids. A copy has none, and memory is not locked anyway. Source: Vault documentation,
    "Docker image requires IPC_LOCK capability"; hashicorp/vault#31977.
    """
    return {
        "name": "binary",
        "image": image,
        "command": ["cp", "/bin/vault", "/binary/vault"],
        "volumeMounts": [{"name": "binary", "mountPath": "/binary"}],
        "resources": _resources("16Mi", "64Mi"),
        "securityContext": locked_down(),
    }


def init_job(
    *, image: str, replicas: int, secret_id: str, region: str, annotations: Mapping[str, str]
) -> list[Manifest]:
    """Return the job that initialises Vault where it is not, and its service account.

    A hook of its release: it ends when every server is unsealed and one leads, which Helm cannot
    see of a StatefulSet that is updated by deletion. The recovery keys lie in its pod's memory
    until they are stored, so nothing ends the pod early: no deadline, retries inside the pod, and
    five minutes to end when it is deleted.
    """
    environment = {
        "PEERS": " ".join(peers(replicas)),
        "SECRET_ID": secret_id,
        "KEYS": "/keys",
        "ROOT_TOKEN": "/root-token/token",
        "PAUSE": "10",
        "AWS_REGION": region,
    }
    pod = _pod(INIT, image, environment, mounts={"keys": "/keys", "root-token": "/root-token"})
    pod["terminationGracePeriodSeconds"] = 300
    pod["volumes"] += [
        {"name": "keys", "emptyDir": {"medium": "Memory", "sizeLimit": "8Mi"}},
        {
            "name": "root-token",
            "secret": {"secretName": ROOT_TOKEN, "optional": True, "defaultMode": 0o440},
        },
    ]
    hook = {
        "helm.sh/hook": "post-install,post-upgrade",
        "helm.sh/hook-delete-policy": "before-hook-creation",
    }
    return [
        _service_account(INIT, annotations),
        Manifest(
            api_version="batch/v1",
            kind="Job",
            name=INIT,
            namespace=NAMESPACE,
            annotations=hook,
            # A container that ends is started again beside the same memory.
            fields={"spec": {"backoffLimit": 1000, "template": _template(pod, "OnFailure")}},
        ),
    ]


def snapshots(
    *, image: str, bucket: str, region: str, schedule: str, annotations: Mapping[str, str]
) -> list[Manifest]:
    """Return the cron job that saves snapshots in a bucket, and its service account."""
    environment = {
        "VAULT_ADDR": ADDRESS,
        "VAULT_JWT": "/token/token",
        "BUCKET": bucket,
        "FOLDER": "/snapshots",
        "AWS_REGION": region,
    }
    pod = _pod(SNAPSHOT, image, environment, mounts={"snapshots": "/snapshots", "token": "/token"})
    token = {"path": "token", "audience": "vault", "expirationSeconds": 600}
    pod["volumes"] += [
        {"name": "snapshots", "emptyDir": {"sizeLimit": "10Gi"}},
        {"name": "token", "projected": {"sources": [{"serviceAccountToken": token}]}},
    ]
    return [
        _service_account(SNAPSHOT, annotations),
        Manifest(
            api_version="batch/v1",
            kind="CronJob",
            name=SNAPSHOT,
            namespace=NAMESPACE,
            fields={
                "spec": {
                    "schedule": schedule,
                    "timeZone": "Etc/UTC",
                    "concurrencyPolicy": "Forbid",
                    "startingDeadlineSeconds": 600,
                    "successfulJobsHistoryLimit": 1,
                    "failedJobsHistoryLimit": 3,
                    "jobTemplate": {
                        "spec": {
                            "backoffLimit": 3,
                            "activeDeadlineSeconds": 1800,
                            "template": _template(pod, "Never"),
                        }
                    },
                }
            },
        ),
    ]


def _service_account(name: str, annotations: Mapping[str, str]) -> Manifest:
    return Manifest(
        api_version="v1",
        kind="ServiceAccount",
        name=name,
        namespace=NAMESPACE,
        annotations=annotations,
        fields={"automountServiceAccountToken": False},
    )


def _pod(
    name: str, image: str, environment: Mapping[str, str], *, mounts: Mapping[str, str]
) -> dict[str, Any]:
    """Return a pod that runs the script of that name beside the AWS CLI and Vault's own."""
    everywhere = {
        "VAULT_CACERT": "/tls/ca.crt",
        # The AWS CLI keeps its credentials below.
        "HOME": "/tmp",  # noqa: S108 - of the container
        "PATH": "/binary:/usr/local/bin:/usr/bin:/bin",
    }
    volumes = {**mounts, "binary": "/binary", "tls": "/tls", "tmp": "/tmp"}  # noqa: S108
    return {
        "serviceAccountName": name,
        "automountServiceAccountToken": False,
        "priorityClassName": PRIORITY_CLASS,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "initContainers": [binary(image)],
        "containers": [
            {
                "name": name,
                "image": AWS_CLI,
                "command": ["/bin/sh", "-c", script(name.removeprefix(f"{SERVER}-"))],
                "env": [
                    {"name": key, "value": value}
                    for key, value in {**everywhere, **environment}.items()
                ],
                "resources": _resources("128Mi", "512Mi"),
                "securityContext": locked_down(),
                "volumeMounts": [
                    {"name": volume, "mountPath": path} for volume, path in volumes.items()
                ],
            }
        ],
        "volumes": [
            {"name": "binary", "emptyDir": {"sizeLimit": "2Gi"}},
            {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}},
            # The authority alone: the key beside it is the servers'.
            {
                "name": "tls",
                "secret": {
                    "secretName": CERTIFICATE,
                    "items": [{"key": "ca.crt", "path": "ca.crt"}],
                },
            },
        ],
    }


def _template(pod: Mapping[str, Any], restart: str) -> dict[str, Any]:
    return {
        # A proxy beside the container would keep the job from ending.
        "metadata": {"labels": {"sidecar.istio.io/inject": "false"}},
        "spec": {**pod, "restartPolicy": restart},
    }


def _resources(request: str, limit: str) -> dict[str, Any]:
    return {"requests": {"cpu": "50m", "memory": request}, "limits": {"memory": limit}}
