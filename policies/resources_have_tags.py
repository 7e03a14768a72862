"""EKP_TAGS_1: whatever takes tags says whose it is and who pays for it.

A synthesized stack has them once, on its providers; a plan shows what each resource gets.
"""

from collections.abc import Mapping
from typing import Any

from checkov.common.checks_infra.resources_types import resources_types

from policies.checks import Entity, Everything, Verdict, stack_check
from policies.links import blocks

REQUIRED = ("Project", "Environment", "Layer", "Owner", "CostCenter", "ManagedBy")


@stack_check(
    "EKP_TAGS_1",
    "Ensure whatever takes tags has those that say whose it is and who pays",
    "stack",
    *resources_types["aws_taggable"],
)
def resources_have_tags(one: Entity, everything: Everything) -> Verdict:
    """Fail a provider without the default tags, and what a plan leaves without one of them.

    Providers of other clouds are not judged, nor is a plan's provider: a plan does not show its
    default tags.
    """
    if one.kind == "stack":
        return _providers_tag(one, everything)
    tags = one.body.get("tags_all")
    return None if tags is None else _tagged(tags)


def _providers_tag(stack: Entity, everything: Everything) -> Verdict:
    providers = [
        provider
        for block in blocks(stack.body.get("provider"))
        for provider in blocks(block.get("aws"))
    ]
    if not providers:
        aws = any(one.kind.startswith("aws_") for one in everything.entities)
        return False if aws else None
    return all(
        any(_tagged(block.get("tags")) for block in blocks(provider.get("default_tags")))
        for provider in providers
    )


def _tagged(tags: Any) -> bool:
    return isinstance(tags, Mapping) and all(tags.get(key) for key in REQUIRED)
