"""Which operation of which AWS service a request means, in which protocol."""

import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from botocore.exceptions import UnknownServiceError
from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApplication = Callable[[Environ, StartResponse], Iterable[bytes]]

FORM_KEY = "ekp.form"
FORM = "application/x-www-form-urlencoded"
CREDENTIAL = re.compile(r"Credential=[^/]+/\d+/[^/]*/([^/]+)/aws4_request")
RPC_PATH = re.compile(r"/service/[^/]+/operation/([^/]+)")
# Signing names that are not the names of botocore's service models.
MODELS_BY_SIGNING_NAME = {
    "aidevops": ("devops-agent",),
    "aps": ("amp",),
    "bedrock": ("bedrock", "bedrock-agent", "bedrock-runtime"),
    "elasticfilesystem": ("efs",),
    "elasticloadbalancing": ("elbv2", "elb"),
    "elasticmapreduce": ("emr",),
    "monitoring": ("cloudwatch",),
    "ses": ("sesv2", "ses"),
    "states": ("stepfunctions",),
    "tagging": ("resourcegroupstaggingapi",),
}


@dataclass(frozen=True)
class Call:
    """One request to AWS."""

    service: str
    operation: str
    protocol: str

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}"


def identify(environ: Environ) -> Call:
    """Find out what a request asks for; its body stays readable."""
    service = signing_name(environ)
    action = _action(environ)
    for name in _models(service, environ):
        try:
            protocol = str(get_service_model(name).metadata["protocol"])
        except UnknownServiceError:
            continue
        operation = action or _operation_of_route(name, environ)
        if operation:
            return Call(service, operation, _spoken(environ, protocol))
    route = f"{environ['REQUEST_METHOD']} {environ.get('PATH_INFO', '/')}"
    return Call(service, action or route, _spoken(environ, _model_protocol(service, environ)))


def signing_name(environ: Environ) -> str:
    """Give the service that a request was signed for."""
    match = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    if match:
        return match[1].lower()
    # Only S3 and STS take requests that are not signed.
    return "sts" if _action(environ) else "s3"


def _models(service: str, environ: Environ) -> tuple[str, ...]:
    if service == "s3" and environ.get("PATH_INFO", "").startswith("/v20180820/"):
        # S3 itself would take the date of the API's version for a bucket.
        return ("s3control",)
    return MODELS_BY_SIGNING_NAME.get(service, (service,))


def _model_protocol(service: str, environ: Environ) -> str:
    for name in _models(service, environ):
        try:
            return str(get_service_model(name).metadata["protocol"])
        except UnknownServiceError:
            continue
    return "rest-json"


def _spoken(environ: Environ, protocol: str) -> str:
    """Tell the protocol of the request itself: newer SDKs speak others than botocore's model."""
    if environ.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor":
        return "cbor"
    if environ.get("HTTP_X_AMZ_TARGET"):
        return "json"
    if protocol in ("json", "rest-json") and environ.get("CONTENT_TYPE", "").startswith(FORM):
        return "query"
    return protocol


def _action(environ: Environ) -> str:
    target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
    rpc = RPC_PATH.fullmatch(environ.get("PATH_INFO", ""))
    if target or rpc:
        return str(rpc[1]) if rpc else target.rpartition(".")[2]
    query = parse_qs(environ.get("QUERY_STRING", ""))
    query |= parse_qs(keep_form(environ).decode("utf-8", "replace"))
    return str(query.get("Action", [""])[0])


def keep_form(environ: Environ) -> bytes:
    """Read a form and keep it: its action is asked for again after moto has read the body."""
    if not environ.get("CONTENT_TYPE", "").startswith(FORM):
        return b""
    if FORM_KEY not in environ:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        environ[FORM_KEY] = environ["wsgi.input"].read(length) if length else b""
        environ["wsgi.input"] = io.BytesIO(environ[FORM_KEY])
    return bytes(environ[FORM_KEY])


def _operation_of_route(service: str, environ: Environ) -> str:
    try:
        operation, _ = get_service_router(service).match(Request(dict(environ)))
    except (NotFound, NotImplementedError):
        return ""
    return str(operation.name)
