"""``kill -9`` of Terraform in mid-apply, and the deploy after it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ekp.runner import stacks as synthesized
from ekp.runner.deploy import deploy
from ekp.runner.destroy import destroy
from ekp.runner.plan import plan
from ekp.runner.results import StackResult, Status
from ekp.runner.stacks import Stack
from ekp.runner.target import Target

from .conftest import Aws
from .faults import THROTTLED, Background, kill_terraform, recorded_pid, until, wait_for
from .recording import Recorder
from .synthesis import Sketch, synthesize

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "eks.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
Stacks = Mapping[str, Stack]


VPC = "${aws_vpc.main.id}"
NETWORK: dict[str, dict[str, Any]] = {
    "aws_vpc": {"main": {"cidr_block": "10.9.0.0/16", "tags": {"Name": "NAME"}}},
    "aws_subnet": {"a": {"vpc_id": VPC, "cidr_block": "10.9.0.0/24"}},
    "aws_internet_gateway": {"out": {"vpc_id": VPC}},
    "aws_route_table": {"public": {"vpc_id": VPC}},
    "aws_route": {
        "default": {
            "route_table_id": "${aws_route_table.public.id}",
            "destination_cidr_block": "0.0.0.0/0",
            "gateway_id": "${aws_internet_gateway.out.id}",
        }
    },
    "aws_route_table_association": {
        "a": {
            "subnet_id": "${aws_subnet.a.id}",
            "route_table_id": "${aws_route_table.public.id}",
        }
    },
    "aws_network_acl": {"acl": {"vpc_id": VPC}},
    "aws_network_acl_rule": {
        "deny": {
            "network_acl_id": "${aws_network_acl.acl.id}",
            "rule_number": 100,
            "protocol": "tcp",
            "rule_action": "deny",
            "cidr_block": "192.0.2.0/24",
            "from_port": 22,
            "to_port": 22,
        }
    },
    "aws_security_group": {"group": {"name": "NAME", "vpc_id": VPC}},
    "aws_security_group_rule": {
        "tls": {
            "security_group_id": "${aws_security_group.group.id}",
            "type": "ingress",
            "protocol": "tcp",
            "from_port": 443,
            "to_port": 443,
            "cidr_blocks": ["10.9.0.0/16"],
        }
    },
    "aws_iam_role": {"role": {"name": "NAME", "assume_role_policy": json.dumps(TRUST)}},
    "aws_iam_role_policy_attachment": {
        "eks": {
            "role": "${aws_iam_role.role.name}",
            "policy_arn": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
        }
    },
    "aws_kms_key": {"key": {"description": "NAME"}},
    "aws_kms_alias": {"alias": {"name": "alias/NAME", "target_key_id": "${aws_kms_key.key.id}"}},
    # Waits for all others, so that the run is held with everything else done.
    "aws_cloudwatch_log_group": {
        "last": {
            "name": "/ekp/NAME",
            "depends_on": [
                "aws_iam_role_policy_attachment.eks",
                "aws_kms_alias.alias",
                "aws_route.default",
                "aws_route_table_association.a",
                "aws_network_acl_rule.deny",
                "aws_security_group_rule.tls",
            ],
        }
    },
}


def synthesized_for(name: str, outdir: Path, bucket: str, resources: dict[str, Any]) -> Stacks:
    named = json.loads(json.dumps(resources).replace("NAME", name))
    sketches = {"dev-net": Sketch(aws=True, resources=named)}
    return synthesized.load(synthesize(outdir, sketches, bucket=bucket))


def test_a_deploy_after_kill_9_explains_and_with_consent_converges(
    tmp_path: Path, aws: Aws, local: Target, name: str
) -> None:
    stacks = synthesized_for(name, tmp_path / "cdktf.out", aws.bucket, NETWORK)
    made = 14
    aws.fail({"service": "logs", "operation": "CreateLogGroup", **THROTTLED})
    before = killed_after(stacks, local, made).failure
    aws.heal()

    refused = deploy(stacks, target=local).of("dev-net").failure
    after = deploy(stacks, target=local, recover=True).of("dev-net")
    again = plan(stacks, target=local).of("dev-net")

    assert before is not None
    assert "killed by signal 9" in before.message
    assert refused is not None
    assert "is locked by" in refused.message
    assert "no longer lives" in refused.message
    assert "ekp deploy dev --recover" in refused.remedy
    assert after.status is Status.APPLIED
    # The provider may outlive Terraform by a moment, and make the last one once it is let.
    assert made <= after.counts.adopt == len(after.recovered)
    assert after.counts.adopt + after.counts.add == made + 1
    assert not again.changes
    assert not list(local.copy_of(stacks["dev-net"]).folder.glob("recover*"))
    vpcs = aws.client("ec2").describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [name]}])
    assert len(vpcs["Vpcs"]) == 1


def killed_after(stacks: Stacks, target: Target, done: int) -> StackResult:
    """Deploy, and kill Terraform once so many resources are finished."""
    (id_,) = stacks
    recorder = Recorder()
    run = Background(lambda: deploy(stacks, target=target, reporter=recorder))
    recorder.reached(id_, "apply", done=done)
    kill_terraform(target.copy_of(stacks[id_]))
    return run.result().of(id_)


def test_a_creation_without_an_answer_is_looked_up_by_name_or_tags_or_else_listed(
    tmp_path: Path, aws: Aws, local: Target, name: str
) -> None:
    resources = {
        "aws_vpc": {**NETWORK["aws_vpc"], "nameless": {"cidr_block": "10.8.0.0/16"}},
        "aws_iam_role": NETWORK["aws_iam_role"],
        "aws_cloudwatch_log_group": {"never": {"name": "/ekp/NAME"}},
        "aws_internet_gateway": {"out": {}},
    }
    stacks = synthesized_for(name, tmp_path / "cdktf.out", aws.bucket, resources)
    aws.fail(
        {"service": "iam", "operation": "CreateRole", "status": 0, "delay_ms": 4000},
        {"service": "ec2", "operation": "CreateVpc", "status": 0, "delay_ms": 4000, "count": 2},
        {"service": "logs", "operation": "CreateLogGroup", **THROTTLED},
    )
    killed_after(stacks, local, 1)
    aws.heal()
    aws.client("iam").get_waiter("role_exists").wait(
        RoleName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )

    recovered = deploy(stacks, target=local, recover=True).of("dev-net")

    assert recovered.status is Status.APPLIED
    assert set(recovered.recovered) == {
        "aws_iam_role.role",
        "aws_internet_gateway.out",
        "aws_vpc.main",
    }
    (doubt,) = recovered.in_doubt
    assert doubt.address == "aws_vpc.nameless"
    assert doubt.construct_path == "dev-net/nameless/Resource"
    assert "look for aws_vpc" in doubt.look_for


@pytest.fixture
def killed(tmp_path: Path, aws: Aws, here: Target) -> tuple[Stacks, Target]:
    """A stack without plugins whose state in S3 was lost by a kill, its lock still held."""
    gate = tmp_path / "gate"
    held = {"local-exec": {"command": wait_for(gate)}}
    resources: dict[str, dict[str, Any]] = {
        "terraform_data": {
            "made": {"input": "x"},
            "held": {"depends_on": ["terraform_data.made"], "provisioner": [held]},
        }
    }
    outdir = synthesize(
        tmp_path / "cdktf.out", {"dev-data": Sketch(resources=resources)}, bucket=aws.bucket
    )
    stacks = synthesized.load(outdir)
    target = Target("local", aws.variables(), here.workspace)
    killed_after(stacks, target, 1)
    gate.touch()
    return stacks, target


def test_what_a_killed_run_made_is_destroyed_too(killed: tuple[Stacks, Target]) -> None:
    stacks, target = killed

    refused = destroy(stacks, target=target).of("dev-data")
    destroyed = destroy(stacks, target=target, recover=True).of("dev-data")

    assert refused.failure is not None
    assert "is locked by" in refused.failure.message
    assert destroyed.recovered == ("terraform_data.made",)
    assert destroyed.counts.destroy == 1


def test_a_loss_is_noticed_although_the_lock_is_gone(
    killed: tuple[Stacks, Target], aws: Aws
) -> None:
    stacks, target = killed
    aws.client("s3").delete_object(Bucket=aws.bucket, Key="dev-data.tfstate.tflock")

    refused = deploy(stacks, target=target).of("dev-data").failure
    recovered = deploy(stacks, target=target, recover=True).of("dev-data")

    assert refused is not None
    assert "killed before its state was saved" in refused.message
    assert "dev-data/made/Resource" in refused.message
    assert "ekp deploy dev --recover" in refused.remedy
    assert recovered.recovered == ("terraform_data.made",)


def test_a_lock_that_no_recorded_run_took_is_never_released(
    killed: tuple[Stacks, Target], tmp_path: Path
) -> None:
    stacks, target = killed
    elsewhere = Target("local", target.variables, tmp_path / "elsewhere")

    refused = deploy(stacks, target=elsewhere, recover=True).of("dev-data").failure

    assert refused is not None
    assert "No run recorded in this folder took it" in refused.message
    assert "on the machine and in the folder where it ran" in refused.remedy


def test_a_run_that_still_lives_is_not_recovered(tmp_path: Path, here: Target) -> None:
    gate = tmp_path / "gate"
    resources = {
        "terraform_data": {"held": {"provisioner": [{"local-exec": {"command": wait_for(gate)}}]}}
    }
    outdir = synthesize(tmp_path / "cdktf.out", {"dev-a": Sketch(resources=resources)})
    stacks = synthesized.load(outdir)
    copy = here.copy_of(stacks["dev-a"])
    recorder = Recorder()
    run = Background(lambda: deploy(stacks, target=here, reporter=recorder))
    recorder.reached("dev-a", "apply")
    until(lambda: recorded_pid(copy) > 0)
    (copy.run / "busy").unlink()  # as if the ekp that began it had died, and not its Terraform

    refused = deploy(stacks, target=here, recover=True).of("dev-a").failure
    gate.touch()

    assert refused is not None
    assert "still runs" in refused.message
    assert run.result().of("dev-a").status is Status.APPLIED
