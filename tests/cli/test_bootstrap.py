"""What `ekp bootstrap` says when it cannot, and where its state goes with HCP Terraform."""

import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from ekp import cli
from ekp.bootstrap import synthesis
from ekp.commands import bootstrap
from ekp.commands.workspace import Workspace
from ekp.local import process
from ekp.local.administrator import administrator
from ekp.local.environment import ACCESS_KEY_ID, SECRET_ACCESS_KEY, variables, without_aws
from ekp.local.hcp import hosted
from ekp.local.prepare import prepare
from ekp.runner import stacks
from ekp.runner.hcp import token_variable
from ekp.runner.stacks import HCP_HOST, Stack
from tests.runner.hcp import Hcp
from tests.runner.hcp import workspace as hcp_workspace
from tests.runner.synthesis import Sketch, synthesize

ACCOUNT, OTHER = "111111111111", "222222222222"
REGION = "eu-west-1"
NAME = "dev-bootstrap"
KEYS = {"aws_access_key_id": ACCESS_KEY_ID, "aws_secret_access_key": SECRET_ACCESS_KEY}


class Open:
    """A gate that lets everything through; tests/gate asks it about the real stacks."""

    closed: tuple[str, ...] = ()

    def __call__(self, _stack: Stack, _plan: Path) -> None:
        """Refuse nothing."""


@dataclass(frozen=True)
class Done:
    """How a command ended, and its words on one line."""

    code: int
    told: str


@dataclass
class Given:
    """What is synthesized: a bootstrap of one thing that no account has."""

    outdir: Path
    terraform: Mapping[str, Any] = field(default_factory=dict)

    def keep_in(self, bucket: str) -> None:
        backend = {"bucket": bucket, "key": f"{NAME}.tfstate", "region": REGION}
        self.terraform = {"backend": {"s3": {**backend, "allowed_account_ids": [ACCOUNT]}}}

    def stacks(self, _outdir: Path) -> Mapping[str, Stack]:
        facts = {"environment": "dev", "region": "global", "layer": "bootstrap", "adopts": {}}
        extra = {
            "//": {"ekp": {**facts, "contract": {}}},
            "provider": {"aws": [{"region": REGION, "allowed_account_ids": [ACCOUNT]}]},
            "terraform": self.terraform,
        }
        made = {"terraform_data": {"role": {"input": "ekp-deploy"}}}
        synthesize(self.outdir, {NAME: Sketch(resources=made, extra=extra)})
        return stacks.load(self.outdir)


Ekp = Callable[..., Done]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with process.throwaway() as aws:
        prepare(aws.endpoint, deploy_roles=[], state_buckets=[("kept", REGION)])
        yield aws.endpoint


@pytest.fixture
def caller(endpoint: str) -> Callable[[str], Mapping[str, str]]:
    """Give the variables of an administrator of an account."""
    return lambda account: {
        **variables(endpoint, REGION),
        **administrator(endpoint, account, REGION),
    }


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Given:
    found = Given(tmp_path / "out")
    found.keep_in("kept")
    monkeypatch.setattr(synthesis, "synthesize", found.stacks)
    monkeypatch.setattr(bootstrap, "environments", lambda: {"dev": None, "qa": None})
    monkeypatch.setattr(bootstrap, "workspace", lambda: Workspace(tmp_path))
    monkeypatch.setattr(bootstrap, "gated", lambda *_, **__: nullcontext(Open()))
    return found


@pytest.fixture
def ekp(
    given: Given,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Ekp:
    """Run `ekp bootstrap` as a caller, who is not there to be asked."""
    del given

    def run(*arguments: str, caller: Mapping[str, str] | None = None) -> Done:
        for name in set(os.environ) - set(without_aws(os.environ)):
            monkeypatch.delenv(name)
        for name, value in {"AWS_EC2_METADATA_DISABLED": "true", **(caller or {})}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        monkeypatch.setenv("EKP_WORKSPACE", str(tmp_path / "kept"))
        monkeypatch.setattr("sys.argv", ["ekp", "bootstrap", *arguments])
        monkeypatch.setattr("sys.stdin", io.StringIO())
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr()
        return Done(int(ended.value.code or 0), " ".join((told.out + told.err).split()))

    return run


def test_an_environment_that_there_is_not_is_named_with_those_that_there_are(ekp: Ekp) -> None:
    done = ekp("dve")

    assert done.code == 2
    assert done.told == (
        "error: There is no environment 'dve'. Did you mean dev? Known environments: dev, qa."
    )


def test_an_environment_without_settings_for_it_is_told_which_to_add(ekp: Ekp) -> None:
    done = ekp("qa")

    assert done.code == 1
    assert done.told == (
        "error: qa has no bootstrap settings. Add `bootstrap=BootstrapConfig(...)` to"
        " environments/qa.py (docs/bootstrap.md)."
    )


def test_a_caller_without_credentials_is_told_to_sign_in(ekp: Ekp) -> None:
    done = ekp("dev")

    assert done.code == 1
    assert "No valid credential sources found" in done.told
    assert "Sign in to AWS (for example `aws sso login`)" in done.told


def test_an_administrator_of_another_account_is_told_which_it_is(
    ekp: Ekp, caller: Callable[[str], Mapping[str, str]]
) -> None:
    done = ekp("dev", caller=caller(OTHER))

    assert done.code == 1
    assert f"not allowed: {OTHER}" in done.told
    assert f"Sign in to account {ACCOUNT}" in done.told


def test_a_bucket_that_is_another_s_to_make_is_asked_for_first(
    ekp: Ekp, given: Given, caller: Callable[[str], Mapping[str, str]]
) -> None:
    given.keep_in("not-there-yet")

    done = ekp("dev", caller=caller(ACCOUNT))

    assert done.code == 1
    assert "there is no such bucket" in done.told
    assert "Bootstrap the environment that makes the bucket first" in done.told


@pytest.mark.parametrize("theirs", [False, True])
def test_without_a_yes_a_state_that_is_moved_is_forgotten_and_nothing_else_happens(
    ekp: Ekp,
    caller: Callable[[str], Mapping[str, str]],
    endpoint: str,
    tmp_path: Path,
    *,
    theirs: bool,
) -> None:
    # As a run left it that was killed when the state was moved, and this file not yet gone.
    here = tmp_path / "kept" / "aws" / NAME / "run" / "first.tfstate"
    here.parent.mkdir(parents=True)
    here.write_text(json.dumps(state("made-here")))
    made: Any = boto3.client  # its overloads want a literal name
    s3 = made("s3", endpoint_url=endpoint, region_name=REGION, **KEYS)
    body = json.dumps(state("made-elsewhere" if theirs else "made-here"))
    s3.put_object(Bucket="kept", Key=f"{NAME}.tfstate", Body=body.encode())
    try:
        # The input of the resource differs, so that it asks, and is not answered.
        done = ekp("dev", caller=caller(ACCOUNT))
    finally:
        s3.delete_object(Bucket="kept", Key=f"{NAME}.tfstate")

    assert done.code == 1
    assert here.exists() is theirs
    assert not list(tmp_path.rglob("apply*.log"))
    if theirs:
        assert f"{NAME} has two states: {here} and s3://kept/{NAME}.tfstate." in done.told
    else:
        assert f"Bootstrap dev (account {ACCOUNT})? [y/N]" in done.told
        assert done.told.endswith("Aborted.")


def state(id_: str) -> dict[str, Any]:
    """What Terraform stores of the one resource; its provider is Terraform's own."""
    values = {"id": id_, "input": {"value": "old", "type": "string"}, "output": None}
    return {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": id_,
        "outputs": {},
        "resources": [
            {
                "mode": "managed",
                "type": "terraform_data",
                "name": "role",
                "provider": 'provider["terraform.io/builtin/terraform"]',
                "instances": [
                    {
                        "schema_version": 0,
                        "attributes": {**values, "triggers_replace": None},
                        "sensitive_attributes": [],
                    }
                ],
            }
        ],
        "check_results": None,
    }


def test_with_hcp_terraform_a_local_bootstrap_runs_here_and_its_state_goes_nowhere_else(
    ekp: Ekp, given: Given, tmp_path: Path
) -> None:
    given.terraform = {"cloud": hcp_workspace(NAME)}
    directory = tmp_path / "kept" / "local-aws"
    try:
        done = ekp("dev", "--local", caller={token_variable(HCP_HOST): "real"})
        aws = process.status(directory)
        assert aws is not None
        here = Hcp(hosted.api(aws.endpoint, directory), directory, aws.endpoint)
        state = here.ask("GET", f"workspaces/{here.id_of(f'ekp-{NAME}')}/current-state-version")
    finally:
        process.stop(directory)

    assert done.code == 0, done.told
    # No run of HCP's has an address, for there was none.
    assert "/runs/run-" not in done.told
    assert f"state: {HCP_HOST}, workspace ekp-{NAME}" in done.told
    assert state["data"]["attributes"]["serial"] == 1
