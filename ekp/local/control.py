"""The paths of the local AWS that are its own: who it is, and which faults are planned."""

import json
import os
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from . import layout
from .faults import Faults
from .protocol import Environ, StartResponse, WsgiApplication


def with_control(application: WsgiApplication, instance: str, faults: Faults) -> WsgiApplication:
    """Add the local AWS's own paths to an application."""

    def controlled(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(layout.PREFIX):
            return application(environ, start_response)
        status, answer = _answer(environ, instance, faults)
        body = json.dumps(answer).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(f"{status.value} {status.phrase}", headers)
        return [body]

    return controlled


def _answer(environ: Environ, instance: str, faults: Faults) -> tuple[HTTPStatus, Any]:
    match environ["REQUEST_METHOD"], environ["PATH_INFO"]:
        case "GET", layout.IDENTITY_PATH:
            return HTTPStatus.OK, {"instance": instance, "pid": os.getpid()}
        case "GET", layout.FAULTS_PATH:
            return HTTPStatus.OK, faults.left()
        case "DELETE", layout.FAULTS_PATH:
            faults.clear()
            return HTTPStatus.OK, []
        case "POST", layout.FAULTS_PATH:
            length = int(environ.get("CONTENT_LENGTH") or 0)
            try:
                faults.add(json.loads(environ["wsgi.input"].read(length)))
            except (TypeError, ValueError) as error:
                return HTTPStatus.BAD_REQUEST, {"message": f"not a list of faults: {error}"}
            return HTTPStatus.OK, faults.left()
    return HTTPStatus.NOT_FOUND, {"message": f"there is no {environ['PATH_INFO']}"}
