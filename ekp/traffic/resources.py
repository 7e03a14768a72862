"""Resources of a synthesized stack, and what their texts refer to."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ekp.runner.stacks import Stack

_REFERENCE = re.compile(r"\$\{(?P<kind>[a-z0-9_]+)\.(?P<name>[^.}\[]+)[.\[][^}]*\}")


def of_kind(stack: Stack, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the name and the body of each resource of a kind."""
    yield from stack.resources.get(kind, {}).items()


def referred(stack: Stack, text: object) -> tuple[str, Mapping[str, Any]] | None:
    """Return kind and body of the resource of this stack that a text refers to; None: none."""
    found = _REFERENCE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    body = stack.resources.get(found["kind"], {}).get(found["name"])
    return None if body is None else (found["kind"], body)


def block(body: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """Return a nested block that there is once; Terraform's JSON has it as itself or in a list."""
    value = body.get(name)
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, dict) else None


def blocks(body: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """Return nested blocks that there may be several of."""
    value = body.get(name) or []
    return value if isinstance(value, list) else [value]


def path(body: Mapping[str, Any]) -> str:
    """Return the path of the construct that made a resource."""
    return str(body.get("//", {}).get("metadata", {}).get("path", ""))


def label(body: Mapping[str, Any]) -> str:
    """Return how people know a resource: by its name, its tag Name, or its construct."""
    tag = (body.get("tags") or {}).get("Name")
    return str(body.get("name") or tag or path(body))
