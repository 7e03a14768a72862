"""Serve HCP Terraform's API on loopback, from a thread of this process."""

import contextlib
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import RLock, Thread
from typing import Any

import flask
from werkzeug import serving
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from ekp.local.environment import LOOPBACK

from .documents import ApiError, not_found, refused
from .store import Store

View = Callable[..., Any]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
# Makes the part of the API that one module serves.
Part = Callable[[Store], flask.Blueprint]


@dataclass(frozen=True)
class Served:
    """A running API: where it listens, and what it knows."""

    address: str
    store: Store


def public(view: View) -> View:
    """Let a view answer without a token, as signed addresses of blobs do."""
    view.public = True  # type: ignore[attr-defined]
    return view


def create_app(store: Store, parts: Sequence[Part]) -> flask.Flask:
    """The API with the given parts; each one is a function from the store to a blueprint."""
    app = flask.Flask("hcp")
    for part in parts:
        app.register_blueprint(part(store))

    @app.before_request
    def let_in() -> flask.Response | None:
        view = app.view_functions.get(flask.request.endpoint or "")
        if getattr(view, "public", False) or _token() in store.tokens:
            return None
        return refused(ApiError(401, "unauthorized"))

    @app.errorhandler(ApiError)
    def refuse(error: ApiError) -> flask.Response:
        return refused(error)

    @app.errorhandler(HTTPException)
    def refuse_route(error: HTTPException) -> flask.Response:
        # HCP does not tell a wrong method from a wrong path.
        if isinstance(error, NotFound | MethodNotAllowed):
            return refused(not_found())
        return refused(ApiError(error.code or 500, error.name.lower()))

    app.wsgi_app = _one_at_a_time(app.wsgi_app, store.lock)  # type: ignore[method-assign, assignment]
    return app


@contextlib.contextmanager
def serve(app: flask.Flask, store: Store, *, port: int = 0) -> Iterator[Served]:
    """Serve until the block ends; port 0 takes a free one.

    The address is known to views as ``flask.request.host_url``.
    """
    with socket.create_server((LOOPBACK, port), backlog=64) as listener:
        server = serving.make_server(
            LOOPBACK,
            listener.getsockname()[1],
            app,
            threaded=True,
            request_handler=_Quiet,
            fd=listener.fileno(),
        )
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield Served(f"http://{LOOPBACK}:{listener.getsockname()[1]}", store)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _Quiet(serving.WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_: Any) -> None:
        """Say nothing: a line a request is noise, and addresses of blobs are secrets."""


def _token() -> str:
    scheme, _, token = flask.request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


def _one_at_a_time(app: Wsgi, lock: RLock) -> Wsgi:
    def answered(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        with lock:
            return app(environ, start)

    return answered
