"""Which resources two sets of synthesized stacks do not have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ekp.runner.stacks import Stack


@dataclass(frozen=True, slots=True)
class StackChange:
    """What becomes of one stack's resources, by the paths of their constructs."""

    stack: str
    added: Sequence[str]
    changed: Sequence[str]
    removed: Sequence[str]


def stack_changes(before: Mapping[str, Stack], after: Mapping[str, Stack]) -> Sequence[StackChange]:
    """Return the stacks that differ, with what Terraform would add, change and destroy there."""
    found = (_change(id_, before.get(id_), after.get(id_)) for id_ in sorted({*before, *after}))
    return [one for one in found if one.added or one.changed or one.removed]


def _change(id_: str, before: Stack | None, after: Stack | None) -> StackChange:
    old, new = _bodies(before), _bodies(after)
    return StackChange(
        stack=id_,
        added=sorted(path for path in new if path not in old),
        changed=sorted(path for path in new if path in old and old[path] != new[path]),
        removed=sorted(path for path in old if path not in new),
    )


def _bodies(stack: Stack | None) -> Mapping[str, object]:
    if stack is None:
        return {}
    return {
        path.removeprefix(f"{stack.id}/"): stack.resources[kind][name]
        for address, path in stack.construct_paths.items()
        for kind, _, name in [address.partition(".")]
    }
