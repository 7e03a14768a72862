"""Answers at once, by name, for APIs that the local AWS does not have."""

import logging
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

import flask
from flask.typing import ResponseReturnValue
from moto.core.responses import BaseResponse
from werkzeug.exceptions import HTTPException

from .failure import Failure
from .protocol import (
    Environ,
    StartResponse,
    WsgiApplication,
    identify,
    keep_form,
    signing_name,
)

# AWS SDKs retry 500, 502, 503 and 504, for minutes; never 501.
STATUS = 501
NOT_IMPLEMENTED = "LocalAwsNotImplemented"
BROKEN = "LocalAwsInternalError"
# moto takes these requests for operations on the bucket itself.
S3_SUBRESOURCES = frozenset(
    (
        "analytics",
        "intelligent-tiering",
        "metadataConfiguration",
        "metadataTable",
        "metrics",
        "select",
        "session",
        "torrent",
    )
)

log = logging.getLogger(__name__)


def not_implemented(environ: Environ, detail: str = "") -> Failure:
    """Say that the local AWS lacks an operation."""
    call = identify(environ)
    log.warning("not implemented: %s %s", call, detail)
    message = f"The local AWS does not implement {call}."
    return Failure(call, STATUS, NOT_IMPLEMENTED, f"{message} {detail}".strip())


def broken(environ: Environ, error: BaseException) -> Failure:
    """Say that the local AWS failed inside an operation; its log holds the trace."""
    call = identify(environ)
    log.error("failed: %s", call, exc_info=error)
    message = f"The local AWS failed in {call}: {type(error).__name__}: {error}. See server.log."
    return Failure(call, STATUS, BROKEN, message)


def answer_errors(app: flask.Flask) -> None:
    """Make one service of moto answer in its protocol where it would send a page of HTML."""

    def answer(error: Exception) -> ResponseReturnValue:
        environ: dict[str, Any] = flask.request.environ
        if flask.request.routing_exception is not None:
            failure = not_implemented(environ)
        elif isinstance(error, NotImplementedError):
            failure = not_implemented(environ, str(error))
        elif isinstance(error, HTTPException):
            return error
        else:
            failure = broken(environ, error)
        return failure.body(), failure.status, failure.headers()

    app.register_error_handler(Exception, answer)


def raise_for_unmatched_operations() -> None:
    """Make moto say so where no operation matches: it sends an empty 404, which SDKs misread."""
    original = BaseResponse.call_action

    def call_action(self: BaseResponse) -> Any:
        answer = original(self)
        if answer[0] == 404 and answer[2] == "" and not self._get_action():  # noqa: PLR2004 - as moto writes it
            raise NotImplementedError
        return answer

    BaseResponse.call_action = call_action  # type: ignore[method-assign] # no other hook in moto


def refuse_unknown(application: WsgiApplication) -> WsgiApplication:
    """Wrap moto: services and S3 sub-resources that it lacks are refused by name."""

    def refusing(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        keep_form(environ)
        if (
            S3_SUBRESOURCES.intersection(
                parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
            )
            and signing_name(environ) == "s3"
        ):
            return not_implemented(environ)(environ, start_response)
        try:
            return application(environ, start_response)
        except Exception as error:  # noqa: BLE001 - moto fails in many ways for a service it lacks
            return not_implemented(environ, f"({type(error).__name__})")(environ, start_response)

    return refusing
