"""What a CloudFront function does with a request: the one kind of code that is understood here.

Source: CloudFront developer guide, "CloudFront Functions event structure": ``event.viewer.ip`` is
the address of who opened the connection; names of headers are in small letters.
"""

import re

from ekp.configured.reading import Resource
from ekp.evaluate.request import Request, Unsupported

from .headers import with_headers

_WRITES = re.compile(
    r"""request\.headers\[(?P<quote>['"])(?P<name>[a-z0-9-]+)(?P=quote)\] = """
    r"\{ ?value: event\.viewer\.ip ?\};"
)
_FRAME = (
    "function handler(event) {",
    "var request = event.request;",
    "return request;",
    "}",
)


def address_headers(function: Resource) -> tuple[str, ...]:
    """Return the headers that a function writes the viewer's address to.

    Raises:
        Unsupported: it does something else.
    """
    lines = [line.strip() for line in str(function.body.get("code")).splitlines() if line.strip()]
    written = [found["name"] for line in lines if (found := _WRITES.fullmatch(line))]
    frame = [line for line in lines if not _WRITES.fullmatch(line)]
    if tuple(frame) != _FRAME:
        raise Unsupported(
            function.path,
            "code",
            "only a function that writes event.viewer.ip to headers is understood",
        )
    return tuple(written)


def applied(function: Resource, request: Request, address: str) -> Request:
    """Return a request as a function of the event ``viewer-request`` leaves it."""
    return with_headers(request, dict.fromkeys(address_headers(function), address))
