"""The plugin's process: serves Terraform over a socket until Terraform is done or gone."""

import base64
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread
from typing import Any

import grpc
from tf.gen import grpc_controller_pb2 as controller_pb
from tf.gen import grpc_controller_pb2_grpc as controller_rpc
from tf.gen import grpc_stdio_pb2_grpc as stdio_rpc
from tf.gen import tfplugin_pb2_grpc as rpc

from . import certificate
from .provider import Provider

# The handshake's own version and Terraform's plugin protocol.
# https://github.com/hashicorp/go-plugin/blob/main/docs/internals.md
HANDSHAKE = 1
PROTOCOL = 6
WATCH_SECONDS = 0.5
# Terraform runs 10 operations at once.
THREADS = 10
OPTIONS = (("grpc.max_receive_message_length", 256 << 20), ("grpc.max_send_message_length", -1))
log = logging.getLogger(__name__)


class _Controller(controller_rpc.GRPCControllerServicer):  # type: ignore[misc] # tf has no types
    """Takes Terraform's word that it is done."""

    def __init__(self, done: Event) -> None:
        self._done = done

    def Shutdown(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        """End the process."""
        self._done.set()
        return controller_pb.Empty()


class _Stdio(stdio_rpc.GRPCStdioServicer):  # type: ignore[misc] # tf has no types
    """Streams nothing: what the process prints reaches Terraform's log by itself."""

    def StreamStdio(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Stream nothing."""
        return iter(())


def serve(provider: Provider, environ: Mapping[str, str]) -> None:
    """Serve until Terraform says that it is done, or is gone; Ctrl-C is Terraform's to handle."""
    done = Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _signal, _frame: done.set())
    Thread(target=_end_without_parent, args=(os.getppid(), done), daemon=True).start()
    # Nobody else may enter it: a folder of mkdtemp is its owner's alone.
    folder = Path(tempfile.mkdtemp(prefix="ekp-", dir=environ.get("PLUGIN_UNIX_SOCKET_DIR")))
    try:
        socket = folder / "helm.sock"
        own = certificate.make()
        server = grpc.server(ThreadPoolExecutor(THREADS), options=OPTIONS)
        rpc.add_ProviderServicer_to_server(provider, server)
        controller_rpc.add_GRPCControllerServicer_to_server(_Controller(done), server)
        stdio_rpc.add_GRPCStdioServicer_to_server(_Stdio(), server)
        # Terraform checks who serves it. Its own certificate (PLUGIN_CLIENT_CERT) is of the curve
        # P-521, which gRPC's Python cannot check: the folder keeps everybody else out.
        credentials = grpc.ssl_server_credentials([(own.key, own.pem)])
        server.add_secure_port(f"unix:{socket}", credentials)
        server.start()
        encoded = base64.b64encode(own.der).decode().rstrip("=")
        sys.stdout.write(f"{HANDSHAKE}|{PROTOCOL}|unix|{socket}|grpc|{encoded}\n")
        sys.stdout.flush()
        done.wait()
        server.stop(WATCH_SECONDS).wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end_without_parent(parent: int, done: Event) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    log.warning("Terraform is gone, so the plugin ends")
    done.set()
