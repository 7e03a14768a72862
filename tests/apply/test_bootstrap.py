"""Accounts of a new organisation are made ready in their order, and a stack is then deployed."""

import json
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import main
from ekp.bootstrap.run import BootstrapTarget, bootstrap
from ekp.local import environment, layout
from ekp.local.administrator import administrator
from ekp.local.prepare import prepare
from ekp.local.process import throwaway
from ekp.runner import stacks as synthesized
from ekp.runner.deploy import deploy
from ekp.runner.progress import Silent
from ekp.runner.results import RunResult, StackResult, Status
from ekp.runner.stacks import Stack
from ekp.runner.target import Target, difference
from tests.plan.conftest import TODAY

from .account import client

BUCKET = "ekp-tfstate-444444444444"
MANAGEMENT, DEV = "444444444444", "111111111111"
ROLE = f"arn:aws:iam::{DEV}:role/ekp-deploy"
REGION = "eu-west-1"


class Organisation:
    """A local AWS without anything, and the people who bootstrap its accounts."""

    def __init__(self, endpoint: str, work: Path, every: dict[str, Stack]) -> None:
        self.endpoint, self.work, self.every = endpoint, work, every
        self.shown: list[RunResult] = []

    def bootstrap(self, name: str) -> StackResult:
        stack = self.every[f"{name}-bootstrap"]
        turned = environment.child_environment(self.endpoint, os.environ)
        turned |= administrator(self.endpoint, stack.account)
        result = bootstrap(
            stack,
            first=self.work / "first" / name,
            target=BootstrapTarget("local", difference(os.environ, turned), self.work, "--local"),
            reporter=Silent(),
            consent=self.shown.append,
            before_apply=lambda _stack, _plan: None,
        )
        return result.of(stack.id)

    def fail(self, **fault: object) -> None:
        request = urllib.request.Request(  # noqa: S310 - loopback
            self.endpoint + layout.FAULTS_PATH, data=json.dumps([fault]).encode(), method="POST"
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
            assert answer.status == 200

    def states(self) -> dict[str, dict[str, Any]]:
        """What the bucket holds, by key."""
        s3 = client(self.endpoint, "s3", region=REGION, account=None)
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
        return {key: json.load(s3.get_object(Bucket=BUCKET, Key=key)["Body"]) for key in keys}


@pytest.fixture
def organisation(tmp_path: Path) -> Iterator[Organisation]:
    main.bootstrap(str(tmp_path / "out"), today=TODAY)
    with throwaway() as aws:
        yield Organisation(
            aws.endpoint, tmp_path / "work", dict(synthesized.load(tmp_path / "out"))
        )


def test_accounts_are_bootstrapped_in_their_order_and_then_deployed_to(
    organisation: Organisation, tmp_path: Path
) -> None:
    # An environment that keeps its state in another's bucket comes after that one.
    refused = organisation.bootstrap("dev")
    assert refused.failure is not None
    assert f"s3://{BUCKET}/dev/global/bootstrap.tfstate" in refused.failure.message
    assert "Bootstrap the environment that makes the bucket first" in refused.failure.remedy
    assert organisation.shown == []

    # Made, and stopped before the state is in the bucket that it made.
    organisation.fail(service="s3", operation="PutObject", status=403, code="AccessDenied")
    stopped = organisation.bootstrap("management")
    assert stopped.status is Status.FAILED
    assert organisation.states() == {}
    first = organisation.work / "local" / "management-bootstrap" / "run" / "first.tfstate"
    left = json.loads(first.read_text())
    assert len(left["resources"]) == organisation.shown[0].of("management-bootstrap").counts.add

    # The next run finds what is made, makes nothing of it again, and moves the state.
    mended = organisation.bootstrap("management")
    assert mended.failure is None
    assert mended.changes == ()
    assert not first.exists()
    moved = organisation.states()
    assert list(moved) == ["management/global/bootstrap.tfstate"]
    assert addresses(moved["management/global/bootstrap.tfstate"]) == addresses(left)

    assert mended.outputs["state_bucket"].value == BUCKET
    assert len(organisation.shown) == 1

    # A role that is there already, with more rights than it should have, is taken over.
    prepare(organisation.endpoint, deploy_roles=[ROLE], state_buckets=[(BUCKET, REGION)])
    iam = client(organisation.endpoint, "iam", region=REGION, account=DEV)
    made = iam.get_role(RoleName="ekp-deploy")["Role"]["CreateDate"]
    assert attached(iam) == ["AdministratorAccess"]
    adopted = organisation.bootstrap("dev")
    assert adopted.failure is None
    assert adopted.counts.adopt == 1
    assert iam.get_role(RoleName="ekp-deploy")["Role"]["CreateDate"] == made
    assert attached(iam) == [
        f"ekp-dev-global-deploy-{name}"
        for name in ("cluster", "data", "edge", "identity", "network", "state")
    ]
    assert set(organisation.states()) == {*moved, "dev/global/bootstrap.tfstate"}

    # What a deploy prepares in a local AWS leaves both as they were made.
    prepare(organisation.endpoint, deploy_roles=[ROLE], state_buckets=[(BUCKET, REGION)])
    assert "AdministratorAccess" not in attached(iam)
    s3 = client(organisation.endpoint, "s3", region=REGION, account=None)
    (rule,) = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"

    # A stack is then deployed by that role, its state beside the others.
    stack = small_stack(tmp_path / "small")
    turned = environment.child_environment(organisation.endpoint, os.environ)
    target = Target("local", difference(os.environ, turned), organisation.work)
    deployed = deploy({stack.id: stack}, target=target)
    assert deployed.ok, deployed.to_json()
    assert "dev/global/small.tfstate" in organisation.states()


def small_stack(folder: Path) -> Stack:
    """A stack of dev as CDKTF writes them, with one role and its state in the bucket."""
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}
    role = {
        "name": "ekp-dev-global-small",
        "assume_role_policy": json.dumps(
            {"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]}
        ),
        "//": {"metadata": {"path": "dev-small/role/Resource"}},
    }
    acting = {"assume_role": [{"role_arn": ROLE}], "region": REGION}
    body = {
        "//": {"ekp": {"environment": "dev", "region": "global", "layer": "small"}},
        "terraform": {
            "backend": {
                "s3": {
                    "bucket": BUCKET,
                    "key": "dev/global/small.tfstate",
                    "region": REGION,
                    "encrypt": True,
                    "use_lockfile": True,
                    "assume_role": {"role_arn": ROLE},
                }
            },
            "required_providers": {"aws": {"source": "aws", "version": "5.100.0"}},
        },
        "provider": {"aws": [{**acting, "allowed_account_ids": [DEV]}]},
        "resource": {"aws_iam_role": {"small": role}},
    }
    (folder / "stacks" / "dev-small").mkdir(parents=True)
    (folder / "stacks" / "dev-small" / "cdk.tf.json").write_text(json.dumps(body))
    entry = {"name": "dev-small", "synthesizedStackPath": "stacks/dev-small/cdk.tf.json"}
    (folder / "manifest.json").write_text(json.dumps({"stacks": {"dev-small": entry}}))
    return synthesized.load(folder)["dev-small"]


def addresses(state: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["type"], one["name"]) for one in state["resources"]}


def attached(iam: Any) -> list[str]:
    found = iam.list_attached_role_policies(RoleName="ekp-deploy")["AttachedPolicies"]
    return sorted(one["PolicyName"] for one in found)
