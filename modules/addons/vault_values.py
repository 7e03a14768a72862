"""Values of Vault's chart that depend on settings."""

from collections.abc import Mapping
from typing import Any

from ..kubernetes.containers import locked_down
from ..kubernetes.scheduling import spread
from ..kubernetes.vault_config import SERVER
from ..kubernetes.vault_pods import binary, script

PODS = {"app.kubernetes.io/name": SERVER, "component": "server"}
# The log and its older copies fill the volume to three quarters.
AUDIT_COPIES = 5
AUDIT_SHARE = 8


def overrides(
    *,
    image: str,
    replicas: int,
    config: str,
    annotations: Mapping[str, str],
    data_gib: int,
    audit_gib: int,
    user_interface: bool,
) -> dict[str, Any]:
    """Return what is put over the chart's values file; ``config`` is the servers' own, in HCL."""
    repository, tag = image.split(":")
    return {
        "ui": {"enabled": user_interface},
        "server": {
            "image": {"repository": repository, "tag": tag},
            "serviceAccount": {"name": SERVER, "annotations": dict(annotations)},
            "extraInitContainers": [binary(image)],
            "extraContainers": [_reload(image, audit_gib)],
            "topologySpreadConstraints": spread(PODS, hard=replicas > 1),
            "dataStorage": {"size": f"{data_gib}Gi"},
            "auditStorage": {"size": f"{audit_gib}Gi"},
            "ha": {
                "replicas": replicas,
                "disruptionBudget": {"enabled": replicas > 1},
                "raft": {"config": config},
            },
        },
    }


def _reload(image: str, audit_gib: int) -> dict[str, Any]:
    """Return the sidecar that makes a server take up its renewed certificate."""
    environment = {
        "CERTIFICATE": "/vault/tls/tls.crt",
        "AUDIT_LOG": "/vault/audit/audit.log",
        "COPIES": str(AUDIT_COPIES),
        "MAX_BYTES": str(audit_gib * 2**30 // AUDIT_SHARE),
        "PAUSE": "30",
    }
    mounts = {"tls": "/vault/tls", "audit": "/vault/audit"}
    return {
        "name": "reload",
        "image": image,
        "command": ["/bin/sh", "-c", script("reload")],
        "env": [{"name": key, "value": value} for key, value in environment.items()],
        "volumeMounts": [{"name": name, "mountPath": path} for name, path in mounts.items()],
        "resources": {"requests": {"cpu": "5m", "memory": "8Mi"}, "limits": {"memory": "32Mi"}},
        "securityContext": locked_down(),
    }
