"""A double of a Kubernetes API: objects in memory behind HTTPS, and controllers that act on them.

Controllers act before each request, so that time passes with the calls and no test sleeps.
"""

import copy
import datetime as dt
import ipaddress
import itertools
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ekp.cluster.kinds import ACCESS_REVIEW, Kind

Json = dict[str, Any]
TOKEN = "k8s-aws-v1.example"
Place = tuple[Kind, str, str]


@dataclass
class Double:
    """What the API holds and how it answers. ``calls`` are all that change something."""

    url: str = ""
    authority: str = ""
    objects: dict[Place, Json] = field(default_factory=dict)
    installed: set[Kind] = field(default_factory=set)
    controllers: list[Callable[["Double"], None]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    status: int = 0
    failures: int = 0
    allowed: bool = True
    raw: bytes = b""
    page: int = 1000
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _uids: Iterator[int] = field(default_factory=itertools.count)

    def add(
        self,
        kind: Kind,
        name: str,
        *,
        namespace: str = "",
        finalizers: tuple[str, ...] = (),
        owner: tuple[Kind, Json] | None = None,
        metadata: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> Json:
        """Put an object there, and its kind; an object of the same name makes place."""
        self.installed.add(kind)
        body: Json = {
            "apiVersion": f"{kind.group}/{kind.version}" if kind.group else kind.version,
            "kind": kind.name,
            "metadata": {"name": name, "uid": f"uid-{next(self._uids)}", **(metadata or {})},
            **fields,
        }
        body["metadata"] |= {"namespace": namespace} if namespace else {}
        body["metadata"] |= {"finalizers": [*finalizers]} if finalizers else {}
        if owner is not None:
            above = owner[1]
            body["metadata"]["ownerReferences"] = [
                {
                    "apiVersion": above["apiVersion"],
                    "kind": above["kind"],
                    "name": above["metadata"]["name"],
                    "uid": above["metadata"]["uid"],
                    "controller": True,
                }
            ]
        self.objects[kind, namespace, name] = body
        return body

    def of(self, kind: Kind) -> list[Json]:
        return [body for (one, _, _), body in self.objects.items() if one == kind]

    def names(self, kind: Kind) -> list[str]:
        return [body["metadata"]["name"] for body in self.of(kind)]

    def free(self, kind: Kind, name: str = "") -> None:
        """Do what a controller does: take the finalizers off what is to be deleted."""
        for place, body in [*self.objects.items()]:
            named = place[2] == (name or place[2])
            if place[0] == kind and named and "deletionTimestamp" in body["metadata"]:
                del self.objects[place]

    def delete(self, place: Place) -> None:
        metadata = self.objects[place]["metadata"]
        if metadata.get("finalizers"):
            metadata["deletionTimestamp"] = "2026-11-21T10:00:00Z"
        else:
            del self.objects[place]

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Answer one request."""
        with self._lock:
            split = urlsplit(path)
            self.requests.append(f"{method} {split.path}")
            if self.failures:
                self.failures -= 1
                return 503, {"message": "the server is not ready"}
            if self.status:
                return self.status, {"message": "no"}
            if split.path == ACCESS_REVIEW.path():
                return 201, {**body, "status": {"allowed": self.allowed}}
            for controller in self.controllers:
                controller(self)
            if method != "GET":
                self.calls.append(f"{method} {split.path}")
            return self._answer(method, split.path, parse_qs(split.query), body)

    def _answer(
        self, method: str, path: str, query: Mapping[str, list[str]], body: Any
    ) -> tuple[int, Any]:
        for kind in self.installed:
            if path == kind.path():
                begin = int(query.get("continue", ["0"])[0])
                found = self.of(kind)
                end = begin + min(self.page, int(query["limit"][0]))
                following = {"continue": str(end)} if end < len(found) else {}
                return 200, {"metadata": following, "items": copy.deepcopy(found[begin:end])}
        places = {kind.path(space, name): (kind, space, name) for kind, space, name in self.objects}
        place = places.get(path)
        if place is None:
            return 404, {"message": "the server could not find the requested resource"}
        if method == "DELETE":
            if body["preconditions"]["uid"] != self.objects[place]["metadata"]["uid"]:
                return 409, {"message": "the UID in the precondition does not match"}
            self.delete(place)
            return 200, {}
        if method == "PATCH":
            merge(self.objects[place], body)
        return 200, copy.deepcopy(self.objects[place])


def merge(into: Json, change: Mapping[str, Any]) -> None:
    """Merge as RFC 7396 says."""
    for name, value in change.items():
        if value is None:
            into.pop(name, None)
        elif isinstance(value, dict):
            merge(into.setdefault(name, {}), value)
        else:
            into[name] = value


@contextmanager
def serving(folder: Path) -> Iterator[Double]:
    """A double that answers while the block runs."""
    double = Double(authority=certificate(folder))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: two would wait for each other

        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            if self.headers["Authorization"] == f"Bearer {TOKEN}":
                status, answer = double.answer(self.command, self.path, body)
            else:
                status, answer = 401, {"message": "Unauthorized"}
            payload = double.raw or json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Location", "/elsewhere")  # heeded with a redirect alone
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_PATCH = do_DELETE = handle_one  # noqa: N815 - the server's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is declared
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "api.pem", folder / "api.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    double.url = f"https://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def certificate(folder: Path) -> str:
    """Write a certificate for loopback that signs itself, and its key; the certificate in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubernetes")])
    now = dt.datetime.now(dt.UTC)
    loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([loopback]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "api.pem").write_bytes(pem)
    (folder / "api.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem.decode()
