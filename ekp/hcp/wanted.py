"""What HCP Terraform must have for the stacks of cdktf.out: read from the stacks alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ekp.runner.stacks import Stack

from .errors import HcpError, NotHcpError
from .home import Home, homes

# Whose workspaces these are; a workspace without it was not made here.
OURS = ("managed-by", "ekp")
# https://developer.hashicorp.com/terraform/cloud-docs/workspaces/settings/run-triggers
MOST_SOURCES = 20
LONGEST_NAME = 90
# The same in every workspace: people look at each plan, and nobody else reads the state.
SETTINGS: Mapping[str, object] = {
    "auto-apply": False,
    "auto-apply-run-trigger": False,
    "global-remote-state": False,
    "queue-all-runs": False,
    "speculative-enabled": True,
    "working-directory": "",
}
HOW = "`state=HcpStateConfig(...)`, run `ekp synth` and try again; docs/hcp.md shows it."


@dataclass(frozen=True)
class Workspace:
    """The workspace of one stack.

    ``settings`` are in the API's words, with the names of project and agent pool (empty without
    one). ``readers`` are the workspaces that may read its state, ``sources`` those whose applies
    start a run here. ``variables`` are the Terraform variables that have no default, by name, as
    the stack declares them.
    """

    name: str
    environment: str
    settings: Mapping[str, object]
    tags: Mapping[str, str]
    readers: frozenset[str]
    sources: frozenset[str]
    variables: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class VariableSet:
    """Environment variables that the runs of one environment have."""

    name: str
    description: str
    variables: Mapping[str, str]
    workspaces: frozenset[str]


@dataclass(frozen=True)
class Wanted:
    """What one organisation of one installation must have, everything by name.

    ``prefixes`` maps an environment to what the names of its workspaces begin with.
    """

    hostname: str
    organization: str
    prefixes: Mapping[str, str]
    projects: tuple[str, ...]
    sets: Mapping[str, VariableSet]
    workspaces: Mapping[str, Workspace]


def in_hcp(stacks: Mapping[str, Stack]) -> tuple[str, ...]:
    """The environments whose state is in HCP.

    Raises:
        NotHcpError: there is none.
    """
    found = tuple(dict.fromkeys(stacks[id_].environment for id_ in homes(stacks)))
    if not found:
        raise NotHcpError(
            "The state of no environment is in HCP Terraform: there is no workspace to make.",
            remedy=f"Give an environment {HOW}",
        )
    return found


def wanted(stacks: Mapping[str, Stack], environments: Iterable[str]) -> tuple[Wanted, ...]:
    """What HCP must have for some environments; ``stacks`` are all of cdktf.out.

    Raises:
        NotHcpError: the state of one of the environments is not in HCP.
        HcpError: HCP cannot have what is wanted; all reasons at once.
        BrokenSynthesisError: a stack does not say what it needs.
    """
    every = homes(stacks)
    names = tuple(environments)
    chosen = {id_: one for id_, one in every.items() if stacks[id_].environment in names}
    for name in names:
        if not any(stacks[id_].environment == name for id_ in chosen):
            raise NotHcpError(
                f"The state of {name} is not in HCP Terraform: there is no workspace to make.",
                remedy=f"Give environments/{name}.py {HOW}",
            )
    problems = [each for id_ in chosen for each in _problems(stacks[id_], every)]
    problems += _role_problems(stacks, chosen)
    if problems:
        raise HcpError("\n".join(problems), remedy="Change the settings and run `ekp synth`.")
    groups: dict[tuple[str, str], list[str]] = {}
    for id_, one in chosen.items():
        groups.setdefault(one.place, []).append(id_)
    return tuple(_one(stacks, every, ids) for ids in groups.values())


def _one(stacks: Mapping[str, Stack], every: Mapping[str, Home], ids: Sequence[str]) -> Wanted:
    hostname, organization = every[ids[0]].place
    prefixes = {stacks[id_].environment: every[id_].workspace.removesuffix(id_) for id_ in ids}
    workspaces = [_workspace(stacks[id_], stacks, every) for id_ in ids]
    sets = [
        _set(prefix, name, [every[id_] for id_ in ids if stacks[id_].environment == name])
        for name, prefix in prefixes.items()
    ]
    return Wanted(
        hostname=hostname,
        organization=organization,
        prefixes=prefixes,
        projects=tuple(dict.fromkeys(every[id_].project for id_ in ids)),
        sets={each.name: each for each in sets},
        workspaces={each.name: each for each in workspaces},
    )


def _workspace(stack: Stack, stacks: Mapping[str, Stack], every: Mapping[str, Home]) -> Workspace:
    own = every[stack.id]
    readers = (id_ for id_ in every if stack.state_key in stacks[id_].remote_states.values())
    return Workspace(
        name=own.workspace,
        environment=stack.environment,
        settings={
            **SETTINGS,
            "agent-pool": own.agent_pool if own.execution == "agent" else "",
            "description": f"{stack.layer} of {stack.environment} ({stack.region}), made by ekp",
            "execution-mode": own.execution,
            "project": own.project,
            "terraform-version": own.terraform_version,
        },
        tags={
            OURS[0]: OURS[1],
            "environment": stack.environment,
            "region": stack.region,
            "layer": stack.layer,
        },
        readers=frozenset(every[id_].workspace for id_ in readers),
        sources=frozenset(one.workspace for one in _upstream(stack, every) if own.run_triggers),
        variables=stack.required_variables,
    )


def _upstream(stack: Stack, every: Mapping[str, Home]) -> list[Home]:
    return [every[id_] for id_ in stack.depends_on if id_ in every]


def _set(prefix: str, environment: str, members: Sequence[Home]) -> VariableSet:
    return VariableSet(
        name=f"{prefix}{environment}-aws",
        description=f"How runs of {environment} come to AWS: no keys, a role by OIDC. Made by ekp",
        variables={
            "TFC_AWS_PROVIDER_AUTH": "true",
            "TFC_AWS_RUN_ROLE_ARN": members[0].run_role_arn,
        },
        workspaces=frozenset(each.workspace for each in members),
    )


def _problems(stack: Stack, every: Mapping[str, Home]) -> Iterator[str]:
    own = every[stack.id]
    if len(own.workspace) > LONGEST_NAME:
        yield (
            f"{own.workspace}: a workspace's name has {LONGEST_NAME} characters at most, this one"
            f" {len(own.workspace)}."
        )
    upstream = _upstream(stack, every)
    if own.run_triggers and len(upstream) > MOST_SOURCES:
        yield (
            f"{own.workspace} depends on {len(upstream)} stacks: a workspace has {MOST_SOURCES}"
            " run triggers at most."
        )
    for one in upstream:
        if one.place != own.place:
            yield (
                f"{own.workspace} in {'/'.join(own.place)} depends on {one.workspace} in"
                f" {'/'.join(one.place)}: state is shared within one organization alone."
            )


def _role_problems(stacks: Mapping[str, Stack], chosen: Mapping[str, Home]) -> Iterator[str]:
    roles: dict[str, set[str]] = {}
    for id_, one in chosen.items():
        roles.setdefault(stacks[id_].environment, set()).add(one.run_role_arn)
    for name, found in roles.items():
        if len(found) > 1:
            yield f"The runs of {name} take on one role, not {' and '.join(sorted(found))}."
