"""HCP Terraform's API on loopback, and `ekp hcp` against it."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask
import pytest
from pytfe import TFEClient, TFEConfig

from ekp import cli
from ekp.commands.workspace import Workspace
from ekp.local.hcp.agents import add_pool
from ekp.local.hcp.organizations import add_organization
from ekp.local.hcp.parts import MANAGEMENT
from ekp.local.hcp.server import Served, create_app, serve
from ekp.local.hcp.store import Record, Store

from .synthesis import DEV, ORGANIZATION, PREFIX, SECRET, Hosted, write

TOKEN = "made-up.atlasv1.token"
VALUE = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def everything(self) -> str:
        return self.out + self.err

    def steps(self) -> list[dict[str, Any]]:
        """The steps that a plan in JSON has."""
        (one,) = json.loads(self.out)["organizations"]
        found: list[dict[str, Any]] = one["steps"]
        return found


@dataclass(frozen=True)
class Hcp:
    """The served API, seen from inside."""

    served: Served
    app: flask.Flask
    requests: list[tuple[str, str]]

    @property
    def store(self) -> Store:
        return self.served.store

    def one(self, type_: str, name: str) -> Record:
        return next(each for each in self.store.all(type_) if each.attributes["name"] == name)

    def workspace(self, stack: str) -> Record:
        return self.one("workspaces", PREFIX + stack)

    def names(self) -> set[str]:
        return {str(each.attributes["name"]) for each in self.store.all("workspaces")}

    def readers(self, stack: str) -> set[str]:
        readers = self.workspace(stack).many("remote-state-consumers")
        return {str(each.attributes["name"]) for each in readers}

    def sources(self, stack: str) -> set[str]:
        return {
            str(each.attributes["sourceable-name"])
            for each in self.store.all("run-triggers")
            if each.one("workspace") is self.workspace(stack)
        }

    def writes(self) -> list[str]:
        """What was asked that changes something, since the last time of asking this."""
        found = [f"{method} {path}" for method, path in self.requests if method != "GET"]
        self.requests.clear()
        return found


Ekp = Callable[..., Done]


@pytest.fixture
def hcp() -> Iterator[Hcp]:
    store = Store(tokens={TOKEN})
    add_pool(store, add_organization(store, ORGANIZATION), "private")
    app = create_app(store, MANAGEMENT)
    requests: list[tuple[str, str]] = []

    @app.before_request
    def note() -> None:
        requests.append((flask.request.method, flask.request.path))

    with serve(app, store) as served:
        yield Hcp(served, app, requests)


@pytest.fixture
def client(hcp: Hcp) -> Iterator[TFEClient]:
    with TFEClient(
        TFEConfig(address=hcp.served.address, token=TOKEN, max_retries=0, ca_bundle=None)
    ) as client:
        yield client


@pytest.fixture
def synthesized(tmp_path: Path) -> Callable[[Mapping[str, Hosted]], None]:
    """Write other stacks than those of dev."""

    def written(stacks: Mapping[str, Hosted]) -> None:
        write(tmp_path / "cdktf.out", stacks)

    return written


@pytest.fixture
def ekp(
    hcp: Hcp,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Ekp:
    """Run `ekp hcp` with the stacks of dev, a token, and a value for dev's secret."""
    write(tmp_path / "cdktf.out", DEV)
    monkeypatch.setattr("ekp.commands.hcp.workspace", lambda: Workspace(tmp_path))
    monkeypatch.setattr("ekp.hcp.connect.FIRST_WAIT", 0.001)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TFE_ADDRESS", hcp.served.address)
    monkeypatch.setenv("TFE_TOKEN", TOKEN)
    monkeypatch.setenv("TF_VAR_" + SECRET, VALUE)

    def run(*arguments: str) -> Done:
        monkeypatch.setattr("sys.argv", ["ekp", "hcp", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr()
        return Done(int(ended.value.code or 0), told.out, told.err)

    return run
