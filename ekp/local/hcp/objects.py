"""What is kept as bytes (states, archives, logs), behind addresses that nobody can guess."""

import secrets
from collections.abc import Callable

import flask

from .documents import Answer, answer, find
from .server import public
from .store import Record, Store

OBJECTS = "objects"
PATH = "archivist/v1/object"


def objects(store: Store) -> flask.Blueprint:
    """Serve objects to whoever knows their address, as HCP's own store does."""
    part = flask.Blueprint("objects", __name__, url_prefix=f"/{PATH}")

    @part.get("/<id_>")
    @public
    def download(id_: str) -> Answer:
        body: bytes = find(store, OBJECTS, id_).hidden["body"]
        # A log is read from where the reader is.
        start = flask.request.args.get("offset", 0, type=int)
        length = flask.request.args.get("limit", len(body), type=int)
        part_of_it = body[start : start + length]
        return flask.Response(part_of_it, mimetype="application/octet-stream")

    @part.put("/<id_>")
    @public
    def upload(id_: str) -> Answer:
        found = find(store, OBJECTS, id_)
        found.hidden["body"] = flask.request.get_data()
        found.hidden["uploaded"](found.hidden["body"])
        return answer(None, 200)

    return part


def add_object(
    store: Store, body: bytes = b"", uploaded: Callable[[bytes], object] = lambda _: None
) -> Record:
    """Make an object; ``uploaded`` is told what is put in it."""
    made = store.add(OBJECTS, {}, id_=secrets.token_urlsafe(32))
    made.hidden.update(body=body, uploaded=uploaded)
    return made


def address(of: Record) -> str:
    """Where an object is read and written, for the client of this request."""
    return f"{flask.request.url_root}{PATH}/{of.id}"
