"""Namespaces with the labels that admission and the mesh read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .manifest import Manifest


class PodSecurity(StrEnum):
    """Kubernetes' Pod Security Standards, as the admission labels name them."""

    PRIVILEGED = "privileged"
    BASELINE = "baseline"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """A namespace of the platform's own, or of services."""

    name: str
    pod_security: PodSecurity
    injection: bool = False
    """Whether pods get Istio's sidecar, or a gateway its proxy."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Further labels."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    """Further annotations."""

    def manifest(self) -> Manifest:
        """Return the object; whoever violates its standard is refused, not only warned."""
        return Manifest(
            api_version="v1",
            kind="Namespace",
            name=self.name,
            labels={
                "app.kubernetes.io/part-of": "ekp",
                "pod-security.kubernetes.io/enforce": self.pod_security,
                "pod-security.kubernetes.io/warn": self.pod_security,
                "istio-injection": "enabled" if self.injection else "disabled",
                **self.labels,
            },
            # With the namespace would go all that others keep in it, volumes with their data too.
            annotations={**self.annotations, "helm.sh/resource-policy": "keep"},
        )
