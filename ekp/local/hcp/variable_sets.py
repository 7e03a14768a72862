"""Variable sets, and what they are applied to."""

import flask

from .documents import (
    Answer,
    answer,
    find,
    find_refs,
    invalid,
    one,
    page,
    posted,
    posted_data,
)
from .store import Record, Store, now
from .variables import among, change_variable, new_variable


def variable_sets(store: Store) -> flask.Blueprint:
    """Serve variable sets."""
    part = flask.Blueprint("variable_sets", __name__, url_prefix="/api/v2")
    _lists(part, store)
    _sets(part, store)
    _contents(part, store)
    return part


def _lists(part: flask.Blueprint, store: Store) -> None:
    @part.get("/organizations/<organization>/varsets")
    def list_sets(organization: str) -> Answer:
        owner = find(store, "organizations", organization)
        word = flask.request.args.get("q", "")
        return page([each for each in _of(store, owner) if word in each.attributes["name"]])

    @part.get("/workspaces/<id_>/varsets")
    def list_of_workspace(id_: str) -> Answer:
        workspace = find(store, "workspaces", id_)
        return page([each for each in store.all("varsets") if reaches(each, workspace)])


def _sets(part: flask.Blueprint, store: Store) -> None:
    @part.post("/organizations/<organization>/varsets")
    def create(organization: str) -> Answer:
        owner = find(store, "organizations", organization)
        wanted = posted("varsets").attributes
        name = wanted.get("name")
        if not name:
            raise invalid("name", "can't be blank")
        if any(each.attributes["name"] == name for each in _of(store, owner)):
            raise invalid("name", "has already been taken")
        attributes = {
            "name": name,
            "description": wanted.get("description") or "",
            "global": bool(wanted.get("global")),
            "priority": bool(wanted.get("priority")),
            "created-at": now(),
            "updated-at": now(),
        }
        made = store.add("varsets", attributes, organization=owner, parent=owner)
        made.relationships |= {"vars": [], "workspaces": [], "projects": []}
        return one(made, 201)

    @part.get("/varsets/<id_>")
    def show(id_: str) -> Answer:
        return one(find(store, "varsets", id_))

    @part.patch("/varsets/<id_>")
    def update(id_: str) -> Answer:
        found = find(store, "varsets", id_)
        wanted = posted("varsets").attributes
        for name in ("name", "description", "global", "priority"):
            if name in wanted:
                found.attributes[name] = wanted[name]
        return one(found)

    @part.delete("/varsets/<id_>")
    def delete(id_: str) -> Answer:
        store.remove(find(store, "varsets", id_))
        return answer(None, 204)


def _contents(part: flask.Blueprint, store: Store) -> None:
    @part.route("/varsets/<id_>/relationships/<kind>", methods=["POST", "DELETE"])
    def apply(id_: str, kind: str) -> Answer:
        found = find(store, "varsets", id_)
        if kind == "vars":
            made = new_variable(store, posted("vars").attributes, found.many("vars"))
            found.many("vars").append(made)
            return one(made)
        if found.attributes["global"]:
            raise invalid("global", "variable sets cannot be applied to workspaces or projects")
        named = find_refs(store, kind, posted_data() or [])
        applied = found.many(kind)
        if flask.request.method == "DELETE":
            applied[:] = [each for each in applied if each not in named]
        else:
            applied += [each for each in named if each not in applied]
        return answer(None, 204)

    @part.get("/varsets/<id_>/relationships/vars")
    def list_variables(id_: str) -> Answer:
        return page(find(store, "varsets", id_).many("vars"))

    @part.patch("/varsets/<id_>/relationships/vars/<variable>")
    def update_variable(id_: str, variable: str) -> Answer:
        own = find(store, "varsets", id_).many("vars")
        found = among(own, variable)
        change_variable(found, posted("vars").attributes, own)
        return one(found)

    @part.delete("/varsets/<id_>/relationships/vars/<variable>")
    def delete_variable(id_: str, variable: str) -> Answer:
        store.remove(among(find(store, "varsets", id_).many("vars"), variable))
        return answer(None, 204)


def _of(store: Store, organization: Record) -> list[Record]:
    return [each for each in store.all("varsets") if each.one("organization") is organization]


def reaches(variable_set: Record, workspace: Record) -> bool:
    """Whether a set's variables are a workspace's too."""
    return (
        variable_set.attributes["global"]
        or workspace in variable_set.many("workspaces")
        or workspace.one("project") in variable_set.many("projects")
    )
