"""What is changed in AWS past Terraform is found at its construct, and nothing else is.

One environment is applied to the local AWS, changed there by hand, and compared by the command.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ekp.cli import app
from ekp.commands import drift as command
from ekp.local import prepare
from ekp.runner import stacks as synthesized
from ekp.runner.deploy import deploy
from ekp.runner.drift.check import drift
from ekp.runner.drift.report import Drift
from ekp.runner.errors import RunnerError
from ekp.runner.results import HIDDEN, RunResult, Status
from ekp.runner.stacks import Stack
from ekp.runner.target import Target
from ekp.runner.variables import MissingVariableError

from .conftest import Aws
from .recording import Recorder
from .synthesis import REGION, ROLE, Json, Sketch, synthesize

# All of them look at one environment, which takes long to apply.
pytestmark = pytest.mark.xdist_group("drift")

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
NODES = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
SECRET = {"variable": {"secret": {"type": "string", "sensitive": True, "nullable": False}}}
GROUP = "${aws_security_group.group.id}"


def https(group: str, cidr: str) -> Json:
    return {
        "security_group_id": group,
        "cidr_ipv4": cidr,
        "ip_protocol": "tcp",
        "from_port": 443,
        "to_port": 443,
    }


def a_record(name: str) -> Json:
    return {
        "zone_id": "${aws_route53_zone.zone.zone_id}",
        "name": name,
        "type": "A",
        "ttl": 60,
        "records": ["192.0.2.1"],
    }


NETWORK = Sketch(
    aws=True,
    resources={
        "aws_vpc": {"vpc": {"cidr_block": "10.9.0.0/16", "tags": {"Name": "vpc"}}},
        "aws_security_group": {
            "group": {"name": "group", "description": "test", "vpc_id": "${aws_vpc.vpc.id}"}
        },
        "aws_vpc_security_group_ingress_rule": {
            "from-here": https(GROUP, "10.9.0.0/16"),
            "from-there": https(GROUP, "10.10.0.0/16"),
        },
        "aws_route53_zone": {"zone": {"name": "example.org"}},
        "aws_route53_record": {"www": a_record("www"), "api": a_record("api")},
        "aws_iam_role": {"role": {"name": "nodes", "assume_role_policy": json.dumps(TRUST)}},
        "aws_iam_role_policy_attachment": {
            "policy": {"role": "${aws_iam_role.role.name}", "policy_arn": NODES}
        },
        "aws_ssm_parameter": {
            "secret": {"name": "/secret", "type": "SecureString", "value": "${var.secret}"}
        },
    },
    extra=SECRET
    | {
        "provider": {
            "aws": [
                {
                    "region": REGION,
                    "assume_role": [{"role_arn": ROLE}],
                    "default_tags": [{"tags": {"Owner": "platform", "Project": "ekp"}}],
                }
            ]
        }
    },
)
PLAIN = Sketch(resources={"terraform_data": {"one": {"input": "x"}}})
STACKS = {"dev-network": NETWORK, "dev-later": PLAIN}


@dataclass(frozen=True)
class World:
    """An environment that is applied, and where."""

    aws: Aws
    stacks: Mapping[str, Stack]
    target: Target

    def compare(self) -> Drift:
        return drift(self.stacks, target=self.target, environ={})

    def states(self) -> dict[str, bytes]:
        s3 = self.aws.client("s3")
        listed = s3.list_objects_v2(Bucket=self.aws.bucket)["Contents"]
        return {
            one["Key"]: s3.get_object(Bucket=self.aws.bucket, Key=one["Key"])["Body"].read()
            for one in listed
        }


@pytest.fixture(scope="module")
def world(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    bucket, folder = "ekp-test-drift", tmp_path_factory.mktemp("drift")
    prepare.prepare(endpoint, deploy_roles=[ROLE], state_buckets=[(bucket, REGION)])
    aws = Aws(endpoint, bucket)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EKP_CACHE_DIR", str(folder / "cache"))
        stacks = synthesized.load(synthesize(folder / "cdktf.out", STACKS, bucket=bucket))
        variables = {**aws.variables(), "TF_VAR_secret": "s3cr3t-of-the-state"}
        done = deploy(
            stacks,
            selected=["dev-network"],
            target=Target("local", variables, folder / "work"),
        )
        assert done.ok, done.to_json()
        # Nobody who looks for drift has the secret.
        yield World(aws, stacks, Target("local", aws.variables(), folder / "work", "--local"))


@pytest.fixture(scope="module")
def at_first(world: World) -> Drift:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EKP_CACHE_DIR", str(world.target.workspace / "cache"))
        return world.compare()


@dataclass(frozen=True)
class Found:
    """What the command says after changes by hand, and the states before and after it."""

    done: Result
    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    files: Sequence[Path]

    @property
    def resources(self) -> dict[str, Json]:
        """What drifted, by construct path."""
        return {
            one["construct_path"]: one
            for stack in json.loads(self.done.stdout)["stacks"]
            for one in stack["resources"]
            if one["action"] == "deleted" or one["attributes"]
        }

    def attributes(self, construct: str) -> dict[str, tuple[object, object]]:
        return {
            one["path"]: (one["before"], one["after"])
            for one in self.resources[construct]["attributes"]
        }


@pytest.fixture(scope="module")
def found(world: World, at_first: Drift) -> Found:
    """Change AWS by hand, and let the command look, without the secret and beside a deploy."""
    assert at_first.run.ok
    ec2, iam = world.aws.client("ec2"), world.aws.client("iam")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["vpc"]}])["Vpcs"]
    named = [{"Name": "group-name", "Values": ["group"]}]
    named.append({"Name": "vpc-id", "Values": [vpc["VpcId"]]})
    (group,) = ec2.describe_security_groups(Filters=named)["SecurityGroups"]
    opened = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    opened["IpRanges"] = [{"CidrIp": "0.0.0.0/0"}]
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[opened])
    closed = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    closed["IpRanges"] = [{"CidrIp": "10.10.0.0/16"}]
    ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[closed])
    tags = [{"Key": "Owner", "Value": "somebody"}, {"Key": "Note", "Value": "by hand"}]
    ec2.create_tags(Resources=[vpc["VpcId"]], Tags=tags)
    iam.attach_role_policy(RoleName="nodes", PolicyArn=ADMINISTRATOR)
    world.aws.client("ssm").put_parameter(
        Name="/secret", Type="SecureString", Value="s3cr3t-of-aws", Overwrite=True
    )
    _delete_record(world.aws.client("route53"), "api.example.org.")
    # A deploy of the stack is under way elsewhere.
    lock = {"ID": "1", "Who": "somebody", "Operation": "OperationTypeApply"}
    key = "dev-network.tfstate.tflock"
    s3 = world.aws.client("s3")
    s3.put_object(Bucket=world.aws.bucket, Key=key, Body=json.dumps(lock).encode())

    before, files = world.states(), set(world.target.workspace.rglob("*"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EKP_CACHE_DIR", str(world.target.workspace / "cache"))
        space = SimpleNamespace(stacks=lambda: world.stacks, target=lambda *_, **__: world.target)
        patch.setattr(command, "workspace", lambda: space)
        done = CliRunner().invoke(app, ["drift", "dev", "--json"])
    made = [one for one in world.target.workspace.rglob("*") if one not in files and one.is_file()]
    return Found(done, before, world.states(), made)


def _delete_record(route53: Any, name: str) -> None:
    for zone in route53.list_hosted_zones()["HostedZones"]:
        listed = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
        for record in listed:
            if record["Name"] == name:
                change = {"Action": "DELETE", "ResourceRecordSet": record}
                route53.change_resource_record_sets(
                    HostedZoneId=zone["Id"], ChangeBatch={"Changes": [change]}
                )


def test_nothing_drifts_right_after_a_deploy(at_first: Drift) -> None:
    assert at_first.run.of("dev-network").status is Status.READ
    assert [one for stack in STACKS for one in at_first.of(stack)] == []
    assert not at_first.found


def test_what_aws_tells_of_other_resources_is_there_for_those_who_ask(at_first: Drift) -> None:
    quiet = {
        one.construct_path: sorted({other.path.partition("[")[0] for other in one.others})
        for stack in at_first.resources.values()
        for one in stack
    }

    # Both were made before their rules and policies, so that the states know of none.
    assert quiet["dev-network/group/Resource"] == ["ingress"]
    assert quiet["dev-network/role/Resource"] == ["managed_policy_arns"]


def test_each_change_by_hand_is_found_at_its_construct_and_nothing_else(found: Found) -> None:
    assert {path: one["action"] for path, one in found.resources.items()} == {
        "dev-network/group/Resource": "changed",
        "dev-network/from-there/Resource": "deleted",
        "dev-network/vpc/Resource": "changed",
        "dev-network/api/Resource": "deleted",
        "dev-network/secret/Resource": "changed",
        "dev-network/role/Resource": "changed",
    }
    assert found.resources["dev-network/api/Resource"]["address"] == "aws_route53_record.api"


def test_a_rule_that_was_opened_is_told_and_those_of_ours_are_not(found: Found) -> None:
    group = found.attributes("dev-network/group/Resource")

    assert group == {"ingress": (None, "tcp 22 from 0.0.0.0/0")}


def test_a_policy_that_was_attached_is_told(found: Found) -> None:
    role = found.attributes("dev-network/role/Resource")

    assert role == {"managed_policy_arns": (None, ADMINISTRATOR)}


def test_each_tag_is_told_once(found: Found) -> None:
    assert found.attributes("dev-network/vpc/Resource") == {
        "tags.Owner": ("platform", "somebody"),
        "tags.Note": (None, "by hand"),
    }


def test_secrets_are_compared_and_never_told(found: Found) -> None:
    secret = found.attributes("dev-network/secret/Resource")

    assert secret["value"] == (HIDDEN, HIDDEN)
    assert "s3cr3t" not in found.done.output


def test_drift_is_exit_code_4(found: Found) -> None:
    assert found.done.exit_code == 4
    assert json.loads(found.done.stdout)["drift"] is True


def test_a_stack_that_is_not_applied_is_no_drift(found: Found) -> None:
    later = {one["stack"]: one for one in json.loads(found.done.stdout)["stacks"]}["dev-later"]

    assert (later["result"], later["resources"]) == ("not applied", [])
    assert "dev-later is not applied" in found.done.stderr


def test_looking_changes_no_state_and_needs_no_lock(found: Found) -> None:
    assert "dev-network.tfstate.tflock" in found.before
    assert found.after == found.before


def test_no_file_keeps_what_was_read(world: World, found: Found) -> None:
    assert found.files
    assert list(world.target.workspace.rglob("drift.tfplan")) == []
    assert [file for file in found.files if b"s3cr3t" in file.read_bytes()] == []


def applied(tmp_path: Path, target: Target, **sketches: Sketch) -> Mapping[str, Stack]:
    """Write and apply stacks that need no provider plugin, beside one that is not applied."""
    named = {f"dev-{name}": sketch for name, sketch in sketches.items()}
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", named))
    done: RunResult = deploy(stacks, target=target)
    assert done.ok, done.to_json()
    return stacks


def test_a_stack_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path, here: Target) -> None:
    after = Sketch(resources=PLAIN.resources, after=["dev-broken"])
    stacks = applied(tmp_path, here, broken=PLAIN, fine=after)
    Path(stacks["dev-broken"].backend[1]["path"]).write_text("{ not a state")

    result = drift(stacks, target=here, environ={}).run

    assert result.of("dev-broken").status is Status.FAILED
    assert "The state is broken" in str(result.of("dev-broken").failure)
    assert result.of("dev-fine").status is Status.READ
    assert not result.ok


def test_a_state_that_is_written_meanwhile_is_compared_again_by_a_person(
    tmp_path: Path, here: Target
) -> None:
    stacks = applied(tmp_path, here, one=PLAIN)
    file = Path(stacks["dev-one"].backend[1]["path"])

    class Deploying(Recorder):
        """Another deploy writes the state while this one is compared."""

        def step(self, stack: str, step: str, total: int = 0) -> None:
            if step == "compares":
                state = json.loads(file.read_text())
                file.write_text(json.dumps({**state, "serial": state["serial"] + 1}))
            super().step(stack, step, total)

    result = drift(stacks, target=here, environ={}, reporter=Deploying()).run

    assert "written while it was compared" in str(result.of("dev-one").failure)


def test_a_variable_on_which_the_refresh_depends_must_be_set(tmp_path: Path, here: Target) -> None:
    provider = {"provider": {"aws": [{"region": REGION, "token": "${var.secret}"}]}}
    needed = Sketch(aws=True, extra=SECRET | provider)
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", {"dev-one": needed}))

    with pytest.raises(MissingVariableError, match="TF_VAR_secret is not set"):
        drift(stacks, target=here, environ={})
    assert issubclass(MissingVariableError, RunnerError)
