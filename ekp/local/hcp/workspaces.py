"""Workspaces: made, listed, changed, locked."""

import fnmatch

import flask

from . import workspace_links
from .documents import (
    Answer,
    answer,
    conflict,
    find,
    find_refs,
    invalid,
    not_found,
    one,
    page,
    posted,
)
from .store import Record, Store, now
from .workspace_settings import PERMITTED, SETTABLE, checked, pool


def workspaces(store: Store) -> flask.Blueprint:
    """Serve workspaces by id, and by name below their organisation."""
    part = flask.Blueprint("workspaces", __name__, url_prefix="/api/v2")
    _by_name(part, store)
    _by_id(part, store)
    _actions(part, store)
    return part


def _by_name(part: flask.Blueprint, store: Store) -> None:
    within = "/organizations/<organization>/workspaces"

    @part.get(within)
    def list_workspaces(organization: str) -> Answer:
        owner = find(store, "organizations", organization)
        return page([each for each in _of(store, owner) if _asked_for(each)])

    @part.post(within)
    def create(organization: str) -> Answer:
        owner = find(store, "organizations", organization)
        wanted = posted("workspaces")
        if wanted.attributes.get("name") is None:
            raise invalid("name", "can't be blank")
        mode = owner.attributes.get("default-execution-mode", SETTABLE["execution-mode"])
        asked = checked(wanted.attributes, None, _of(store, owner))
        attributes = {**SETTABLE, "execution-mode": mode, **asked}
        projects = find_refs(store, "projects", wanted.refs("project") or [])
        made = store.add(
            "workspaces",
            {
                **attributes,
                "created-at": now(),
                "locked": False,
                "operations": attributes["execution-mode"] != "local",
                "permissions": dict.fromkeys(PERMITTED, True),
                "setting-overwrites": dict.fromkeys(("execution-mode", "agent-pool"), True),
                "tag-names": [],
                "vcs-repo": None,
            },
            organization=owner,
            project=projects[0] if projects else owner.one("default-project"),
            agent_pool=pool(store, owner, wanted.attributes, attributes["execution-mode"]),
            current_run=None,
            current_state_version=None,
            locked_by=None,
        )
        workspace_links.set_tag_bindings(made, wanted.refs("tag-bindings") or [])
        return one(made, 201)

    @part.get(f"{within}/<name>")
    def show_by_name(organization: str, name: str) -> Answer:
        return one(by_name(store, organization, name))

    @part.patch(f"{within}/<name>")
    def update_by_name(organization: str, name: str) -> Answer:
        return _update(store, by_name(store, organization, name))


def _by_id(part: flask.Blueprint, store: Store) -> None:
    @part.get("/workspaces/<id_>")
    def show(id_: str) -> Answer:
        return one(find(store, "workspaces", id_))

    @part.patch("/workspaces/<id_>")
    def update(id_: str) -> Answer:
        return _update(store, find(store, "workspaces", id_))

    @part.delete("/workspaces/<id_>")
    def delete(id_: str) -> Answer:
        _delete(store, find(store, "workspaces", id_))
        return answer(None, 204)


def _actions(part: flask.Blueprint, store: Store) -> None:
    @part.post("/workspaces/<id_>/actions/safe-delete")
    def safe_delete(id_: str) -> Answer:
        found = find(store, "workspaces", id_)
        if found.one("current-state-version"):
            raise conflict("conflict: workspace is still managing resources")
        _delete(store, found)
        return answer(None, 204)

    @part.post("/workspaces/<id_>/actions/lock")
    def lock(id_: str) -> Answer:
        found = find(store, "workspaces", id_)
        if found.attributes["locked"]:
            raise conflict("Unable to lock workspace. The workspace is already locked.")
        reason = (flask.request.get_json(force=True, silent=True) or {}).get("reason")
        found.attributes.update({"locked": True, "locked-reason": reason})
        return one(found)

    @part.post("/workspaces/<id_>/actions/unlock", endpoint="unlock")
    @part.post("/workspaces/<id_>/actions/force-unlock", endpoint="force_unlock")
    def unlock(id_: str) -> Answer:
        found = find(store, "workspaces", id_)
        if not found.attributes["locked"]:
            raise conflict("Unable to unlock workspace. The workspace is already unlocked.")
        found.attributes.update({"locked": False, "locked-reason": None})
        found.relationships["locked-by"] = None
        return one(found)


def by_name(store: Store, organization: str, name: str) -> Record:
    """A workspace of an organisation; 404 where there is none."""
    for workspace in _of(store, find(store, "organizations", organization)):
        if workspace.attributes["name"] == name:
            return workspace
    raise not_found()


def _update(store: Store, found: Record) -> Answer:
    owner = found.one("organization")
    if owner is None:
        raise not_found()
    wanted = posted("workspaces")
    changed = checked(wanted.attributes, found, _of(store, owner))
    mode = changed.get("execution-mode", found.attributes["execution-mode"])
    if "execution-mode" in changed or "agent-pool-id" in wanted.attributes:
        found.relationships["agent-pool"] = pool(store, owner, wanted.attributes, mode)
    found.attributes.update(changed)
    projects = find_refs(store, "projects", wanted.refs("project") or [])
    if projects:
        found.relationships["project"] = projects[0]
    bindings = wanted.refs("tag-bindings")
    if bindings is not None:
        found.relationships["tag-bindings"] = []
        workspace_links.set_tag_bindings(found, bindings)
    return one(found)


def _delete(store: Store, found: Record) -> None:
    for trigger in store.all("run-triggers"):
        if found in (trigger.one("workspace"), trigger.one("sourceable")):
            store.remove(trigger)
    store.remove(found)


def _of(store: Store, organization: Record) -> list[Record]:
    found = [each for each in store.all("workspaces") if each.one("organization") is organization]
    return sorted(found, key=lambda each: str(each.attributes["name"]))


def _asked_for(workspace: Record) -> bool:
    arguments = flask.request.args
    name = str(workspace.attributes["name"])
    project = workspace.one("project")
    tags = {str(tag) for tag in workspace.attributes["tag-names"]}
    wanted_tags = {tag for tag in arguments.get("search[tags]", "").split(",") if tag}
    in_project = arguments.get("filter[project][id]")
    return (
        arguments.get("search[name]", "") in name
        and fnmatch.fnmatchcase(name, arguments.get("search[wildcard-name]", "*"))
        and wanted_tags <= tags
        and (in_project is None or (project is not None and project.id == in_project))
        and workspace_links.has_bindings(workspace, arguments)
    )
