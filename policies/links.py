"""What a resource refers to, and its blocks, in every shape that checkov reads."""

from collections.abc import Mapping
from typing import Any

from checkov.common.graph.graph_builder import CustomAttributes

from policies.checks import Entity, Everything, listed


def blocks(value: Any) -> list[Mapping[str, Any]]:
    """Return the blocks of a setting; an expression in the place of one says nothing."""
    return [one for one in listed(value) if isinstance(one, Mapping)]


def linked(one: Entity, everything: Everything, *kinds: str) -> list[Entity]:
    """Return the resources of some kinds that a resource refers to.

    A plan has ids where resources exist, and the first reference alone where a list is not known
    yet; but checkov keeps all references of the configuration beside the values. ``body`` is
    without them.
    """
    found: dict[int, Entity] = {}
    for other in everything.behind(one.vertex[CustomAttributes.CONFIG]):
        if other.kind in kinds and other is not one:
            found[id(other)] = other
    return list(found.values())


def linking(target: Entity, everything: Everything, *kinds: str) -> list[Entity]:
    """Return the resources of some kinds that refer to a resource."""
    return [one for one in everything.of(*kinds) if target in linked(one, everything, target.kind)]
