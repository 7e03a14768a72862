"""The local AWS of the runner's tests, and stacks to run in it."""

import json
import os
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from ekp.local import environment, layout, prepare, process
from ekp.runner.target import Target, difference

from .synthesis import REGION, ROLE


@dataclass(frozen=True)
class Aws:
    """The local AWS, with a state bucket for one test."""

    endpoint: str
    bucket: str

    def variables(self) -> dict[str, str | None]:
        caller = dict(os.environ)
        return difference(caller, environment.child_environment(self.endpoint, caller))

    def fail(self, *faults: dict[str, Any]) -> None:
        self._control("POST", json.dumps(faults).encode())

    def heal(self) -> None:
        self._control("DELETE", None)

    def client(self, service: str, *, region: str = REGION) -> Any:
        make: Any = boto3.client  # its overloads want a literal name
        own = make(
            "sts",
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=environment.ACCESS_KEY_ID,
            aws_secret_access_key="local",
        )
        if service == "s3":
            keys = {"AccessKeyId": environment.ACCESS_KEY_ID, "SecretAccessKey": "local"}
        else:
            keys = own.assume_role(RoleArn=ROLE, RoleSessionName="test")["Credentials"]
        return make(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
        )

    def _control(self, method: str, body: bytes | None) -> None:
        request = urllib.request.Request(  # noqa: S310  loopback
            self.endpoint + layout.FAULTS_PATH, data=body, method=method
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310  loopback
            assert answer.status == 200


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    with process.throwaway() as running:
        yield running.endpoint


@pytest.fixture
def aws(endpoint: str) -> Iterator[Aws]:
    bucket = f"ekp-test-{uuid.uuid4().hex[:12]}"
    prepare.prepare(endpoint, deploy_roles=[ROLE], state_buckets=[(bucket, REGION)])
    aws = Aws(endpoint, bucket)
    yield aws
    aws.heal()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EKP_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def here(tmp_path: Path) -> Target:
    """The caller's environment, for stacks that need no AWS."""
    return Target("aws", {}, tmp_path / "work")


@pytest.fixture
def local(tmp_path: Path, aws: Aws) -> Target:
    return Target("local", aws.variables(), tmp_path / "work")


@pytest.fixture
def name() -> str:
    """A word that no other test uses, for names that are global in an account."""
    return f"t{uuid.uuid4().hex[:8]}"
