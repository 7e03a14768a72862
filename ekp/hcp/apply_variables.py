"""Steps that write variables: of sets, and of workspaces."""

from pytfe import models

from ekp.runner.variables import PREFIX

from .session import Session
from .steps import Step
from .wanted import VariableSet


def variable_set(session: Session, step: Step) -> None:
    """Make a set, or change it, with the variables that differ."""
    one = session.wanted.sets[step.name]
    sets = session.client.variable_sets
    if step.creates:
        options = models.VariableSetCreateOptions(
            name=one.name, description=one.description, global_=False
        )
        session.sets[one.name] = str(sets.create(session.wanted.organization, options).id)
    elif {each.field for each in step.changes} - set(one.variables):
        sets.update(
            session.sets[one.name],
            models.VariableSetUpdateOptions(description=one.description, global_=False),
        )
    for change in step.changes:
        if change.field in one.variables:
            _set_variable(session, one, change.field)


def _set_variable(session: Session, one: VariableSet, key: str) -> None:
    variables = session.client.variable_set_variables
    found = session.found.sets.get(one.name)
    there = found.variables.get(key) if found else None
    fields = {"key": key, "value": one.variables[key], "category": models.CategoryType.ENV}
    id_ = session.sets[one.name]
    if there is not None and there.sensitive:
        # HCP never makes readable what was sensitive.
        variables.delete(id_, there.id)
        there = None
    if there is None:
        variables.create(id_, models.VariableSetVariableCreateOptions.model_validate(fields))
    else:
        variables.update(
            id_, there.id, models.VariableSetVariableUpdateOptions(value=one.variables[key])
        )


def members(session: Session, step: Step) -> None:
    """Apply a set to workspaces, and take it off others."""
    id_, sets = session.sets[step.name], session.client.variable_sets
    if step.added:
        sets.apply_to_workspaces(
            id_,
            models.VariableSetApplyToWorkspacesOptions(workspaces=session.refs(step.added)),
        )
    if step.removed:
        sets.remove_from_workspaces(
            id_,
            models.VariableSetRemoveFromWorkspacesOptions(workspaces=session.refs(step.removed)),
        )


def variables(session: Session, step: Step) -> None:
    """Write a workspace's Terraform variables, all of them sensitive."""
    id_ = session.workspaces[step.name]
    found = session.found.workspaces.get(step.name)
    for key in (change.field for change in step.changes):
        declared = session.wanted.workspaces[step.name].variables[key]
        fields = {
            "value": session.environ[PREFIX + key],
            "description": declared.get("description", ""),
            # As Terraform reads TF_VAR_ itself: text where text is declared, else an expression.
            "hcl": declared.get("type", "string") != "string",
            "sensitive": True,
        }
        there = found.variables.get(key) if found else None
        if there is not None:
            session.client.variables.update(
                id_, there.id, models.VariableUpdateOptions.model_validate(fields)
            )
        else:
            named = {**fields, "key": key, "category": models.CategoryType.TERRAFORM}
            session.client.variables.create(id_, models.VariableCreateOptions.model_validate(named))
