"""Why Terraform replaces or destroys, in words."""

from collections.abc import Mapping
from typing import Any

from .values import Attribute

# https://developer.hashicorp.com/terraform/internals/json-format#resource-changes
WORDS: Mapping[str, str] = {
    "replace_because_tainted": "an earlier run left it half made, so it is made anew",
    "replace_because_cannot_update": "it cannot change in place",
    "replace_by_request": "somebody asked for it (-replace)",
    "replace_by_triggers": "something that it is to be replaced with changes",
    "delete_because_no_resource_config": "it is not in the configuration any more",
    "delete_because_no_module": "its module is not in the configuration any more",
    "delete_because_wrong_repetition": "it has no index, or another kind of index, any more",
    "delete_because_count_index": "its index is beyond the count",
    "delete_because_each_key": "its key is not listed any more",
    "delete_because_no_move_target": "it was moved to an address that is not in the configuration",
}


def reasons(found: Mapping[str, Any]) -> tuple[str, ...]:
    """Return why a resource is replaced or destroyed, from its entry in a plan's JSON."""
    paths = found["change"].get("replace_paths") or ()
    if paths:
        named = " and ".join(f"`{Attribute(tuple(path), '', '').name}`" for path in paths)
        return (f"must be replaced because {named} cannot change in place",)
    reason = str(found.get("action_reason") or "")
    if reason.startswith("replace"):
        return (f"must be replaced because {WORDS.get(reason, reason)}",)
    if reason.startswith("delete"):
        return (f"is destroyed because {WORDS.get(reason, reason)}",)
    return ()
