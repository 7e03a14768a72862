"""dev on the local AWS, through the commands people use: applied, unchanged, destroyed, gone."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from ekp.local.environment import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from ekp.synth import project_root

REGION = "eu-west-1"
ACCOUNT = "111111111111"
STACKS = ["dev-eu-west-1-network", "dev-eu-west-1-cluster"]


class Ekp:
    """The command line, with a workspace of its own."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self._environ = {
            **os.environ,
            "EKP_WORKSPACE": str(workspace),
            "EKP_TODAY": "2026-11-21",
        }

    def __call__(self, *arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "ekp", *arguments, "--json"],
            capture_output=True,
            check=False,
            env=self._environ,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result


@pytest.fixture(scope="module")
def ekp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ekp]:
    ekp = Ekp(tmp_path_factory.mktemp("workspace"))
    yield ekp
    ekp("local", "stop")


@pytest.mark.requirement("R22")
@pytest.mark.requirement("R23")
@pytest.mark.requirement("R46")
@pytest.mark.requirement("R49")
@pytest.mark.requirement("R51")
def test_dev_is_applied_then_unchanged_then_destroyed_and_nothing_is_left(ekp: Ekp) -> None:
    deployed = ekp("deploy", "dev", "--local")
    assert {s["stack"]: s["status"] for s in deployed["stacks"]} == dict.fromkeys(STACKS, "applied")
    endpoint = ekp("local", "status")["endpoint"]

    again = ekp("plan", "dev", "--local")
    assert [s["changes"] for s in again["stacks"]] == [[], []]
    assert again["speculative"] == []

    published = {s["stack"]: s["outputs"] for s in ekp("outputs", "dev", "--local")["stacks"]}
    network = published["dev-eu-west-1-network"]
    cluster = _client(endpoint, "eks").describe_cluster(
        name=published["dev-eu-west-1-cluster"]["cluster_name"]["value"]
    )["cluster"]
    assert cluster["resourcesVpcConfig"]["vpcId"] == network["vpc_id"]["value"]
    assert set(cluster["resourcesVpcConfig"]["subnetIds"]) == set(
        network["isolated_subnet_ids"]["value"]
    )
    assert _ours(endpoint) != []

    destroyed = ekp("destroy", "dev", "--local")
    assert {s["stack"]: s["status"] for s in destroyed["stacks"]} == dict.fromkeys(
        STACKS, "destroyed"
    )
    assert _ours(endpoint) == []


def test_local_mode_leaves_cdktf_out_as_it_is(ekp: Ekp) -> None:
    ekp("synth")
    before = _digest(project_root() / "cdktf.out")

    ekp("plan", "dev", "--local")

    assert _digest(project_root() / "cdktf.out") == before


@pytest.mark.requirement("R32")
def test_production_is_planned_whole_before_anything_of_it_exists(ekp: Ekp) -> None:
    planned = ekp("plan", "prod", "--local")

    assert {s["stack"] for s in planned["stacks"]} == {
        f"prod-{region}-{layer}"
        for region in ("eu-west-1", "us-east-1")
        for layer in ("network", "cluster")
    }
    assert sorted(planned["speculative"]) == ["prod-eu-west-1-cluster", "prod-us-east-1-cluster"]
    assert all(s["counts"]["add"] > 0 for s in planned["stacks"])
    # The samples went to a throwaway: the local AWS that runs holds no state of production.
    endpoint = ekp("local", "status")["endpoint"]
    kept = _client(endpoint, "s3", account=None).list_objects_v2(
        Bucket="ekp-tfstate-444444444444", Prefix="prod/"
    )
    assert kept["KeyCount"] == 0


def _client(endpoint: str, service: str, *, account: str | None = ACCOUNT) -> Any:
    make: Any = boto3.client  # its overloads want a literal name
    keys = {
        "endpoint_url": endpoint,
        "region_name": REGION,
        "aws_access_key_id": ACCESS_KEY_ID,
        "aws_secret_access_key": SECRET_ACCESS_KEY,
    }
    if account is None:
        return make(service, **keys)
    found = make("sts", **keys).assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/ekp-deploy", RoleSessionName="test"
    )["Credentials"]
    return make(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
    )


def _ours(endpoint: str) -> list[str]:
    """What dev's account holds of what the platform makes, each asked of its own service."""
    ec2, eks = _client(endpoint, "ec2"), _client(endpoint, "eks")
    iam, kms, logs = (_client(endpoint, name) for name in ("iam", "kms", "logs"))
    named = [{"Name": "tag:Project", "Values": ["ekp"]}]
    found = [
        *(v["VpcId"] for v in ec2.describe_vpcs(Filters=named)["Vpcs"]),
        *(s["SubnetId"] for s in ec2.describe_subnets(Filters=named)["Subnets"]),
        *(t["RouteTableId"] for t in ec2.describe_route_tables(Filters=named)["RouteTables"]),
        *(a["AllocationId"] for a in ec2.describe_addresses(Filters=named)["Addresses"]),
        *(g["GroupId"] for g in ec2.describe_security_groups(Filters=named)["SecurityGroups"]),
        *(
            n["NatGatewayId"]
            for n in ec2.describe_nat_gateways(Filters=named)["NatGateways"]
            if n["State"] != "deleted"
        ),
        *(
            e["VpcEndpointId"]
            for e in ec2.describe_vpc_endpoints(Filters=named)["VpcEndpoints"]
            if e["State"] != "deleted"
        ),
        *(t["LaunchTemplateName"] for t in ec2.describe_launch_templates()["LaunchTemplates"]),
        *eks.list_clusters()["clusters"],
        *(r["RoleName"] for r in iam.list_roles()["Roles"] if r["RoleName"] != "ekp-deploy"),
        *(p["Arn"] for p in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]),
        *(
            key["KeyId"]
            for key in kms.list_keys()["Keys"]
            if kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"
        ),
        *(
            a["AliasName"]
            for a in kms.list_aliases()["Aliases"]
            if not a["AliasName"].startswith("alias/aws/")
        ),
        *(g["logGroupName"] for g in logs.describe_log_groups()["logGroups"]),
    ]
    return [str(one) for one in found]


def _digest(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
