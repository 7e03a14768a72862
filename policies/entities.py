"""What a check looks at: resources of a stack, or objects of a cluster, with all their settings."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

REFERENCE = re.compile(r"\b((?:data\.)?[a-z]+_\w+)\.([\w-]+)")


@dataclass(frozen=True, eq=False)
class Entity:
    """A resource, a provider or the settings of Terraform; or a Kubernetes object.

    ``kind`` is ``aws_lb``, ``data.aws_lb``, ``provider.aws`` or ``terraform``; or ``Namespace``.
    ``stack`` is all that a synthesized file says beside its resources, as its JSON has it.
    ``name`` is what follows the kind in an address; a Kubernetes object's own name. ``body`` holds
    its settings as Terraform's JSON or Kubernetes has them: a block that stands once is a dict, so
    read blocks and lists with ``listed``. What is known after the apply alone is missing from a
    plan, or the text of a reference (``aws_kms_key.logs.arn``).
    """

    kind: str
    name: str
    body: Mapping[str, Any]
    vertex: Mapping[str, Any]

    @property
    def namespace(self) -> str:
        """The namespace of a Kubernetes object; empty for one of the whole cluster."""
        return str(self.metadata.get("namespace", ""))

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The metadata of a Kubernetes object."""
        return self.body.get("metadata") or {}

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of a Kubernetes object."""
        return self.metadata.get("labels") or {}


@dataclass(frozen=True, eq=False)
class Everything:
    """All of a stack, or all objects of a cluster."""

    entities: Sequence[Entity]

    def of(self, *kinds: str) -> list[Entity]:
        """Return the entities of some kinds."""
        return [one for kind in kinds for one in self._kinds.get(kind, ())]

    def behind(self, value: Any) -> list[Entity]:
        """Return the resources that a value refers to, however deep in it."""
        return [
            one for kind, name in _references(value) for one in self.of(kind) if one.name == name
        ]

    @cached_property
    def promises(self) -> Mapping[str, Any]:
        """What the settings promise of a stack; empty where it does not say it.

        ``nat`` is ``none``, ``single`` or ``per-zone``; ``endpoints`` are the services that have an
        interface endpoint. ``trusted_accounts`` are other accounts whose callers its policies may
        name; ``administrators`` the roles that may administer its cluster. It is in the ``//`` of a
        synthesized stack, which no plan has.
        """
        notes = (stack.body.get("//", {}).get("ekp", {}) for stack in self.of("stack"))
        return next((one["promises"] for one in notes if "promises" in one), {})

    @cached_property
    def _kinds(self) -> Mapping[str, list[Entity]]:
        found: dict[str, list[Entity]] = {}
        for one in self.entities:
            found.setdefault(one.kind, []).append(one)
        return found


def listed(value: Any) -> list[Any]:
    """Return a block, a list or nothing as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def is_true(value: Any) -> bool:
    """Tell whether a value is Terraform's true, written as text or not."""
    return value is True or value == "true"


def _references(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield from ((found[1], found[2]) for found in REFERENCE.finditer(value))
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from _references(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _references(entry)
