"""Lets one call at a time into moto.

moto keeps its state in dictionaries that one call reads item by item while another adds to them:
two roles made at the same moment end in "dictionary changed size during iteration". Python runs
one thread at a time anyway, so waiting for a turn costs nothing.
"""

import io
from collections.abc import Iterable
from threading import Lock

from werkzeug.test import run_wsgi_app

from .protocol import Environ, StartResponse, WsgiApplication


def in_turns(application: WsgiApplication) -> WsgiApplication:
    """Put a queue in front of an application that only one thread may be in."""
    turn = Lock()

    def waiting(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        # Read before the turn comes: a slow client must hold nobody up.
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length:
            environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(length))
        with turn:
            body, status, headers = run_wsgi_app(application, environ, buffered=True)
        start_response(status, list(headers))
        return body

    return waiting
