"""HCP Terraform's API beside the local AWS, as the runner's tests use it."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ekp.local import environment, process
from ekp.local.hcp import hosted
from ekp.runner import run as running
from ekp.runner.hcp import Hosted
from ekp.runner.progress import Silent
from ekp.runner.stacks import HCP_HOST, Stack
from ekp.runner.target import Target, difference

ORGANIZATION = "acme"


def workspace(id_: str) -> dict[str, Any]:
    """The backend's settings of a stack, and of who reads it."""
    return {
        "hostname": HCP_HOST,
        "organization": ORGANIZATION,
        "workspaces": {"name": f"ekp-{id_}"},
    }


@dataclass(frozen=True)
class Hcp:
    """The API of one test."""

    api: Hosted
    directory: Path
    endpoint: str

    def target(self, folder: Path) -> Target:
        """Where runs go."""
        caller = dict(os.environ)
        turned = environment.child_environment(self.endpoint, caller)
        return self.api.answering(Target("local", difference(caller, turned), folder), [HCP_HOST])

    def settle(self, stacks: Mapping[str, Stack], target: Target) -> None:
        """Let its runs happen as those of the target would."""
        run = running.start(stacks, target=target, reporter=Silent())
        hosted.settle(self.directory, run.environ(Path()), terraform=run.binary.path)

    def make(self, *names: str, mode: str = "remote") -> None:
        """Make workspaces before Terraform asks for them."""
        for name in names:
            attributes = {"name": name, "execution-mode": mode}
            self.ask("POST", f"organizations/{ORGANIZATION}/workspaces", attributes, "workspaces")

    def id_of(self, name: str) -> str:
        """The id of a workspace."""
        found = self.ask("GET", f"organizations/{ORGANIZATION}/workspaces/{name}")
        return str(found["data"]["id"])

    def run(self, workspace: str, configuration: str) -> str:
        """Start a run that waits for somebody to confirm it, once it has the lock; its id."""
        to = {
            "workspace": {"data": {"type": "workspaces", "id": workspace}},
            "configuration-version": {
                "data": {"type": "configuration-versions", "id": configuration}
            },
        }
        id_ = str(self.ask("POST", "runs", {}, "runs", to)["data"]["id"])
        while not self.ask("GET", f"workspaces/{workspace}")["data"]["attributes"]["locked"]:
            pass
        return id_

    def ask(
        self,
        method: str,
        path: str,
        attributes: Mapping[str, Any] | None = None,
        type_: str = "",
        to: Mapping[str, Any] | None = None,
    ) -> Any:
        """Ask the API as a client with its token does."""
        body = json.dumps(
            {
                "data": {
                    "type": type_,
                    "attributes": dict(attributes or {}),
                    "relationships": dict(to or {}),
                }
            }
        )
        said = self._answer(method, urlsplit(self.api.address).path + path, body)[1]
        return json.loads(said) if said else None

    def download(self, path: str) -> bytes:
        """What an address of the API leads to."""
        place, _ = self._answer("GET", urlsplit(self.api.address).path + path)
        return self._answer("GET", urlsplit(place).path)[1]

    def _answer(self, method: str, path: str, body: str | None = None) -> tuple[str, bytes]:
        address = urlsplit(self.api.address)
        connection = HTTPConnection(str(address.hostname), address.port)
        headers = {
            "Authorization": f"Bearer {self.api.token}",
            "Content-Type": "application/vnd.api+json",
        }
        with closing(connection):
            connection.request(method, path, body, headers)
            answered = connection.getresponse()
            said = answered.read()
        assert answered.status < 400, said
        return answered.headers.get("Location", ""), said


@contextmanager
def serving() -> Iterator[Hcp]:
    """Start a local AWS with the API beside it."""
    with process.throwaway() as aws:
        yield Hcp(hosted.api(aws.endpoint, aws.directory), aws.directory, aws.endpoint)
