"""Questions to synthesized stacks: resources by type, and what an expression refers to."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ekp.evaluate.bundles import bundles_of
from ekp.runner.stacks import Stack

_OWN = re.compile(r"\$\{([a-z0-9_]+)\.([A-Za-z0-9_-]+)[.\[]")
_REMOTE = re.compile(
    r"data\.terraform_remote_state\.([\w-]+)\.outputs\.(\w+)(?:,\s*(\d+)|\[(\d+)\])?"
)

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Resource:
    """One resource of a stack. ``address`` is Terraform's own."""

    stack: Stack
    address: str
    body: Body

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others."""
        return self.stack.id, self.address

    @property
    def kind(self) -> str:
        """Its type, such as ``aws_lb``."""
        return self.address.partition(".")[0]

    @property
    def path(self) -> str:
        """The path of the construct that made it; its stack and address where it has none."""
        return self.stack.construct_path(self.address) or f"{self.stack.id} {self.address}"

    @property
    def label(self) -> str:
        """How people know it: by its name, its tag Name, or its construct."""
        tag = (self.body.get("tags") or {}).get("Name")
        return str(self.body.get("name") or tag or self.path)


@dataclass(frozen=True)
class Reader:
    """All stacks, asked for what one refers to in another."""

    stacks: Mapping[str, Stack]
    _objects: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def objects(self, stack: Stack) -> list[dict[str, Any]]:
        """Return the Kubernetes objects of the stack's own bundles, which are long to parse."""
        if stack.id not in self._objects:
            bundles = bundles_of(stack.configuration).values()
            self._objects[stack.id] = [one for found in bundles for one in found]
        return self._objects[stack.id]

    @cached_property
    def _by_state(self) -> Mapping[tuple[str, ...], Stack]:
        return {stack.state_key: stack for stack in self.stacks.values()}

    def reads(self, stack: Stack) -> Mapping[str, Stack]:
        """Return the stacks whose states this one reads, by the name that it gives them."""
        return {
            name: self._by_state[key]
            for name, key in stack.remote_states.items()
            if key in self._by_state
        }

    def referred(self, stack: Stack, text: object) -> Resource | None:
        """Return the resource that an expression names, here or behind another stack's output."""
        expression = str(text)
        if found := _REMOTE.search(expression):
            name, output, *places = found.groups()
            upstream = self.reads(stack).get(name)
            if upstream is None:
                return None
            value = upstream.configuration.get("output", {}).get(output, {}).get("value")
            if isinstance(value, list):
                place = int(next(filter(None, places), "0"))
                value = value[place] if place < len(value) else None
            return self.referred(upstream, value)
        return own(stack, expression)


def own(stack: Stack, text: object) -> Resource | None:
    """Return the resource of this very stack that an expression names; None: it names none."""
    found = _OWN.search(str(text))
    body = stack.resources.get(found[1], {}).get(found[2]) if found else None
    return Resource(stack, f"{found[1]}.{found[2]}", body) if found and body is not None else None


def resources(stack: Stack, kind: str) -> list[Resource]:
    """Return the resources of a type, by address."""
    found = stack.resources.get(kind, {})
    return [Resource(stack, f"{kind}.{name}", found[name]) for name in sorted(found)]


def every(stacks: Iterable[Stack], kind: str) -> list[Resource]:
    """Return the resources of a type in several stacks."""
    return [one for stack in stacks for one in resources(stack, kind)]


def of_kind(found: Iterable[Mapping[str, Any]], kind: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a kind."""
    return (one for one in found if one.get("kind") == kind)


def label(found: Mapping[str, Any], name: str) -> str:
    """Return a label of a Kubernetes object, or an empty string."""
    return str((found["metadata"].get("labels") or {}).get(name, ""))


def document(text: object) -> Any:
    """Return a JSON document of a resource's argument; a quoted one (tokens in it) is read too."""
    found = json.loads(str(text))
    return json.loads(found) if isinstance(found, str) else found
