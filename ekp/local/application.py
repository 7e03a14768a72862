"""moto's server with the extensions of the local AWS in it."""

import importlib
import re
import socket
from collections.abc import Iterable
from pathlib import Path

import flask
from moto.backends import SERVICE_NAMES
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug import serving

from .control import with_control
from .faults import Faults
from .hcp.hosted import with_hcp
from .turns import in_turns
from .unknown import answer_errors, raise_for_unmatched_operations, refuse_unknown

EDGE = (
    "ekp.local.elbv2",
    "ekp.local.acm",
    "ekp.local.cloudfront.models",
    "ekp.local.route53.models",
    "ekp.local.wafv2.models",
)
# Installed when the service is first called: importing all of them takes a second.
EXTENSIONS: dict[str, tuple[str, ...]] = {
    "resourcegroupstaggingapi": ("ekp.local.tagged",),
    "kms": ("ekp.local.kms",),
    "s3": ("ekp.local.s3",),
    "ec2": ("ekp.local.ec2", "ekp.local.security_groups", "ekp.local.tagged"),
    "eks": ("ekp.local.ec2", "ekp.local.security_groups", "ekp.local.eks.models"),
    "elb": ("ekp.local.elbv2",),
    "elbv2": ("ekp.local.elbv2",),
    # These four read each other's backends, and a backend is made once.
    **dict.fromkeys(("acm", "cloudfront", "route53", "wafv2"), EDGE),
    "athena": ("ekp.local.athena",),
    "budgets": ("ekp.local.budgets",),
    "cur": ("ekp.local.cur.models",),
    "events": ("ekp.local.events",),
    "glue": ("ekp.local.glue",),
}
# Services that moto lacks, by what the hosts of their APIs are called.
ADDED = (("cur", re.compile(r"https?://cur\.us-east-1\.amazonaws\.com")),)


def create_app(service: SERVICE_NAMES) -> flask.Flask:
    """Make one service of moto, with its extension."""
    for extension in EXTENSIONS.get(service, ()):
        importlib.import_module(extension).install()
    app = create_backend_app(service)
    answer_errors(app)
    return app


def make_server(listener: socket.socket, instance: str, directory: Path) -> serving.BaseWSGIServer:
    """Serve the local AWS on a socket that listens already."""
    importlib.import_module("ekp.local.accounts").install()
    raise_for_unmatched_operations()
    faults = Faults()
    dispatcher = DomainDispatcherApplication(create_app)
    dispatcher.backend_url_patterns = [*dispatcher.backend_url_patterns, *ADDED]
    application = faults.wrap(refuse_unknown(in_turns(dispatcher)))
    host, port = listener.getsockname()[:2]
    server = serving.make_server(
        host,
        port,
        # Runs of HCP Terraform call back into AWS: they wait for no turn.
        with_hcp(with_control(application, instance, faults), directory),
        threaded=True,
        request_handler=MotoRequestHandler,
        fd=listener.fileno(),
    )
    server.dispatcher = dispatcher  # type: ignore[attr-defined] # `warm_up` fills it
    return server


def warm_up(server: serving.BaseWSGIServer, services: Iterable[SERVICE_NAMES]) -> None:
    """Make services before they are asked for."""
    dispatcher: DomainDispatcherApplication = server.dispatcher  # type: ignore[attr-defined] # set above
    for service in services:
        with dispatcher.lock:
            if service not in dispatcher.app_instances:
                dispatcher.app_instances[service] = create_app(service)
