"""Runs: a plan of an uploaded configuration, and its apply once somebody confirms it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import flask

from .configurations import CONFIGURATIONS
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
from .objects import address
from .queue import Queue
from .run_settings import ENDED, actions
from .server import Part
from .store import Record, Store
from .worker import Worker


def runs(worker: Callable[[], Worker]) -> Part:
    """The part of the API that serves runs, done by the worker of their time."""

    def part(store: Store) -> flask.Blueprint:
        return _serve(store, Queue(store, worker))

    return part


def _serve(store: Store, queue: Queue) -> flask.Blueprint:
    part = flask.Blueprint("runs", __name__, url_prefix="/api/v2")
    _made(part, store, queue)
    _listed(part, store)
    _decided(part, store, queue)
    _steps(part, store)
    return part


def _made(part: flask.Blueprint, store: Store, queue: Queue) -> None:
    @part.post("/runs")
    def create() -> Answer:
        wanted = posted("runs")
        workspaces = find_refs(store, "workspaces", wanted.refs("workspace") or [])
        if not workspaces:
            raise invalid("relationships/workspace", "can't be blank")
        if workspaces[0].attributes["execution-mode"] == "local":
            raise invalid("workspace", "has the execution mode local: it has no runs")
        named = find_refs(store, CONFIGURATIONS, wanted.refs("configuration-version") or [])
        configuration = named[0] if named else _latest(store, workspaces[0])
        return one(queue.add(workspaces[0], configuration, wanted.attributes), 201)

    @part.get("/runs/<id_>")
    def show(id_: str) -> Answer:
        run = find(store, "runs", id_)
        asked = flask.request.args.get("include", "").split(",")
        found = [run.one(name.replace("_", "-")) for name in asked if name]
        return one(run, included=[each for each in found if each is not None])


def _listed(part: flask.Blueprint, store: Store) -> None:
    @part.get("/workspaces/<id_>/runs")
    def list_runs(id_: str) -> Answer:
        return page(_of(store, find(store, "workspaces", id_)))

    @part.get("/organizations/<organization>/runs/queue")
    def list_queue(organization: str) -> Answer:
        owner = find(store, "organizations", organization)
        waiting = [each for each in store.all("runs") if each.attributes["status"] not in ENDED]
        return page(
            [
                each
                for each in waiting
                if (workspace := each.one("workspace")) and workspace.one("organization") is owner
            ]
        )

    @part.get("/organizations/<organization>/capacity")
    def show_capacity(organization: str) -> Answer:
        find(store, "organizations", organization)
        return one(Record("organization-capacity", organization, {"pending": 0, "running": 0}))

    @part.get("/runs/<id_>/run-events")
    @part.get("/runs/<id_>/policy-checks", endpoint="policy_checks")
    @part.get("/runs/<id_>/task-stages", endpoint="task_stages")
    def list_nothing(id_: str) -> Answer:
        find(store, "runs", id_)
        return page([])


def _decided(part: flask.Blueprint, store: Store, queue: Queue) -> None:
    @part.post("/runs/<id_>/actions/apply")
    def confirm(id_: str) -> Answer:
        run = find(store, "runs", id_)
        if not run.attributes["actions"]["is-confirmable"]:
            raise conflict("transition not allowed")
        queue.confirm(run)
        return answer(None, 202)

    @part.post("/runs/<id_>/actions/discard", endpoint="discard")
    @part.post("/runs/<id_>/actions/cancel", endpoint="cancel")
    def end(id_: str) -> Answer:
        run = find(store, "runs", id_)
        if not any(actions(run.attributes["status"]).values()):
            raise conflict("transition not allowed")
        queue.drop(run, "discarded" if flask.request.path.endswith("discard") else "canceled")
        return answer(None, 202)


def _steps(part: flask.Blueprint, store: Store) -> None:
    @part.get("/plans/<id_>")
    def show_plan(id_: str) -> Answer:
        return _logged(find(store, "plans", id_))

    @part.get("/applies/<id_>")
    def show_apply(id_: str) -> Answer:
        return _logged(find(store, "applies", id_))

    @part.get("/plans/<id_>/json-output")
    def show_json(id_: str) -> Answer:
        return flask.jsonify(_described(find(store, "plans", id_)))

    @part.get("/plans/<id_>/json-output-redacted")
    def show_redacted(id_: str) -> Answer:
        plan = find(store, "plans", id_)
        return flask.jsonify(_drawn(_described(plan), plan.hidden["schemas"]))


def _logged(step: Record) -> Answer:
    step.attributes["log-read-url"] = address(step.hidden["log"])
    return one(step)


def _described(plan: Record) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = plan.hidden.get("json")
    if found is None:
        raise not_found()
    return found


def _drawn(described: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """A plan in the form that Terraform draws for a person: with the schemas beside it."""
    kept = ("output_changes", "resource_changes", "resource_drift", "relevant_attributes")
    return {
        **{name: described[name] for name in kept if name in described},
        "plan_format_version": described["format_version"],
        "provider_format_version": schemas["format_version"],
        "provider_schemas": schemas.get("provider_schemas", {}),
    }


def _of(store: Store, workspace: Record) -> Sequence[Record]:
    """The runs of a workspace, latest first."""
    return [run for run in store.all("runs") if run.one("workspace") is workspace][::-1]


def _latest(store: Store, workspace: Record) -> Record:
    uploaded = [
        each
        for each in store.all(CONFIGURATIONS)
        if each.one("workspace") is workspace
        and each.attributes["status"] == "uploaded"
        and not each.attributes["speculative"]
    ]
    if not uploaded:
        raise invalid("configuration-version", "can't be blank")
    return uploaded[-1]
