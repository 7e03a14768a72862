"""Which attributes of a resource can be set, and which the configuration sets."""

import json
import threading
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from .. import diagnostics, terraform
from ..run import Run
from ..stacks import Stack
from .differences import Step, path

Schema = Mapping[str, Any]


class Kind(StrEnum):
    """What an attribute is to the configuration of its resource."""

    SET = "set"
    """The configuration sets it, or the provider takes its default where it does not."""
    OPEN = "open"
    """It could be set and is not: what AWS has is left alone."""
    OTHERS = "others"
    """Others decide: AWS, which only tells it, or who the configuration leaves it to."""


class Schemas:
    """What the providers of a run say about their resources, asked when first needed."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._lock = threading.Lock()
        self._providers: dict[str, Mapping[str, Schema]] = {}

    def block(self, stack: Stack, provider: str, kind: str) -> Schema:
        """Return the schema of a resource type, as ``terraform providers schema`` has it.

        Args:
            stack: a stack that uses the provider, whose working copy is initialised.
            provider: the full source of the provider.
            kind: the type.

        Raises:
            TerraformFailedError: a provider does not start.
        """
        with self._lock:
            if provider not in self._providers:
                self._providers |= self._ask(stack)
        found: Schema = self._providers[provider].get(kind, {}).get("block", {})
        return found

    def _ask(self, stack: Stack) -> dict[str, Mapping[str, Schema]]:
        copy = self._run.target.copy_of(stack)
        answer = self._run.read(copy.folder, "providers schema", json=terraform.FLAG)
        if answer.code != 0:
            raise diagnostics.plain(stack, "providers schema", answer.err)
        providers = json.loads(answer.out)["provider_schemas"]
        return {name: one.get("resource_schemas", {}) for name, one in providers.items()}


def left_to_others(body: Mapping[str, Any], steps: Sequence[Step]) -> bool:
    """Whether the configuration says to ignore changes of an attribute."""
    ignored = body.get("lifecycle", {}).get("ignore_changes", ())
    place = path(steps)
    return ignored == "all" or any(
        place == one or place.startswith((f"{one}.", f"{one}[")) for one in ignored
    )


def kind(schema: Schema, body: Mapping[str, Any], steps: Sequence[Step]) -> Kind:
    """Return what the attribute at ``steps`` is to a resource.

    Args:
        schema: the block of the resource's type.
        body: the resource as it is configured; empty where it is not any more.
        steps: the way to the attribute.
    """
    name, *rest = (str(steps[0]), *steps[1:])
    attribute = schema.get("attributes", {}).get(name)
    if attribute is not None:
        if body.get(name) is not None or not attribute.get("computed"):
            return Kind.SET
        return Kind.OPEN if attribute.get("optional") else Kind.OTHERS
    block = schema.get("block_types", {}).get(name, {}).get("block")
    own = body.get(name) or body.get("dynamic", {}).get(name)
    index = rest.pop(0) if rest and isinstance(rest[0], int) else 0
    if block is None or not rest:
        return Kind.SET if own else Kind.OPEN
    return kind(block, _element(own, int(index)), rest)


def _element(own: Any, index: int) -> Mapping[str, Any]:
    """The configured block; empty where there is none that is written out."""
    blocks = own if isinstance(own, list) else [own]
    # AWS may have more than are configured, and Terraform sorts sets: any stands for the others.
    found = blocks[index] if index < len(blocks) else blocks[0]
    return found if isinstance(found, dict) else {}
