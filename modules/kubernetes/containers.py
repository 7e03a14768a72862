"""What the standard "restricted" asks of a container, and a read-only file system beside."""

from typing import Any


def locked_down() -> dict[str, Any]:
    """Return a container's ``securityContext``; its pod says that it does not run as root."""
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
