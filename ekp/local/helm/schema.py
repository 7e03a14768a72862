"""Schemas as Terraform's plugin protocol describes them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tf.gen import tfplugin_pb2 as pb

# `write_only` (field 11, true) came to the protocol after the messages of `tf` were made from it.
WRITE_ONLY = b"\x58\x01"
STRINGS = ("list", "string")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute; ``type`` is Terraform's JSON form of it, ``nested`` stands in its place."""

    type: Any = "string"
    required: bool = False
    computed: bool = False
    sensitive: bool = False
    write_only: bool = False
    default: Any = None
    may_be_set: bool = False
    """Computed where it is not set, without a default."""
    nested: Mapping[str, "Attribute"] | None = None
    many: bool = False
    """A list of ``nested`` objects, not one."""

    @property
    def optional(self) -> bool:
        """Whether it may be set and need not."""
        if self.computed:
            return self.may_be_set or self.default is not None
        return not self.required


def required(type_: Any = "string", **more: Any) -> Attribute:
    """Return an attribute that must be set."""
    return Attribute(type=type_, required=True, **more)


def optional(type_: Any = "string", default: Any = None, **more: Any) -> Attribute:
    """Return an attribute that may be set."""
    return Attribute(type=type_, default=default, computed=default is not None, **more)


def computed(type_: Any = "string", **more: Any) -> Attribute:
    """Return an attribute that the provider alone sets."""
    return Attribute(type=type_, computed=True, **more)


def message(attributes: Mapping[str, Attribute], version: int = 0) -> pb.Schema:
    """Return a schema of attributes."""
    block = pb.Schema.Block(version=version, attributes=_messages(attributes))
    return pb.Schema(version=version, block=block)


def _messages(attributes: Mapping[str, Attribute]) -> list[pb.Schema.Attribute]:
    return [_message(name, attribute) for name, attribute in sorted(attributes.items())]


def _message(name: str, attribute: Attribute) -> pb.Schema.Attribute:
    found = pb.Schema.Attribute(
        name=name,
        required=attribute.required,
        optional=attribute.optional,
        computed=attribute.computed,
        sensitive=attribute.sensitive,
    )
    if attribute.nested is None:
        found.type = json.dumps(attribute.type).encode()
    else:
        nesting = pb.Schema.Object.LIST if attribute.many else pb.Schema.Object.SINGLE
        found.nested_type.CopyFrom(
            pb.Schema.Object(attributes=_messages(attribute.nested), nesting=nesting)
        )
    if attribute.write_only:
        found.MergeFromString(WRITE_ONLY)
    return found
