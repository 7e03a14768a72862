"""State versions: what Terraform writes at the end of an apply, and reads before the next."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import flask

from .documents import Answer, ApiError, conflict, find, not_found, one, page, posted, whole
from .objects import add_object, address
from .store import Record, Store, now

STATES = "state-versions"
OUTPUTS = "state-version-outputs"
# Terraform then stores its state during an apply too, as it does in S3: seconds between two.
SNAPSHOTS = {"X-Terraform-Snapshot-Interval": "20"}


def states(store: Store) -> flask.Blueprint:
    """Serve the state versions of workspaces, with their outputs."""
    part = flask.Blueprint("states", __name__, url_prefix="/api/v2")

    @part.after_request
    def ask_for_snapshots(response: Answer) -> Answer:
        response.headers.update(SNAPSHOTS)
        return response

    @part.post("/workspaces/<id_>/state-versions")
    def create(id_: str) -> Answer:
        workspace = find(store, "workspaces", id_)
        return _shown(_create(store, workspace, posted(STATES).attributes), 201)

    @part.get("/workspaces/<id_>/current-state-version")
    def show_current(id_: str) -> Answer:
        return _shown(_current(store, id_))

    @part.get("/workspaces/<id_>/current-state-version-outputs")
    def list_current_outputs(id_: str) -> Answer:
        return whole(_unhidden(_current(store, id_)))

    @part.get("/state-versions")
    def list_versions() -> Answer:
        name = flask.request.args.get("filter[workspace][name]")
        organization = flask.request.args.get("filter[organization][name]")
        return page(
            [
                each
                for each in reversed(tuple(store.all(STATES)))
                if (workspace := each.one("workspace")) is not None
                and workspace.attributes["name"] == name
                and (owner := workspace.one("organization")) is not None
                and owner.attributes["name"] == organization
            ]
        )

    @part.get("/state-versions/<id_>")
    def show(id_: str) -> Answer:
        return _shown(find(store, STATES, id_))

    @part.get("/state-versions/<id_>/outputs")
    def list_outputs(id_: str) -> Answer:
        return page(_unhidden(find(store, STATES, id_)))

    @part.get("/state-version-outputs/<id_>")
    def show_output(id_: str) -> Answer:
        return one(find(store, OUTPUTS, id_))

    return part


def _create(store: Store, workspace: Record, wanted: Mapping[str, Any]) -> Record:
    if not workspace.attributes["locked"]:
        raise conflict("Workspace must be locked to create a state version.")
    serial, lineage = int(wanted["serial"]), wanted.get("lineage")
    before = workspace.one("current-state-version")
    if before is not None and not wanted.get("force"):
        if lineage and lineage != before.attributes["lineage"]:
            raise conflict("Lineage does not match the current state's.")
        if serial <= before.attributes["serial"]:
            raise conflict("Serial must be higher than the current state's.")
    made = store.add(
        STATES,
        {
            "created-at": now(),
            "lineage": lineage,
            "md5": wanted.get("md5"),
            "resources-processed": True,
            "serial": serial,
            "size": 0,
            "state-version": 4,
            "status": "pending",
        },
        workspace=workspace,
        outputs=[],
    )
    made.hidden["json"] = add_object(store)
    made.hidden["state"] = add_object(
        store, uploaded=lambda body: _finalize(store, workspace, made, body)
    )
    if wanted.get("state"):
        body = base64.b64decode(wanted["state"])
        made.hidden["state"].hidden["body"] = body
        _finalize(store, workspace, made, body)
    return made


def _finalize(store: Store, workspace: Record, made: Record, body: bytes) -> None:
    """The state is here: it is the workspace's own from now on."""
    try:
        state = json.loads(body)
    except ValueError as error:
        raise ApiError(422, "invalid attribute", f"State is not JSON: {error}") from error
    made.attributes.update(
        {
            "size": len(body),
            "status": "finalized",
            "terraform-version": state.get("terraform_version"),
        }
    )
    made.relationships["outputs"] = [
        store.add(
            OUTPUTS,
            {
                "name": name,
                "sensitive": bool(output.get("sensitive")),
                "type": _kind(output.get("type")),
                "detailed-type": output.get("type"),
                "value": output.get("value"),
            },
        )
        for name, output in (state.get("outputs") or {}).items()
    ]
    workspace.relationships["current-state-version"] = made


def _shown(version: Record, status: int = 200) -> Answer:
    # Addresses are made for who asks: the same server may be reached by more than one.
    version.attributes.update(
        {
            "hosted-state-download-url": address(version.hidden["state"]),
            "hosted-state-upload-url": address(version.hidden["state"]),
            "hosted-json-state-download-url": address(version.hidden["json"]),
            "hosted-json-state-upload-url": address(version.hidden["json"]),
        }
    )
    included = _unhidden(version) if "outputs" in flask.request.args.get("include", "") else ()
    return one(version, status, included=included)


def _current(store: Store, workspace: str) -> Record:
    found = find(store, "workspaces", workspace).one("current-state-version")
    if found is None:
        raise not_found()
    return found


def _unhidden(version: Record) -> list[Record]:
    """The outputs as a list shows them: a sensitive value is told to who asks for it alone."""
    return [
        Record(each.type, each.id, {**each.attributes, "value": None})
        if each.attributes["sensitive"]
        else each
        for each in version.many("outputs")
    ]


def _kind(type_: object) -> str:
    name = type_[0] if isinstance(type_, list) else type_
    return {
        "tuple": "array",
        "list": "array",
        "set": "array",
        "map": "object",
        "bool": "boolean",
    }.get(str(name), str(name))
