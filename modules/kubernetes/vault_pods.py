"""Pods of Vault's jobs: a script beside the AWS CLI and a copy of Vault's program."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .aws_cli import AWS_CLI
from .containers import NONROOT, as_user, locked_down
from .scheduling import PRIORITY_CLASS
from .vault_config import CERTIFICATE

SCRIPTS = Path(__file__).parent / "vault_scripts"


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


def pod(
    name: str,
    image: str,
    environment: Mapping[str, str],
    *,
    runs: str,
    mounts: Mapping[str, str],
) -> dict[str, Any]:
    """Return a pod under the service account of that name which runs a script."""
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
        "securityContext": as_user(NONROOT, group=NONROOT, fs_group=NONROOT),
        "initContainers": [binary(image)],
        "containers": [
            {
                "name": name,
                "image": AWS_CLI,
                "command": ["/bin/sh", "-c", script(runs)],
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


def token() -> dict[str, Any]:
    """Return the volume ``token``, whose file ``token`` signs its pod in to Vault."""
    found = {"path": "token", "audience": "vault", "expirationSeconds": 600}
    return {"name": "token", "projected": {"sources": [{"serviceAccountToken": found}]}}


def template(pod: Mapping[str, Any], restart: str) -> dict[str, Any]:
    """Return a job's template of a pod; ``restart`` is its ``restartPolicy``."""
    return {
        # A proxy beside the container would keep the job from ending.
        "metadata": {"labels": {"sidecar.istio.io/inject": "false"}},
        "spec": {**pod, "restartPolicy": restart},
    }


def _resources(request: str, limit: str) -> dict[str, Any]:
    return {"requests": {"cpu": "50m", "memory": request}, "limits": {"memory": limit}}
