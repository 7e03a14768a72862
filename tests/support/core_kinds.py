"""Objects of Kubernetes' own kinds against the API's schemas of the version that clusters run."""

from collections.abc import Mapping, Sequence
from typing import Any

import kubernetes_validate

# The default of the environments.
VERSION = "1.35"
OWN = (
    "v1",
    "admissionregistration.k8s.io/v1",
    "apps/v1",
    "autoscaling/v2",
    "batch/v1",
    "policy/v1",
    "scheduling.k8s.io/v1",
)
RBAC = "rbac.authorization.k8s.io/v1"


def core_mistakes(objects: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what the API's schemas say against objects of Kubernetes' own kinds.

    Objects of other groups are passed over: their definitions come with charts.
    """
    found = []
    for one in objects:
        if one["apiVersion"] not in (*OWN, RBAC):
            continue
        try:
            kubernetes_validate.validate(dict(one), VERSION, strict=True)
        except kubernetes_validate.ValidationError as error:
            path = ".".join(str(part) for part in error.path)
            found.append(f"{one['kind']} {one['metadata']['name']}: {path}: {error.message}")
    return found
