"""Take the steps: HCP Terraform gets what is missing. Nothing is ever deleted but links."""

from collections.abc import Callable, Mapping

from pytfe import TFEClient, models

from . import apply_variables
from .session import Session
from .steps import Kind, Plan, Step
from .wanted import Workspace


def apply(
    client: TFEClient,
    plan: Plan,
    environ: Mapping[str, str],
    *,
    done: Callable[[Step], None] = lambda _step: None,
) -> None:
    """Take every step, and tell of each one that is done.

    It may be interrupted anywhere: what is left to do is what the next plan says.

    Raises:
        TFEError: HCP refused a step; those before it are done.
    """
    found = plan.found
    session = Session(
        client=client,
        wanted=plan.wanted,
        found=found,
        environ=environ,
        projects=dict(found.projects),
        workspaces=dict(found.ids),
        sets={name: each.id for name, each in found.sets.items()},
    )
    for step in plan.steps:
        _TAKE[step.kind](session, step)
        done(step)


def _project(session: Session, step: Step) -> None:
    options = models.ProjectCreateOptions(name=step.name)
    made = session.client.projects.create(session.wanted.organization, options)
    session.projects[step.name] = str(made.id)


def _workspace(session: Session, step: Step) -> None:
    one = session.wanted.workspaces[step.name]
    settings = _settings(session, one)
    tags = [models.TagBinding(key=key, value=value) for key, value in one.tags.items()]
    workspaces = session.client.workspaces
    if step.creates:
        made = workspaces.create(
            session.wanted.organization,
            models.WorkspaceCreateOptions.model_validate(
                {**settings, "name": one.name, "tag-bindings": tags}
            ),
        )
        session.workspaces[one.name] = made.id
        return
    id_ = session.workspaces[one.name]
    if {each.field for each in step.changes} & set(one.settings):
        workspaces.update_by_id(id_, models.WorkspaceUpdateOptions.model_validate(settings))
    if {each.field for each in step.changes} - set(one.settings):
        workspaces.add_tag_bindings(id_, models.WorkspaceAddTagBindingsOptions(tag_bindings=tags))


def _settings(session: Session, one: Workspace) -> dict[str, object]:
    named = dict(one.settings)
    project, pool = str(named.pop("project")), str(named.pop("agent-pool"))
    return {
        **named,
        "agent-pool-id": session.found.pools[pool] if pool else None,
        "project": models.Project(id=session.projects[project]),
        # The workspace's own, whatever the project's default becomes.
        "setting-overwrites": {"execution-mode": True, "agent-pool": True},
    }


def _readers(session: Session, step: Step) -> None:
    id_, workspaces = session.workspaces[step.name], session.client.workspaces
    if step.added:
        workspaces.add_remote_state_consumers(
            id_,
            models.WorkspaceAddRemoteStateConsumersOptions(workspaces=session.refs(step.added)),
        )
    if step.removed:
        workspaces.remove_remote_state_consumers(
            id_,
            models.WorkspaceRemoveRemoteStateConsumersOptions(
                workspaces=session.refs(step.removed)
            ),
        )


def _triggers(session: Session, step: Step) -> None:
    for source in session.refs(step.added):
        session.client.run_triggers.create(
            session.workspaces[step.name], models.RunTriggerCreateOptions(sourceable=source)
        )
    for name in step.removed:
        session.client.run_triggers.delete(session.found.workspaces[step.name].sources[name])


_TAKE: Mapping[Kind, Callable[[Session, Step], None]] = {
    Kind.PROJECT: _project,
    Kind.SET: apply_variables.variable_set,
    Kind.WORKSPACE: _workspace,
    Kind.MEMBERS: apply_variables.members,
    Kind.VARIABLES: apply_variables.variables,
    Kind.READERS: _readers,
    Kind.TRIGGERS: _triggers,
}
