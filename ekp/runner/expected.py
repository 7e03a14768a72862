"""What stacks expect to be there before the first of them: roles, state buckets, the zone above."""

from collections.abc import Iterable
from dataclasses import dataclass

from .stacks import Stack


@dataclass(frozen=True)
class Expected:
    """Deploy roles by ARN, state buckets as (name, region), zones as (name, id, role's ARN).

    The names are those of the arguments that make them in a local AWS (``Prepare``).
    """

    deploy_roles: tuple[str, ...]
    state_buckets: tuple[tuple[str, str], ...]
    parent_zones: tuple[tuple[str, str, str], ...]


def by(stacks: Iterable[Stack]) -> Expected:
    """What these stacks expect, each thing once."""
    every = list(stacks)
    parents = [stack.parent_zone for stack in every]
    backends = [settings for kind, settings in (s.backend for s in every) if kind == "s3"]
    return Expected(
        deploy_roles=tuple(sorted({role for stack in every for role in stack.deploy_roles})),
        state_buckets=tuple(sorted({(str(s["bucket"]), str(s["region"])) for s in backends})),
        parent_zones=tuple(
            sorted({(zone["name"], zone["zone_id"], zone["role_arn"]) for zone in parents if zone})
        ),
    )
