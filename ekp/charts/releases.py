"""The releases of charts in the synthesized stacks, with their merged values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ekp.local.helm import documents, values
from ekp.runner.stacks import Stack

from .expressions import filled


@dataclass(frozen=True, slots=True)
class Release:
    """One release of a chart from a repository, as one stack installs it."""

    stack: str
    environment: str
    name: str
    namespace: str
    repository: str
    chart: str
    version: str
    values: Mapping[str, Any]
    """Merged as Helm does; what Terraform fills in is a stand-in."""


def of(stacks: Iterable[Stack]) -> list[Release]:
    """Return the releases of charts; the project's own bundles of objects are no charts."""
    return [
        Release(
            stack=stack.id,
            environment=stack.environment,
            name=body["name"],
            namespace=body["namespace"],
            repository=body["repository"],
            chart=body["chart"],
            version=body["version"],
            values=merged(body.get("values", ())),
        )
        for stack in stacks
        for body in stack.configuration.get("resource", {}).get("helm_release", {}).values()
        if body.get("repository")
    ]


def merged(texts: Iterable[str]) -> dict[str, Any]:
    """Return values documents merged in their order, as Helm does.

    Raises:
        RefusedError: a document is no mapping.
    """
    found: dict[str, Any] = {}
    for number, text in enumerate(texts):
        found = values.merge(found, documents.mapping(filled(text), f"values[{number}]"))
    return found
