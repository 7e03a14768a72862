"""The job that configures Vault: what it is to write, when it runs, and as whom."""

import json
from collections.abc import Mapping
from typing import Any

from ..core.secrets import DATABASES, MOUNT
from .jobs import AFTER_RELEASE
from .manifest import Manifest
from .service_accounts import service_account
from .vault_config import ADDRESS, NAMESPACE
from .vault_pods import pod, template, token
from .vault_state import VaultState

CONFIGURE = "vault-configure"
"""The job, and the cron job that repeats it."""
ACCOUNT = "ekp-vault-configure"
"""Its service account, which Vault's role of that name knows."""
CLIENT_SECRET = "vault-entra-id"  # noqa: S105 - name of a Secret
"""Secret that people make: the application's, by the key ``client-secret``."""
CLIENT_SECRET_KEY = "client-secret"  # noqa: S105 - name of a key
# After it Helm, which waits ten minutes, hears of the failure.
_SECONDS = 540


def configuration(image: str, states: Mapping[str, VaultState], *, schedule: str) -> list[Manifest]:
    """Return the job, and its files, by whose they are.

    A hook of its release: it runs after every install and upgrade, so whenever the files change,
    and the release fails with it. The cron job takes back what somebody changed by hand, takes up
    the application's secret once it is there or new, and is what people start a job from.
    """
    files = [
        Manifest(
            api_version="v1",
            kind="ConfigMap",
            name=f"{CONFIGURE}-{name}",
            namespace=NAMESPACE,
            fields={
                "data": {
                    path.replace("/", "_"): json.dumps(body, indent=1)
                    for path, body in sorted(state.writes().items())
                }
            },
        )
        for name, state in states.items()
    ]
    spec = {
        "backoffLimit": 5,
        "activeDeadlineSeconds": _SECONDS,
        "template": template(_pod(image, [one.name for one in files]), "Never"),
    }
    return [
        service_account(ACCOUNT, namespace=NAMESPACE),
        *files,
        Manifest(
            api_version="batch/v1",
            kind="Job",
            name=CONFIGURE,
            namespace=NAMESPACE,
            annotations=AFTER_RELEASE,
            fields={"spec": spec},
        ),
        Manifest(
            api_version="batch/v1",
            kind="CronJob",
            name=CONFIGURE,
            namespace=NAMESPACE,
            fields={
                "spec": {
                    "schedule": schedule,
                    "timeZone": "Etc/UTC",
                    "concurrencyPolicy": "Forbid",
                    "startingDeadlineSeconds": 600,
                    "successfulJobsHistoryLimit": 1,
                    "failedJobsHistoryLimit": 3,
                    "jobTemplate": {"spec": spec},
                }
            },
        ),
    ]


def _pod(image: str, files: list[str]) -> dict[str, Any]:
    environment = {
        "VAULT_ADDR": ADDRESS,
        "VAULT_JWT": "/token/token",
        "DESIRED": "/desired",
        "CLIENT_SECRET": f"/entra-id/{CLIENT_SECRET_KEY}",
        "SECRETS": MOUNT,
        "DATABASES": DATABASES,
    }
    mounts = {"token": "/token", "desired": "/desired", "entra-id": "/entra-id"}
    found = pod(ACCOUNT, image, environment, runs="configure", mounts=mounts)
    found["volumes"] += [
        token(),
        {
            "name": "desired",
            "projected": {"sources": [{"configMap": {"name": name}} for name in files]},
        },
        {
            "name": "entra-id",
            "secret": {"secretName": CLIENT_SECRET, "optional": True, "defaultMode": 0o440},
        },
    ]
    return found
