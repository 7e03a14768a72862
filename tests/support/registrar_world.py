"""APIs over HTTPS and a stand-in of the AWS CLI, for the registrar's script to run between."""

import base64
import json
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from modules.core.fleet import Target
from modules.kubernetes.registrar import SCRIPT, TABLE, registrar

from tests.cluster.double import certificate

HUB_TOKEN = "hub-token-9f1"
# What each call finds is a file in the folder WORLD; the role's keys must come along.
AWS = r"""#!/bin/sh
echo "aws $*" >>"$WORLD/calls"
option() { # option NAME ARGUMENTS...
    wanted=$1
    shift
    while [ $# -gt 0 ]; do
        [ "$1" != "$wanted" ] || echo "$2"
        shift
    done
}
fails() { [ ! -e "$WORLD/fail-$1" ] || { cat "$WORLD/fail-$1" >&2; exit 254; }; }
case "$1 $2" in
"sts assume-role")
    fails assume
    role=$(option --role-arn "$@")
    grep -qsx "$role" "$WORLD/trusting" || {
        echo "An error occurred (AccessDenied) when calling the AssumeRole operation" >&2
        exit 254
    }
    printf 'key-of-%s\tsecret-key-77\tsession-88\n' "${role##*:}"
    ;;
"eks describe-cluster")
    fails describe
    name=$(option --name "$@")
    [ "$AWS_ACCESS_KEY_ID" = "key-of-$(cat "$WORLD/role-of-$name" 2>/dev/null)" ] || {
        echo "An error occurred (ResourceNotFoundException): No cluster found for name: $name" >&2
        exit 254
    }
    cat "$WORLD/eks-$name"
    ;;
"eks get-token")
    fails token
    echo "token-of-$(option --cluster-name "$@")"
    ;;
*) exit 252 ;;
esac
"""
# The real one, so that what it is called with can be seen.
CURL = """#!/bin/sh
echo "curl $*" >>"$WORLD/calls"
exec {} "$@"
"""


@dataclass
class Api:
    """An API: who may call it, what it was asked, and which namespaces take services."""

    token: str
    url: str = ""
    open: set[str] = field(default_factory=set)
    patched: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    reviewed: list[Mapping[str, Any]] = field(default_factory=list)
    status: int = 0
    """Answered to every call instead, where it is set."""

    def answer(self, method: str, path: str, body: Mapping[str, Any]) -> tuple[int, object]:
        if self.status:
            return self.status, {"message": "the API is not well"}
        if method == "POST" and path.endswith("/selfsubjectaccessreviews"):
            asked = body["spec"]["resourceAttributes"]
            self.reviewed.append(asked)
            return 201, {"status": {"allowed": asked["namespace"] in self.open}}
        if method == "PATCH":
            self.patched.append((path, body))
            return 200, body
        return 405, {}


@dataclass
class World:
    """The hub's API, and those of clusters by their names in EKS."""

    folder: Path
    certificate: str
    hub: Api
    clusters: dict[str, Api]
    environment: dict[str, str]

    def write(self, name: str, text: str = "") -> None:
        (self.folder / name).write_text(text)

    @property
    def calls(self) -> str:
        found = self.folder / "calls"
        return found.read_text() if found.exists() else ""

    def deploy(self, target: Target, *, taking: Sequence[str] | None = None) -> None:
        """Let a cluster be there, with the namespaces that take services."""
        one = target.cluster
        role = one.hub_role_arn
        self.trust(target)
        self.write(f"role-of-{one.cluster_name}", role.rpartition(":")[2])
        self.write(
            f"eks-{one.cluster_name}", f"{self.clusters[one.cluster_name].url}\t{self.authority}\n"
        )
        open_ = target.namespaces if taking is None else taking
        self.clusters[one.cluster_name].open = set(open_)

    def trust(self, target: Target) -> None:
        """Let a cluster's role be there alone."""
        with (self.folder / "trusting").open("a") as file:
            file.write(f"{target.cluster.hub_role_arn}\n")

    @property
    def authority(self) -> str:
        return base64.b64encode(self.certificate.encode()).decode()

    def run(self) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["sh", "-c", SCRIPT.read_text()],
            env=self.environment,
            capture_output=True,
            check=False,
            text=True,
            timeout=30,
        )

    def registered(self) -> dict[str, dict[str, str]]:
        """Return the content of each Secret that was written last, by its name."""
        return {
            body["metadata"]["name"]: {
                key: base64.b64decode(value).decode() for key, value in body["data"].items()
            }
            for _, body in self.hub.patched
        }


@contextmanager
def world(folder: Path, targets: Sequence[Target]) -> Iterator[World]:
    """Serve the hub's API and one for each cluster while the block runs."""
    programs, account, found = folder / "bin", folder / "account", folder / "world"
    for one in (programs, account, found):
        one.mkdir()
    for name, text in {"aws": AWS, "curl": CURL.format(shutil.which("curl"))}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    authority = certificate(folder)
    (account / "token").write_text(HUB_TOKEN)
    (account / "ca.crt").write_text(authority)
    (table,) = (
        one.fields["data"][TABLE]
        for one in registrar(targets, region="eu-west-1", annotations={})
        if one.kind == "ConfigMap"
    )
    (folder / TABLE).write_text(table)
    hub = Api(HUB_TOKEN)
    clusters = {
        name: Api(f"token-of-{name}") for name in (one.cluster.cluster_name for one in targets)
    }
    with ExitStack() as stack:
        for api in (hub, *clusters.values()):
            stack.enter_context(_serving(api, folder))
        yield World(
            found,
            authority,
            hub,
            clusters,
            {
                "PATH": f"{programs}:{os.environ['PATH']}",
                "TMPDIR": str(folder),
                "WORLD": str(found),
                "CLUSTERS": str(folder / TABLE),
                "API": hub.url,
                "ACCOUNT": str(account),
                "NAMESPACE": "argocd",
            },
        )


@contextmanager
def _serving(api: Api, folder: Path) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: two would wait for each other

        def handle_one(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = 401, {"message": "Unauthorized"}
            if self.headers["Authorization"] == f"Bearer {api.token}":
                status, answer = api.answer(self.command, self.path, body)  # type: ignore[assignment]
            payload = json.dumps(answer, indent=2).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_POST = do_PATCH = handle_one  # noqa: N815 - the server's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is declared
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "api.pem", folder / "api.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    api.url = f"https://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
