"""Terraform's nested blocks: in its JSON each is an object, or a list of objects."""

from collections.abc import Mapping
from typing import Any

from .request import Unsupported

Block = Mapping[str, Any]


def entries(value: object) -> list[Any]:
    """Return a block's entries; CDKTF writes a single one without a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def blocks(body: Block, name: str) -> list[Any]:
    """Return the blocks of a name."""
    return entries(body.get(name))


def block(body: Block, name: str) -> Block | None:
    """Return the block of a name that there is at most one of; an empty one is a block too."""
    return next(iter(blocks(body, name)), None)


def only(body: Block, where: str, field: str) -> tuple[str, Block]:
    """Return name and body of the one block that is set among choices, such as a statement's.

    Raises:
        Unsupported: none is set, or more than one.
    """
    found = [name for name in body if name != "//" and body[name] is not None and body[name] != []]
    if len(found) != 1:
        raise Unsupported(where, field, f"it has {', '.join(sorted(found)) or 'nothing'}, not one")
    return found[0], block(body, found[0]) or {}
