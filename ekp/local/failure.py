"""Errors in the shape of each AWS protocol."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from xml.sax.saxutils import escape

from .protocol import Call, Environ, StartResponse

REQUEST_ID = "00000000-0000-0000-0000-000000000000"
CBOR_TEXT, CBOR_MAP = 0x60, 0xA0
CBOR_TWO_BYTE_LENGTH = 25


@dataclass(frozen=True)
class Failure:
    """One error answer."""

    call: Call
    status: int
    code: str
    message: str

    def headers(self) -> dict[str, str]:
        """Give the headers; JSON clients take the code from one of them."""
        kinds = {
            "json": "application/x-amz-json-1.1",
            "rest-json": "application/json",
            "cbor": "application/cbor",
        }
        headers = {
            "Content-Type": kinds.get(self.call.protocol, "application/xml"),
            "x-amzn-RequestId": REQUEST_ID,
        }
        if self.call.protocol in kinds:
            headers["x-amzn-ErrorType"] = self.code
        if self.call.protocol == "cbor":
            headers["smithy-protocol"] = "rpc-v2-cbor"
        return headers

    def body(self) -> bytes:
        """Give the body that the protocol's clients read."""
        protocol = self.call.protocol
        if protocol in ("json", "rest-json"):
            return json.dumps({"__type": self.code, "message": self.message}).encode()
        if protocol == "cbor":
            pairs = (("__type", self.code), ("message", self.message))
            return bytes([CBOR_MAP + len(pairs)]) + b"".join(
                _cbor_text(word) for pair in pairs for word in pair
            )
        error = f"<Code>{escape(self.code)}</Code><Message>{escape(self.message)}</Message>"
        if protocol == "ec2":
            inner = f"<Errors><Error>{error}</Error></Errors><RequestID>{REQUEST_ID}</RequestID>"
            return _xml(f"<Response>{inner}</Response>")
        if self.call.service == "s3":
            return _xml(f"<Error>{error}<RequestId>{REQUEST_ID}</RequestId></Error>")
        inner = f"<Error><Type>Sender</Type>{error}</Error><RequestId>{REQUEST_ID}</RequestId>"
        return _xml(f"<ErrorResponse>{inner}</ErrorResponse>")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a WSGI request."""
        body = self.body()
        headers = {**self.headers(), "Content-Length": str(len(body))}
        phrase = HTTPStatus(self.status).phrase if self.status in set(HTTPStatus) else "Error"
        start_response(f"{self.status} {phrase}", list(headers.items()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _xml(element: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{element}'.encode()


def _cbor_text(text: str) -> bytes:
    encoded = text.encode()
    return bytes([CBOR_TEXT + CBOR_TWO_BYTE_LENGTH]) + len(encoded).to_bytes(2, "big") + encoded
