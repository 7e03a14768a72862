"""A Kubernetes API on loopback that knows what Rancher does to its kinds, and Rancher's host."""

import base64
import json
import os
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

POD_TOKEN = "the-pod-s-own-token"
CLUSTERS = "apis/provisioning.cattle.io/v1/namespaces/fleet-default/clusters"
MANAGEMENT = "apis/management.cattle.io/v3"
# What it keeps is a file in the folder WORLD; a secret's name is the end of its ARN.
AWS = r"""#!/bin/sh
printf '%s\n' "aws $*" >>"$WORLD/calls"
action=$2
while [ $# -gt 0 ]; do
    case $1 in
    --secret-id) id=${2##*:} ;;
    --query) query=$2 ;;
    --client-request-token) version=$2 ;;
    --secret-string) value=${2#file://} ;;
    esac
    shift
done
[ ! -e "$WORLD/deny.$id" ] || { echo "AccessDeniedException" >&2; exit 254; }
case $action in
describe-secret)
    stored=$(cat "$WORLD/version.$id" 2>/dev/null || echo none)
    case $query in *"\"$stored\""*) echo AWSCURRENT ;; *) echo None ;; esac
    ;;
put-secret-value)
    cp "$value" "$WORLD/value.$id"
    echo "$version" | tee "$WORLD/version.$id"
    ;;
get-secret-value)
    cat "$WORLD/value.$id" 2>/dev/null || { echo ResourceNotFoundException >&2; exit 254; }
    ;;
esac
"""

Object = dict[str, Any]


@dataclass
class Api:
    """What the API holds, by path, and what was asked of it."""

    host: str = ""
    objects: dict[str, Object] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    """Method and path of each request that changed something."""
    refuses: set[str] = field(default_factory=set)
    """Parts of paths whose requests are refused."""
    manifests: dict[str, str] = field(default_factory=dict)
    """What Rancher serves to agents, by path."""
    rancher_runs: bool = True

    def answer(self, method: str, path: str, query: Mapping[str, Any], body: str) -> Any:
        """Return status and object, or text."""
        if path in self.manifests:
            return 200, self.manifests[path]
        if path.startswith("v3/import/"):
            return 400, "cluster not found or invalid token"
        if any(part in path for part in self.refuses):
            return 403, {"kind": "Status", "message": f"forbidden: {body}"}
        if "cattle.io" in path and not self.rancher_runs:
            return 404, {"kind": "Status", "message": "page not found"}
        return getattr(self, f"_{method.lower()}")(path, query, body)

    def names(self, plural: str) -> set[str]:
        """Return the paths of all objects of a kind."""
        return {path for path in self.objects if path.split("/")[-2] == plural}

    def _get(self, path: str, query: Mapping[str, Any], _: str) -> Any:
        if path in self.objects:
            return 200, self.objects[path]
        if (selector := query.get("labelSelector")) is None:
            return 404, {"kind": "Status", "message": "not found"}
        key, _, value = selector[0].partition("=")
        found = [
            one
            for at, one in self.objects.items()
            if at.split("/")[-2] == path.rpartition("/")[-1]
            and one["metadata"].get("labels", {}).get(key) == value
        ]
        return 200, {"apiVersion": "v1", "kind": "List", "items": found, "metadata": {}}

    def _patch(self, path: str, query: Mapping[str, Any], body: str) -> Any:
        assert query["force"] == ["true"]
        assert query["fieldManager"]
        before = json.dumps(self.objects.get(path))
        found = self.objects.setdefault(path, {"metadata": {"uid": f"uid-{len(self.objects)}"}})
        merge(found, yaml.safe_load(body))
        if json.dumps(found) != before:
            self.changes.append(f"PATCH {path}")
        if path.startswith(CLUSTERS) and "status" not in found:
            self.take_up(path.rsplit("/", 1)[-1])
        return 200, found

    def _post(self, path: str, _: Mapping[str, Any], body: str) -> Any:
        made = yaml.safe_load(body)
        at = f"{path}/{made['metadata']['name']}"
        if at in self.objects:
            return 409, {"kind": "Status", "message": "already exists"}
        self.objects[at] = made
        self.changes.append(f"POST {path}")
        return 201, made

    def _delete(self, path: str, _: Mapping[str, Any], __: str) -> Any:
        self.changes.append(f"DELETE {path}")
        return 200, self.objects.pop(path)

    def take_up(self, cluster: str, *, token: str | None = None, as_id: str | None = None) -> None:
        """Do what Rancher does to a cluster that is new to it."""
        found = self.objects[f"{CLUSTERS}/{cluster}"]
        asked = found["metadata"]["annotations"]["provisioning.cattle.io/management-cluster-name"]
        id_ = as_id or asked
        found["status"] = {"clusterName": id_, "ready": False}
        home = f"{MANAGEMENT}/namespaces/{id_}/clusterregistrationtokens/default-token"
        self.objects[home] = {
            "metadata": {"name": "default-token", "namespace": id_},
            "status": {
                "command": "kubectl apply -f https://elsewhere",
                "manifestUrl": f"https://{self.host}/v3/import/{{token}}_{id_}.yaml",
                "tokenSecretName": "crt-token-default-token",
            },
        }
        self.rotate(id_, token or f"secret{cluster.replace('-', '')}")

    def rotate(self, id_: str, token: str) -> None:
        """Renew a cluster's token, as Rancher does once a month."""
        data = {"token": base64.b64encode(token.encode()).decode()}
        self.objects[f"api/v1/namespaces/{id_}/secrets/crt-token-default-token"] = {"data": data}


def merge(into: Object, patch: Object) -> None:
    """Lay an object over another."""
    for key, value in patch.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


@dataclass
class World:
    """The API, a folder of what AWS keeps, and a pod's environment."""

    api: Api
    folder: Path
    environment: dict[str, str]

    def run(self, script: str, **changes: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["sh", "-c", script],
            env=self.environment | changes,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=30,
            check=False,
        )

    def file(self, name: str) -> str:
        found = self.folder / name
        return found.read_text() if found.exists() else ""


@cache
def _identity() -> tuple[str, str]:
    """Return a certificate of the loopback address and its key, made once."""
    with TemporaryDirectory() as folder:
        certificate, key = Path(folder, "ca.crt"), Path(folder, "key.pem")
        kind = "-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=loopback"
        subprocess.run(
            [
                *("openssl", "req", *kind.split(), "-addext", "subjectAltName=IP:127.0.0.1"),
                *("-keyout", str(key), "-out", str(certificate)),
            ],
            check=True,
            capture_output=True,
        )
        return certificate.read_text(), key.read_text()


@contextmanager
def world(folder: Path, name: str) -> Iterator[World]:
    """Serve a world with TLS that the pod's authority vouches for."""
    for part in ("bin", "aws", "account", "work"):
        (folder / part).mkdir()
    program = folder / "bin" / "aws"
    program.write_text(AWS)
    program.chmod(0o755)
    (folder / "account" / "token").write_text(POD_TOKEN)
    certificate, key = folder / "account" / "ca.crt", folder / "key.pem"
    for file, text in zip((certificate, key), _identity(), strict=True):
        file.write_text(text)
    api = Api()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(api))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    api.host = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    environment = {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "WORLD": str(folder / "aws"),
        "NAME": name,
        "API": f"https://{api.host}",
        "ACCOUNT": str(folder / "account"),
        "FOLDER": str(folder / "work"),
        "RANCHER_HOST": api.host,
        # Stands for the public authorities.
        "CURL_CA_BUNDLE": str(certificate),
        "TOLERANT": "no",
    }
    try:
        yield World(api, folder / "aws", environment)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(api: Api) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        # Headers and body go out at once; else the peer's delayed answer is waited for.
        wbufsize = -1
        disable_nagle_algorithm = True

        def answer(self) -> None:
            url = urlsplit(self.path)
            path = url.path.lstrip("/")
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            if path.startswith("v3/"):
                assert "Authorization" not in self.headers
            elif self.headers["Authorization"] != f"Bearer {POD_TOKEN}":
                self.send_error(401)
                return
            status, found = api.answer(self.command, path, parse_qs(url.query), body)
            text = found if isinstance(found, str) else yaml.safe_dump(found)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET: Callable[..., None] = answer  # noqa: N815 - the library's name
        do_PATCH: Callable[..., None] = answer  # noqa: N815
        do_POST: Callable[..., None] = answer  # noqa: N815
        do_DELETE: Callable[..., None] = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
