"""Run triggers: a workspace runs after an apply in another one."""

import flask

from .documents import Answer, ApiError, answer, find, find_refs, invalid, one, page, posted
from .store import Record, Store, now

# https://developer.hashicorp.com/terraform/cloud-docs/workspaces/settings/run-triggers
MOST_SOURCES = 20


def triggers(store: Store) -> flask.Blueprint:
    """Serve run triggers."""
    part = flask.Blueprint("triggers", __name__, url_prefix="/api/v2")

    @part.get("/workspaces/<id_>/run-triggers")
    def list_triggers(id_: str) -> Answer:
        workspace = find(store, "workspaces", id_)
        end = {"inbound": "workspace", "outbound": "sourceable"}.get(
            flask.request.args.get("filter[run-trigger][type]", "")
        )
        if end is None:
            raise ApiError(
                400, "bad request", "filter[run-trigger][type] must be inbound or outbound"
            )
        return page([each for each in store.all("run-triggers") if each.one(end) is workspace])

    @part.post("/workspaces/<id_>/run-triggers")
    def create(id_: str) -> Answer:
        workspace = find(store, "workspaces", id_)
        named = posted("run-triggers").refs("sourceable")
        if not named:
            raise invalid("relationships/sourceable", "can't be blank")
        (source,) = find_refs(store, "workspaces", named[:1])
        sources = _sources(store, workspace)
        if source is workspace:
            raise invalid("relationships/sourceable", "can't be the workspace itself")
        if source in sources:
            raise invalid("relationships/sourceable", "has already been taken")
        if len(sources) >= MOST_SOURCES:
            raise invalid("relationships/sourceable", f"must be {MOST_SOURCES} at most")
        made = store.add(
            "run-triggers",
            {
                "workspace-name": workspace.attributes["name"],
                "sourceable-name": source.attributes["name"],
                "created-at": now(),
            },
            workspace=workspace,
            sourceable=source,
        )
        return one(made, 201)

    @part.get("/run-triggers/<id_>")
    def show(id_: str) -> Answer:
        return one(find(store, "run-triggers", id_))

    @part.delete("/run-triggers/<id_>")
    def delete(id_: str) -> Answer:
        store.remove(find(store, "run-triggers", id_))
        return answer(None, 204)

    return part


def _sources(store: Store, workspace: Record) -> list[Record | None]:
    return [
        each.one("sourceable")
        for each in store.all("run-triggers")
        if each.one("workspace") is workspace
    ]
