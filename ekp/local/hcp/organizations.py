"""Organisations and projects."""

import re

import flask

from .documents import Answer, answer, find, invalid, not_found, one, page, posted
from .server import public
from .store import Record, Store, now

PROJECT_NAME = re.compile(r"[\w \-]{3,40}")
DEFAULT_PROJECT = "Default Project"
# Terraform asks for these before it uses an organisation.
ENTITLEMENTS = {
    "agents": True,
    "operations": True,
    "private-module-registry": True,
    "run-tasks": True,
    "state-storage": True,
    "teams": True,
    "vcs-integrations": True,
}


def add_organization(store: Store, name: str) -> Record:
    """Make an organisation, with the project that each one has."""
    organization = store.add("organizations", {"name": name, "created-at": now()}, id_=name)
    organization.attributes["external-id"] = f"org-{name}"
    default = add_project(store, organization, DEFAULT_PROJECT)
    organization.relationships["default-project"] = default
    return organization


def add_project(store: Store, organization: Record, name: str, description: str = "") -> Record:
    """Make a project."""
    attributes = {"name": name, "description": description, "created-at": now()}
    return store.add("projects", attributes, organization=organization)


def organizations(store: Store) -> flask.Blueprint:
    """Serve organisations and projects."""
    part = flask.Blueprint("organizations", __name__, url_prefix="/api/v2")
    _organizations(part, store)
    _projects(part, store)
    return part


def _organizations(part: flask.Blueprint, store: Store) -> None:
    @part.get("/ping")
    @public
    def ping() -> Answer:
        response = answer(None, 204)
        response.headers["TFP-API-Version"] = "2.6"
        response.headers["TFP-AppName"] = "HCP Terraform"
        return response

    @part.get("/organizations")
    def list_organizations() -> Answer:
        return page(list(store.all("organizations")))

    @part.get("/organizations/<organization>")
    def show_organization(organization: str) -> Answer:
        return one(find(store, "organizations", organization))

    @part.get("/organizations/<organization>/entitlement-set")
    def show_entitlements(organization: str) -> Answer:
        found = find(store, "organizations", organization)
        return one(Record("entitlement-sets", found.attributes["external-id"], dict(ENTITLEMENTS)))


def _projects(part: flask.Blueprint, store: Store) -> None:
    @part.get("/organizations/<organization>/projects")
    def list_projects(organization: str) -> Answer:
        found = _projects_of(store, find(store, "organizations", organization))
        names = flask.request.args.get("filter[names]", "")
        if names:
            found = [project for project in found if project.attributes["name"] in names.split(",")]
        word = flask.request.args.get("q", "").lower()
        return page([each for each in found if word in each.attributes["name"].lower()])

    @part.post("/organizations/<organization>/projects")
    def create_project(organization: str) -> Answer:
        owner = find(store, "organizations", organization)
        wanted = posted("projects").attributes
        name = _project_name(store, owner, wanted.get("name"), None)
        return one(add_project(store, owner, name, wanted.get("description") or ""), 201)

    @part.get("/projects/<id_>")
    def show_project(id_: str) -> Answer:
        return one(find(store, "projects", id_))

    @part.patch("/projects/<id_>")
    def update_project(id_: str) -> Answer:
        project = find(store, "projects", id_)
        wanted = dict(posted("projects").attributes)
        owner = project.one("organization")
        if owner is None:
            raise not_found()
        if "name" in wanted:
            _project_name(store, owner, wanted["name"], project)
        project.attributes.update({k: wanted[k] for k in ("name", "description") if k in wanted})
        return one(project)


def _projects_of(store: Store, organization: Record) -> list[Record]:
    return [each for each in store.all("projects") if each.one("organization") is organization]


def _project_name(store: Store, organization: Record, name: object, own: Record | None) -> str:
    if not isinstance(name, str) or not PROJECT_NAME.fullmatch(name):
        raise invalid("name", "must be 3 to 40 letters, numbers, spaces, hyphens or underscores")
    for other in _projects_of(store, organization):
        if other is not own and other.attributes["name"].lower() == name.lower():
            raise invalid("name", "has already been taken")
    return name
