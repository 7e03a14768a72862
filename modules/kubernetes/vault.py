"""Vault's jobs: what initialises it once, and what saves its snapshots."""

from collections.abc import Mapping

from .jobs import AFTER_RELEASE
from .manifest import Manifest
from .service_accounts import service_account
from .vault_config import ADDRESS, NAMESPACE, peers
from .vault_pods import pod, template, token

INIT = "vault-init"
"""The job, its service account and its container."""
SNAPSHOT = "vault-snapshot"
"""The cron job and its service account, which Vault's role of the init script names."""
ROOT_TOKEN = "vault-root-token"  # noqa: S105 - name of a Secret
"""Secret that an administrator makes, with the key ``token``, where the init script asks for it."""


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
    found = pod(
        INIT,
        image,
        environment,
        runs="init",
        mounts={"keys": "/keys", "root-token": "/root-token"},
    )
    found["terminationGracePeriodSeconds"] = 300
    found["volumes"] += [
        {"name": "keys", "emptyDir": {"medium": "Memory", "sizeLimit": "8Mi"}},
        {
            "name": "root-token",
            "secret": {"secretName": ROOT_TOKEN, "optional": True, "defaultMode": 0o440},
        },
    ]
    return [
        service_account(INIT, namespace=NAMESPACE, annotations=annotations),
        Manifest(
            api_version="batch/v1",
            kind="Job",
            name=INIT,
            namespace=NAMESPACE,
            annotations=AFTER_RELEASE,
            # A container that ends is started again beside the same memory.
            fields={"spec": {"backoffLimit": 1000, "template": template(found, "OnFailure")}},
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
    found = pod(
        SNAPSHOT,
        image,
        environment,
        runs="snapshot",
        mounts={"snapshots": "/snapshots", "token": "/token"},
    )
    found["volumes"] += [
        {"name": "snapshots", "emptyDir": {"sizeLimit": "10Gi"}},
        token(),
    ]
    return [
        service_account(SNAPSHOT, namespace=NAMESPACE, annotations=annotations),
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
                            "template": template(found, "Never"),
                        }
                    },
                }
            },
        ),
    ]
