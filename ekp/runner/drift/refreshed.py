"""What a refresh-only plan tells, and what of it a person has to look at."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..stacks import Stack
from . import additions
from .arguments import Kind, Schemas, kind, left_to_others
from .differences import Difference, compare
from .report import Attribute, Drifted

Plan = Mapping[str, Any]
Resource = Mapping[str, Any]
SIDES = ("before", "after", "before_sensitive", "after_sensitive")
DELETED, CHANGED = "deleted", "changed"


def managed(plan: Plan) -> Sequence[Resource]:
    """Return the stack's own resources as they are in AWS: ``type``, ``address``, ``values``."""
    values = plan.get("prior_state", {}).get("values", {})
    found = values.get("root_module", {}).get("resources", ())
    return [one for one in found if one["mode"] == "managed"]


def configured(stack: Stack, resource: Resource) -> Mapping[str, Any]:
    """Return the resource as it is configured; empty where it is not any more."""
    found: Mapping[str, Any] = stack.resources.get(resource["type"], {}).get(resource["name"], {})
    return found


def drifted(stack: Stack, plan: Plan, schemas: Schemas) -> Iterator[Drifted]:
    """Yield each resource that is not as the state has it.

    Args:
        stack: the stack that was refreshed.
        plan: its refresh-only plan, as ``show -json`` has it.
        schemas: what the providers say about attributes.

    Raises:
        TerraformFailedError: a provider does not start.
    """
    resources = [(one["type"], one["values"]) for one in managed(plan)]
    for one in plan.get("resource_drift", ()):
        change, address = one["change"], one["address"]
        about = (address, stack.construct_path(address), one["type"])
        if change["actions"] == ["delete"]:
            yield Drifted(*about, DELETED)
        elif change["actions"] == ["update"]:
            found = [
                Attribute(
                    path=each.path,
                    before=each.before,
                    after=each.after,
                    kind=_kind(stack, one, each, resources, schemas),
                    sensitive=each.sensitive,
                )
                for each in tags_once(compare(*(change[side] for side in SIDES)), change["before"])
            ]
            if found:
                yield Drifted(
                    *about,
                    CHANGED,
                    tuple(each for each in found if each.kind is not Kind.OTHERS),
                    tuple(each for each in found if each.kind is Kind.OTHERS),
                )


def tags_once(differences: Iterable[Difference], values: Mapping[str, Any]) -> Iterator[Difference]:
    """Tell each tag once, as ``tags``.

    ``tags_all`` is what AWS has; ``tags`` is the same without the defaults of today's provider
    configuration, so that it differs also when only those were changed.
    """
    for one in differences:
        if "tags_all" not in values or one.steps[0] not in {"tags", "tags_all"}:
            yield one
        elif one.steps[0] == "tags_all":
            yield replace(one, steps=("tags", *one.steps[1:]))


def _kind(
    stack: Stack,
    resource: Resource,
    difference: Difference,
    resources: Sequence[tuple[str, Mapping[str, Any]]],
    schemas: Schemas,
) -> Kind:
    body, name = configured(stack, resource), str(difference.steps[0])
    type_, after = resource["type"], resource["change"]["after"]
    elsewhere = name not in body and (
        additions.is_collected(type_, name)
        or additions.has_companion(type_, name, after, resources)
    )
    if elsewhere or left_to_others(body, difference.steps):
        return Kind.OTHERS
    # The defaults of tags stand in the provider's configuration. No schema is asked in vain.
    if name == "tags" or isinstance(body.get(name), str | int | float):
        return Kind.SET
    return kind(schemas.block(stack, resource["provider_name"], type_), body, difference.steps)
