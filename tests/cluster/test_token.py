"""Tokens come from the AWS CLI, last as long as they live, and stay out of every message."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ekp.cluster.contract import Cluster
from ekp.cluster.errors import AwsCliMissingError, TokenError
from ekp.cluster.token import Tokens

from .conftest import ROLE

SECRET = "k8s-aws-v1.secret"
CLUSTER = Cluster("ekp-dev-euw1-eks", "eu-west-1", "https://x", "", ROLE, (), "dev")
BEGIN = 1_800_000_000.0


def aws(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """Put an AWS CLI on PATH that notes how it is called and then does as told."""
    calls = folder / "calls"
    program = folder / "bin" / "aws"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n{script}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return calls


def credential(ends: float, token: str = SECRET) -> str:
    at = datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f'echo \'{{"kind": "ExecCredential", "status": {{"token": "{token}",'
        f' "expirationTimestamp": "{at}"}}}}\''
    )


def test_the_cli_is_asked_as_the_deploying_role(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = aws(tmp_path, monkeypatch, credential(time.time() + 900))

    assert Tokens(CLUSTER).current() == SECRET
    assert calls.read_text().strip() == (
        "eks get-token --cluster-name ekp-dev-euw1-eks --region eu-west-1 --output json"
        f" --role-arn {ROLE}"
    )


def test_a_token_serves_until_shortly_before_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = aws(tmp_path, monkeypatch, credential(BEGIN + 900))
    now = [BEGIN]
    tokens = Tokens(CLUSTER, clock=lambda: now[0])

    tokens.current()
    now[0] += 770
    tokens.current()
    assert len(calls.read_text().splitlines()) == 1

    aws(tmp_path, monkeypatch, credential(BEGIN + 1800, "next"))
    now[0] += 20
    assert tokens.current() == "next"
    assert len(calls.read_text().splitlines()) == 2


def test_without_the_cli_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(AwsCliMissingError, match="not found on PATH") as caught:
        Tokens(CLUSTER).current()

    assert "Install version 2 of the AWS CLI" in caught.value.remedy


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'Unable to locate credentials' >&2; exit 253", "Unable to locate credentials"),
        ("exit 3", "exit code 3"),
        ("echo no json", "no ExecCredential"),
        (f'echo \'{{"status": {{"token": "{SECRET}"}}}}\'', "no ExecCredential"),
        (f"echo {SECRET}; exec sleep 5", "TimeoutExpired"),
    ],
)
def test_a_cli_that_fails_is_quoted_and_its_token_is_not(
    script: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws(tmp_path, monkeypatch, script)

    with pytest.raises(TokenError, match=reason) as caught:
        Tokens(CLUSTER, cli_seconds=0.3).current()

    assert ROLE in caught.value.message
    assert "Sign in to AWS" in caught.value.remedy
    assert SECRET not in f"{caught.value!r}{caught.value}"


def test_a_caller_without_a_role_signs_in_as_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = aws(tmp_path, monkeypatch, credential(time.time() + 900))

    Tokens(Cluster("own", "eu-west-1", "https://x", "", "", (), "dev")).current()

    assert "--role-arn" not in calls.read_text()
