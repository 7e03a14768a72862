"""Service accounts: who pods are in their cluster."""

from collections.abc import Mapping

from .manifest import Manifest


def service_account(
    name: str,
    *,
    namespace: str,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Manifest:
    """Return a service account whose pods get no token but those they ask for."""
    return Manifest(
        api_version="v1",
        kind="ServiceAccount",
        name=name,
        namespace=namespace,
        labels=labels or {},
        annotations=annotations or {},
        fields={"automountServiceAccountToken": False},
    )
