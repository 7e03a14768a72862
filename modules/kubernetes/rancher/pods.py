"""Pods of the jobs that register clusters: one at each install, one every few minutes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..aws_cli import AWS_CLI
from ..containers import NONROOT, as_user, locked_down
from ..jobs import AFTER_RELEASE
from ..manifest import Manifest
from ..scheduling import PRIORITY_CLASS
from .names import NAMESPACE

SCHEDULE = "*/5 * * * *"
SECONDS = 240
"""Longest time of a run: less than between two."""
SCRIPTS = Path(__file__).parent
FOLDER, DESIRED = "/work", "/desired"


def script(name: str) -> str:
    """Return a job's shell script, with what all of them share in front."""
    return "\n".join((SCRIPTS / f"{part}.sh").read_text() for part in ("api", name))


def runs(
    name: str, *, script: str, environment: Mapping[str, str], files: Sequence[str] = ()
) -> list[Manifest]:
    """Return a job at each install, and a cron job.

    What runs at install never fails the release: the other side may not be there yet, and clusters
    come and go in any order. ``files`` are ConfigMaps, each key of them a file below ``/desired``.
    """
    limits = {"backoffLimit": 0, "activeDeadlineSeconds": SECONDS}
    once = _template(name, script, {**environment, "TOLERANT": "yes"}, files)
    again = _template(name, script, {**environment, "TOLERANT": "no"}, files)
    return [
        Manifest(
            api_version="batch/v1",
            kind="CronJob",
            name=name,
            namespace=NAMESPACE,
            fields={
                "spec": {
                    "schedule": SCHEDULE,
                    "concurrencyPolicy": "Forbid",
                    "startingDeadlineSeconds": 120,
                    "successfulJobsHistoryLimit": 1,
                    "failedJobsHistoryLimit": 1,
                    # An alert of a failed job ends with it.
                    "jobTemplate": {
                        "spec": {**limits, "ttlSecondsAfterFinished": 1800, "template": again}
                    },
                }
            },
        ),
        Manifest(
            api_version="batch/v1",
            kind="Job",
            name=name,
            namespace=NAMESPACE,
            annotations=AFTER_RELEASE,
            fields={"spec": {**limits, "template": once}},
        ),
    ]


def _template(
    name: str, script: str, environment: Mapping[str, str], files: Sequence[str]
) -> dict[str, Any]:
    memory = {"medium": "Memory", "sizeLimit": "32Mi"}
    volumes: dict[str, tuple[str, dict[str, Any]]] = {
        # Holds tokens, so it is no disk.
        "work": (FOLDER, {"emptyDir": memory}),
        "tmp": ("/tmp", {"emptyDir": memory}),  # noqa: S108 - of the container
    }
    if files:
        sources = [{"configMap": {"name": name}} for name in files]
        volumes["desired"] = (DESIRED, {"projected": {"sources": sources}})
    everywhere = {
        "NAME": name,
        "API": "https://kubernetes.default.svc",
        "ACCOUNT": "/var/run/secrets/kubernetes.io/serviceaccount",
        "FOLDER": FOLDER,
        # The AWS CLI keeps its credentials below.
        "HOME": "/tmp",  # noqa: S108 - of the container
    }
    container = {
        "name": name,
        "image": AWS_CLI,
        "command": ["/bin/sh", "-c", script],
        "env": [
            {"name": key, "value": value} for key, value in {**everywhere, **environment}.items()
        ],
        "resources": {
            "requests": {"cpu": "20m", "memory": "96Mi"},
            "limits": {"memory": "256Mi"},
        },
        "securityContext": locked_down(),
        "volumeMounts": [
            {"name": volume, "mountPath": path} for volume, (path, _) in volumes.items()
        ],
    }
    return {
        "spec": {
            "serviceAccountName": name,
            "automountServiceAccountToken": True,
            "restartPolicy": "Never",
            "priorityClassName": PRIORITY_CLASS,
            "securityContext": as_user(NONROOT, group=NONROOT, fs_group=NONROOT),
            "containers": [container],
            "volumes": [{"name": volume, **kind} for volume, (_, kind) in volumes.items()],
        }
    }
