"""Variables: of a workspace, and as they stand in a set."""

from collections.abc import Mapping, Sequence
from typing import Any

import flask

from .documents import Answer, answer, find, invalid, not_found, one, posted, whole
from .store import Record, Store, new_id, now

CATEGORIES = ("terraform", "env")


def variables(store: Store) -> flask.Blueprint:
    """Serve the variables of workspaces; a sensitive value never comes back."""
    part = flask.Blueprint("variables", __name__, url_prefix="/api/v2/workspaces/<id_>")

    @part.get("/vars")
    def list_own(id_: str) -> Answer:
        return whole(find(store, "workspaces", id_).hidden.setdefault("vars", []))

    @part.get("/all-vars")
    def list_all(id_: str) -> Answer:
        workspace = find(store, "workspaces", id_)
        found: dict[tuple[Any, Any], Record] = {}
        for variable_set in store.all("varsets"):
            if variable_set.attributes["global"] or workspace in variable_set.many("workspaces"):
                found |= {_identity(each): each for each in variable_set.many("vars")}
        found |= {_identity(each): each for each in workspace.hidden.get("vars", [])}
        return whole(list(found.values()))

    @part.post("/vars")
    def create(id_: str) -> Answer:
        workspace = find(store, "workspaces", id_)
        own = workspace.hidden.setdefault("vars", [])
        own.append(made := new_variable(store, posted("vars").attributes, own))
        made.relationships["configurable"] = workspace
        return one(made, 201)

    @part.get("/vars/<variable>")
    def show(id_: str, variable: str) -> Answer:
        return one(among(find(store, "workspaces", id_).hidden.get("vars", []), variable))

    @part.patch("/vars/<variable>")
    def update(id_: str, variable: str) -> Answer:
        own = find(store, "workspaces", id_).hidden.get("vars", [])
        found = among(own, variable)
        change_variable(found, posted("vars").attributes, own)
        return one(found)

    @part.delete("/vars/<variable>")
    def delete(id_: str, variable: str) -> Answer:
        own = find(store, "workspaces", id_).hidden.get("vars", [])
        own.remove(among(own, variable))
        return answer(None, 204)

    return part


def new_variable(store: Store, wanted: Mapping[str, Any], others: Sequence[Record]) -> Record:
    """Make a variable that stands beside others."""
    given = {"value": "", "description": None, "hcl": False, "sensitive": False, **wanted}
    _check(given, others)
    names = ("key", "value", "description", "category", "hcl", "sensitive")
    made = store.add("vars", {name: given[name] for name in names} | {"created-at": now()})
    _seal(made)
    return made


def change_variable(found: Record, wanted: Mapping[str, Any], others: Sequence[Record]) -> None:
    """Change a variable; what was sensitive stays so."""
    changed = {k: v for k, v in wanted.items() if k in found.attributes}
    if found.attributes["sensitive"]:
        if changed.get("sensitive") is False:
            raise invalid("sensitive", "can't be changed from true to false")
        if "key" in changed and changed["key"] != found.attributes["key"]:
            raise invalid("key", "can't be changed on a sensitive variable")
    _check({**found.attributes, **changed}, [each for each in others if each is not found])
    found.attributes.update(changed)
    _seal(found)


def among(variables: Sequence[Record], id_: str) -> Record:
    """The variable with an id; 404 where there is none."""
    for each in variables:
        if each.id == id_:
            return each
    raise not_found()


def _check(given: Mapping[str, Any], others: Sequence[Record]) -> None:
    if not given.get("key"):
        raise invalid("key", "can't be blank")
    if given.get("category") not in CATEGORIES:
        raise invalid("category", "must be terraform or env")
    if any(_identity(each) == (given["category"], given["key"]) for each in others):
        raise invalid("key", "has already been taken")


def _seal(variable: Record) -> None:
    variable.attributes["version-id"] = new_id("v")
    value = variable.attributes["value"]
    if value is not None:
        variable.hidden["value"] = value
    if variable.attributes["sensitive"]:
        variable.attributes["value"] = None


def _identity(variable: Record) -> tuple[Any, Any]:
    return variable.attributes["category"], variable.attributes["key"]
