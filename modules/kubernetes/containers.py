"""What the standard "restricted" asks of a pod and its containers, and read-only file systems."""

from typing import Any

# "nonroot" of distroless images; 1337 would be Istio's proxy, whose calls pass it by.
NONROOT = 65532
"""User and group of pods whose image says no other."""


def as_user(user: int, *, group: int | None = None, fs_group: int | None = None) -> dict[str, Any]:
    """Return a pod's ``securityContext``, by which its containers run as a user that is not root.

    Args:
        user: Number of the user; not 0.
        group: Its group; None: the image's.
        fs_group: The group that files of volumes belong to; None: root's.
    """
    groups = {"runAsGroup": group, "fsGroup": fs_group}
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        **{key: number for key, number in groups.items() if number is not None},
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def locked_down() -> dict[str, Any]:
    """Return a container's ``securityContext``; its pod says that it does not run as root."""
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
