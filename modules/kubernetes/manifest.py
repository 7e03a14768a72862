"""Manifest: a Kubernetes object as a frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One object; ``fields`` are its top-level keys beside ``metadata``, such as ``spec``."""

    api_version: str
    kind: str
    name: str
    namespace: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the object as the API takes it, its keys in the usual order."""
        metadata: dict[str, Any] = {"name": self.name}
        if self.namespace is not None:
            metadata["namespace"] = self.namespace
        for key, entries in (("labels", self.labels), ("annotations", self.annotations)):
            if entries:
                metadata[key] = dict(entries)
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": metadata,
            **self.fields,
        }
