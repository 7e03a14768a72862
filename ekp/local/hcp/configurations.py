"""Configuration versions: the archives of a stack's folder that Terraform uploads for a run."""

import flask

from .documents import Answer, answer, find, one, page, posted
from .objects import add_object, address
from .store import Record, Store, now

CONFIGURATIONS = "configuration-versions"


def configurations(store: Store) -> flask.Blueprint:
    """Serve configuration versions."""
    part = flask.Blueprint("configurations", __name__, url_prefix="/api/v2")

    @part.post("/workspaces/<id_>/configuration-versions")
    def create(id_: str) -> Answer:
        workspace = find(store, "workspaces", id_)
        wanted = posted(CONFIGURATIONS).attributes
        made = store.add(
            CONFIGURATIONS,
            {
                "auto-queue-runs": wanted.get("auto-queue-runs", True),
                "created-at": now(),
                "error": None,
                "provisional": wanted.get("provisional", False),
                "source": "tfe-api",
                "speculative": wanted.get("speculative", False),
                "status": "pending",
            },
            workspace=workspace,
        )
        archive = add_object(store, uploaded=lambda _: made.attributes.update(status="uploaded"))
        made.hidden["archive"] = archive
        # Shown once: whoever has the address can put another configuration there.
        shown = Record(
            made.type,
            made.id,
            {**made.attributes, "upload-url": address(archive)},
            made.relationships,
        )
        return one(shown, 201)

    @part.get("/workspaces/<id_>/configuration-versions")
    def list_configurations(id_: str) -> Answer:
        workspace = find(store, "workspaces", id_)
        found = [one for one in store.all(CONFIGURATIONS) if one.one("workspace") is workspace]
        return page(found[::-1])

    @part.get("/configuration-versions/<id_>")
    def show(id_: str) -> Answer:
        return one(find(store, CONFIGURATIONS, id_))

    @part.get("/configuration-versions/<id_>/download")
    def download(id_: str) -> Answer:
        archive: Record = find(store, CONFIGURATIONS, id_).hidden["archive"]
        response = answer(None, 302)
        response.headers["Location"] = address(archive)
        return response

    return part
