"""HCP Terraform's API beside a local AWS: who is let in, and with what its runs happen."""

import json
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import flask

from ekp.runner import files
from ekp.runner.hcp import Hosted

from ..layout import HCP, HCP_PATH
from ..protocol import Environ, StartResponse, WsgiApplication
from . import parts
from .configurations import configurations
from .objects import objects
from .organizations import add_organization
from .runs import runs
from .server import Part, create_app
from .states import states
from .store import Store
from .worker import Worker

RUNS = "hcp-runs"
# What Terraform itself asks for, besides what `ekp hcp` does.
OWN: tuple[Part, ...] = (objects, states, configurations)


def token(directory: Path) -> str:
    """The token that the API of a local AWS takes, made when it is first asked for.

    Whoever has it can start runs, which are programs of this user: it lies in a file that nobody
    else can read.

    Raises:
        NotWritableError: the folder of the local AWS cannot be written.
    """
    found = _settled(directory)
    if "token" not in found:
        found["token"] = secrets.token_urlsafe(32)
        files.write_json(directory / HCP, found)
    return str(found["token"])


def settle(directory: Path, environ: Mapping[str, str], *, terraform: str) -> None:
    """Say with which environment and which Terraform the runs of a local AWS happen.

    Raises:
        NotWritableError: the folder of the local AWS cannot be written.
    """
    settled = {"token": token(directory), "environ": dict(environ), "terraform": terraform}
    files.write_json(directory / HCP, settled)


def api(endpoint: str, directory: Path) -> Hosted:
    """The API beside a local AWS, as Terraform is told of it.

    Raises:
        NotWritableError: the folder of the local AWS cannot be written.
    """
    return Hosted(f"{endpoint}{HCP_PATH}api/v2/", token(directory))


def with_hcp(application: WsgiApplication, directory: Path) -> WsgiApplication:
    """Add the API to an application; it is made when it is first called."""
    made: list[flask.Flask] = []
    turn = Lock()

    def hosted(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(HCP_PATH):
            return application(environ, start_response)
        with turn:
            if not made:
                made.append(_app(directory))
        environ["SCRIPT_NAME"] = HCP_PATH.rstrip("/")
        environ["PATH_INFO"] = path.removeprefix(environ["SCRIPT_NAME"])
        return made[0](environ, start_response)

    return hosted


def _app(directory: Path) -> flask.Flask:
    store = Store(tokens=set())

    def worker() -> Worker:
        found = _settled(directory)
        return Worker(
            found.get("terraform", "terraform"), found.get("environ", {}), directory / RUNS
        )

    app = create_app(store, [*parts.MANAGEMENT, *OWN, runs(worker)])

    # Before the token is looked at.
    @app.url_value_preprocessor
    def open_up(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        store.tokens = {found} if (found := _settled(directory).get("token")) else set()
        organization = (values or {}).get("organization")
        if organization and store.get("organizations", organization) is None:
            # Every organisation is here, as every account of AWS is. Runs happen where Terraform
            # was called, until `ekp hcp` says otherwise.
            made = add_organization(store, organization)
            made.attributes["default-execution-mode"] = "local"

    return app


def _settled(directory: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((directory / HCP).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found
