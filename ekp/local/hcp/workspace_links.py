"""What hangs on a workspace: tags, tag bindings, and who may read its state."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import flask

from .documents import Answer, answer, find, find_refs, invalid, page, posted_data, whole
from .store import Record, Store, new_id

MOST_BINDINGS = 10
TAGGED = re.compile(r"filter\[tagged\]\[(\d+)\]\[key\]")


def workspace_links(store: Store) -> flask.Blueprint:
    """Serve a workspace's tags, tag bindings and remote-state consumers."""
    part = flask.Blueprint("workspace_links", __name__, url_prefix="/api/v2/workspaces/<id_>")
    _consumers(part, store)
    _tags(part, store)
    return part


def _consumers(part: flask.Blueprint, store: Store) -> None:
    @part.get("/relationships/remote-state-consumers")
    def list_consumers(id_: str) -> Answer:
        return page(find(store, "workspaces", id_).many("remote-state-consumers"))

    @part.route("/relationships/remote-state-consumers", methods=["POST", "PATCH", "DELETE"])
    def change_consumers(id_: str) -> Answer:
        workspace = find(store, "workspaces", id_)
        if workspace.attributes["global-remote-state"]:
            raise invalid("global-remote-state", "must be off to name remote state consumers")
        named = find_refs(store, "workspaces", posted_data() or [])
        consumers = workspace.many("remote-state-consumers")
        if flask.request.method != "POST":
            dropped = consumers if flask.request.method == "PATCH" else named
            consumers[:] = [each for each in consumers if each not in dropped]
        if flask.request.method != "DELETE":
            consumers += [each for each in named if each not in consumers]
        return answer(None, 204)


def _tags(part: flask.Blueprint, store: Store) -> None:
    @part.get("/tag-bindings", endpoint="tag_bindings")
    @part.get("/effective-tag-bindings", endpoint="effective_tag_bindings")
    def list_bindings(id_: str) -> Answer:
        return whole(find(store, "workspaces", id_).many("tag-bindings"))

    @part.patch("/tag-bindings")
    def add_bindings(id_: str) -> Answer:
        workspace = find(store, "workspaces", id_)
        set_tag_bindings(workspace, posted_data() or [])
        return whole(workspace.many("tag-bindings"))

    @part.get("/relationships/tags")
    def list_tags(id_: str) -> Answer:
        names = find(store, "workspaces", id_).attributes["tag-names"]
        return page([Record("tags", f"tag-{name}", {"name": name}) for name in names])

    @part.route("/relationships/tags", methods=["POST", "DELETE"])
    def change_tags(id_: str) -> Answer:
        names = find(store, "workspaces", id_).attributes["tag-names"]
        wanted = [str(each["attributes"]["name"]).lower() for each in posted_data() or []]
        if flask.request.method == "DELETE":
            names[:] = [name for name in names if name not in wanted]
        else:
            names += [name for name in wanted if name not in names]
        return answer(None, 204)


def set_tag_bindings(workspace: Record, wanted: Sequence[Mapping[str, Any]]) -> None:
    """Add bindings, or give those that are there a new value; none is taken away."""
    bindings = {str(each.attributes["key"]): each for each in workspace.many("tag-bindings")}
    for each in wanted:
        attributes = each.get("attributes") or {}
        key = attributes.get("key")
        if not isinstance(key, str) or not key:
            raise invalid("key", "can't be blank")
        value = attributes.get("value") or ""
        made = Record("tag-bindings", new_id("tb"), {"key": key, "value": value})
        bindings[key] = made
    if len(bindings) > MOST_BINDINGS:
        raise invalid("tag-bindings", f"must be {MOST_BINDINGS} at most")
    workspace.many("tag-bindings")[:] = bindings.values()


def has_bindings(workspace: Record, arguments: Mapping[str, str]) -> bool:
    """Whether a workspace has the tag bindings that a list's filter asks for."""
    bound = {
        str(each.attributes["key"]): each.attributes["value"]
        for each in workspace.many("tag-bindings")
    }
    for argument, key in arguments.items():
        match = TAGGED.fullmatch(argument)
        if match is None:
            continue
        value = arguments.get(f"filter[tagged][{match[1]}][value]")
        if key not in bound or (value is not None and bound[key] != value):
            return False
    return True
