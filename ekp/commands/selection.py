"""What a run over an environment goes over, and how a person is told of it."""

import os
from collections.abc import Mapping

from ekp.runner import stacks, variables
from ekp.runner.stacks import Stack

from .workspace import Workspace, workspace


def select(
    environment: str, *, local: bool
) -> tuple[Workspace, Mapping[str, Stack], Mapping[str, Stack]]:
    """Synthesize, and return the workspace, all stacks, and those of the environment.

    Raises:
        UnknownEnvironmentError: there is no such environment.
        RunnerError: a variable that a real account needs is not set.
    """
    space = workspace()
    every = space.synthesize()
    found = stacks.of_environment(every, environment)
    if not local:
        variables.require(found.values(), os.environ)
    return space, every, found


def described(environment: str, found: Mapping[str, Stack]) -> str:
    """Return an environment with its accounts and regions, for a question."""
    accounts = sorted({role.split(":")[4] for s in found.values() for role in s.deploy_roles})
    regions = sorted({stack.region for stack in found.values()})
    return (
        f"{environment} ({len(found)} stacks; accounts: {', '.join(accounts)}; "
        f"regions: {', '.join(regions)})"
    )
