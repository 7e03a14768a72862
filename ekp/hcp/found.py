"""What HCP Terraform has already, of what is wanted."""

from collections.abc import Mapping
from dataclasses import dataclass

from pytfe import TFEClient, models
from pytfe.errors import NotFound

from .errors import HcpError
from .wanted import OURS, SETTINGS, Wanted


@dataclass(frozen=True)
class Variable:
    """A variable as it is; ``value`` is None where it is sensitive: it never comes back."""

    id: str
    sensitive: bool
    value: str | None


@dataclass(frozen=True)
class Workspace:
    """A workspace as it is; ``readers`` and ``sources`` lead from names to ids.

    The id of a source is that of its run trigger. ``repository`` is the one that it is bound to.
    """

    settings: Mapping[str, object]
    tags: Mapping[str, str]
    readers: Mapping[str, str]
    sources: Mapping[str, str]
    variables: Mapping[str, Variable]
    repository: str


@dataclass(frozen=True)
class VariableSet:
    """A variable set as it is."""

    id: str
    description: str
    everywhere: bool
    variables: Mapping[str, Variable]
    workspaces: frozenset[str]


@dataclass(frozen=True)
class Found:
    """What an organisation has: ids by name, and the wanted things as they are.

    ``gone`` names workspaces of ours whose stack there is no more.
    """

    projects: Mapping[str, str]
    pools: Mapping[str, str]
    ids: Mapping[str, str]
    workspaces: Mapping[str, Workspace]
    sets: Mapping[str, VariableSet]
    gone: tuple[str, ...]


def find(client: TFEClient, wanted: Wanted) -> Found:
    """Read what there is.

    Raises:
        HcpError: there is no such organisation.
        TFEError: HCP refused something.
    """
    organization = wanted.organization
    try:
        client.organizations.read(organization)
    except NotFound as error:
        raise HcpError(
            f"{wanted.hostname} has no organization {organization}, or hides it from this token.",
            remedy="Check `organization` in the settings, and whose token it is.",
        ) from error
    projects = {str(each.name): str(each.id) for each in client.projects.list(organization)}
    pools = {str(each.name): each.id for each in client.agent_pools.list(organization)}
    every = {str(each.name): each for each in client.workspaces.list(organization)}
    names = {each.id: name for name, each in every.items()}
    return Found(
        projects=projects,
        pools=pools,
        ids={name: each.id for name, each in every.items()},
        workspaces={
            name: _workspace(client, every[name], _turned(projects), _turned(pools))
            for name in wanted.workspaces
            if name in every
        },
        sets={
            str(each.name): _set(client, each, names)
            for each in client.variable_sets.list(organization)
            if each.name in wanted.sets
        },
        gone=_gone(client, wanted),
    )


def _workspace(
    client: TFEClient,
    found: models.Workspace,
    projects: Mapping[str, str],
    pools: Mapping[str, str],
) -> Workspace:
    told = found.model_dump(by_alias=True, mode="json")
    project = found.project.id if found.project else ""
    pool = found.agent_pool.id if found.agent_pool else ""
    inbound = models.RunTriggerListOptions(
        run_trigger_type=models.RunTriggerFilterOp.RUN_TRIGGER_INBOUND, page_size=100
    )
    return Workspace(
        settings={
            # What an older Terraform Enterprise does not know cannot be wrong there.
            **{
                name: value if told[name] is None else told[name]
                for name, value in SETTINGS.items()
            },
            "agent-pool": pools.get(pool, pool),
            "description": found.description or "",
            "execution-mode": told["execution-mode"],
            "project": projects.get(project, project),
            "terraform-version": found.terraform_version or "",
        },
        tags={each.key: each.value or "" for each in client.workspaces.list_tag_bindings(found.id)},
        readers={
            str(each.name): each.id
            for each in client.workspaces.list_remote_state_consumers(found.id)
        },
        sources={
            each.sourceable_name: each.id for each in client.run_triggers.list(found.id, inbound)
        },
        variables={
            str(each.key): Variable(str(each.id), bool(each.sensitive), each.value)
            for each in client.variables.list(found.id)
            if each.category == models.CategoryType.TERRAFORM
        },
        repository=str(found.vcs_repo.identifier) if found.vcs_repo else "",
    )


def _set(client: TFEClient, found: models.VariableSet, names: Mapping[str, str]) -> VariableSet:
    return VariableSet(
        id=str(found.id),
        description=found.description or "",
        everywhere=bool(found.global_),
        variables={
            each.key: Variable(str(each.id), bool(each.sensitive), each.value)
            for each in client.variable_set_variables.list(str(found.id))
            if each.category == models.CategoryType.ENV
        },
        workspaces=frozenset(names.get(each.id, each.id) for each in found.workspaces),
    )


def _gone(client: TFEClient, wanted: Wanted) -> tuple[str, ...]:
    found: list[str] = []
    for environment, prefix in wanted.prefixes.items():
        ours = models.WorkspaceListOptions(
            tag_bindings=[
                models.TagBinding(key=OURS[0], value=OURS[1]),
                models.TagBinding(key="environment", value=environment),
            ]
        )
        names = (str(each.name) for each in client.workspaces.list(wanted.organization, ours))
        found += [name for name in names if name.startswith(prefix)]
    return tuple(sorted(name for name in found if name not in wanted.workspaces))


def _turned(names: Mapping[str, str]) -> Mapping[str, str]:
    return {id_: name for name, id_ in names.items()}
