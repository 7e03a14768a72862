"""After a destroy everything that has the environment's tags is found, and nothing else."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ekp.runner.leftovers.answers import ask
from ekp.runner.leftovers.search import Found, search
from ekp.runner.stacks import Stack

from .conftest import Aws
from .synthesis import REGION, ROLE

ACCOUNT = ROLE.split(":")[4]
VISIBLE = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}


@pytest.fixture
def cluster(name: str) -> str:
    return f"ekp-{name}-euw1-eks"


@pytest.fixture
def stacks(name: str, cluster: str) -> list[Stack]:
    """An environment that no other test uses: a region's stack, and one that is global."""

    def stack(layer: str, region: str, resources: Mapping[str, Any]) -> Stack:
        provider = {
            "region": region,
            "assume_role": [{"role_arn": ROLE}],
            "default_tags": [{"tags": {"Project": "ekp", "Environment": name}}],
        }
        body = {"provider": {"aws": [provider]}, "resource": resources}
        return Stack(f"{name}-{layer}", Path(), name, region, layer, (), {}, body)

    own = {"aws_eks_cluster": {"cluster": {"name": cluster}}, "aws_iam_role": {"role": {}}}
    return [stack("cluster", REGION, own), stack("edge", "us-east-1", {"aws_s3_bucket": {"b": {}}})]


@pytest.fixture
def tags(name: str) -> dict[str, str]:
    return {"Project": "ekp", "Environment": name, "ManagedBy": "terraform", "Layer": "cluster"}


def listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def given(kind: str, tags: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": listed(tags)}]


def look(aws: Aws, stacks: list[Stack]) -> Found:
    return search(stacks, variables=aws.variables())


def makers(found: Found) -> dict[str, str]:
    """Kind and name of each leftover -> who probably made it."""
    assert all(one.sure for one in found.left)
    return {f"{one.kind} {one.name}": one.maker for one in found.left}


def test_an_environment_of_which_nothing_is_there_has_no_leftovers(
    aws: Aws, stacks: list[Stack]
) -> None:
    assert look(aws, stacks) == Found()


def test_what_terraform_lost_is_found_in_every_region_and_in_iam_and_nobody_else_s(
    aws: Aws, stacks: list[Stack], name: str, tags: dict[str, str]
) -> None:
    other = {**tags, "Environment": "elsewhere"}
    ec2, far, iam = aws.client("ec2"), aws.client("ec2", region="us-east-1"), aws.client("iam")
    for client, cidr, wanted in (
        (ec2, "10.1.0.0/16", {**tags, "Name": "here"}),
        (ec2, "10.2.0.0/16", other),
        (far, "10.3.0.0/16", {**tags, "Name": "far"}),
    ):
        client.create_vpc(CidrBlock=cidr, TagSpecifications=given("vpc", wanted))
    for role, wanted in ((f"ekp-{name}-role", tags), (f"ekp-{name}-other", other)):
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust, Tags=listed(wanted))
    aws.client("logs").create_log_group(logGroupName=f"/ekp/{name}", tags=tags)
    waf = aws.client("wafv2", region="us-east-1")
    waf.create_web_acl(
        Name=name,
        Scope="CLOUDFRONT",
        DefaultAction={"Allow": {}},
        VisibilityConfig=VISIBLE,
        Tags=listed({**tags, "Name": "acl"}),
    )
    aws.client("ec2", region="us-west-2").create_vpc(
        CidrBlock="10.4.0.0/16", TagSpecifications=given("vpc", tags)
    )

    maker = "Terraform, layer cluster"
    assert makers(look(aws, stacks)) == {
        "ec2 vpc here": maker,
        "ec2 vpc far": maker,
        f"iam role ekp-{name}-role": maker,
        f"logs log-group {name}": maker,
        "wafv2 global acl": maker,
    }
    # Of one region's stacks: a role does not say which region's it is.
    without = search(stacks, variables=aws.variables(), iam=False)
    assert {one.kind for one in look(aws, stacks).left} - {one.kind for one in without.left} == {
        "iam role"
    }


def test_what_controllers_made_is_found_by_the_cluster_s_tags_and_named_after_them(
    aws: Aws, stacks: list[Stack], cluster: str, name: str
) -> None:
    ec2, elb = aws.client("ec2"), aws.client("elbv2")
    claim = {
        f"kubernetes.io/cluster/{cluster}": "owned",
        "kubernetes.io/created-for/pvc/namespace": "shop",
        "kubernetes.io/created-for/pvc/name": "data",
        "Name": "volume",
    }
    node = {
        f"kubernetes.io/cluster/{cluster}": "owned",
        "karpenter.sh/nodepool": "general",
        "Name": "node",
    }
    ec2.create_volume(
        AvailabilityZone=f"{REGION}a", Size=1, TagSpecifications=given("volume", claim)
    )
    ec2.create_volume(
        AvailabilityZone=f"{REGION}a", Size=1, TagSpecifications=given("volume", node)
    )
    elb.create_target_group(
        Name=name, TargetType="lambda", Tags=listed({"elbv2.k8s.aws/cluster": cluster})
    )
    ec2.create_volume(
        AvailabilityZone=f"{REGION}a",
        Size=1,
        TagSpecifications=given("volume", {"kubernetes.io/cluster/another": "owned"}),
    )

    found = look(aws, stacks)

    assert makers(found) == {
        "ec2 volume volume": "the EBS driver, in the cluster (claim shop/data)",
        "ec2 volume node": "Karpenter, in the cluster",
        f"elasticloadbalancing targetgroup {found.left[-1].name}": "the load balancer controller,"
        " in the cluster",
    }


def test_what_aws_deletes_by_itself_is_no_leftover_and_has_its_day(
    aws: Aws, stacks: list[Stack], name: str, tags: dict[str, str]
) -> None:
    kms, secrets = aws.client("kms"), aws.client("secretsmanager")
    key = kms.create_key(
        Tags=[{"TagKey": k, "TagValue": v} for k, v in {**tags, "Name": "unseal"}.items()]
    )["KeyMetadata"]["KeyId"]
    secrets.create_secret(Name=name, SecretString="x", Tags=listed({**tags, "Name": "recovery"}))
    assert {one.name for one in look(aws, stacks).left} == {"unseal", "recovery"}

    key_day = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)["DeletionDate"]
    secret_day = secrets.delete_secret(SecretId=name, RecoveryWindowInDays=30)["DeletionDate"]

    found = look(aws, stacks)
    assert found.ok
    assert {one.name: one.day for one in found.pending} == {
        "unseal": f"{key_day:%Y-%m-%d}",
        "recovery": f"{secret_day:%Y-%m-%d}",
    }


def test_what_has_ended_is_no_leftover_though_ec2_still_tells_of_it(
    aws: Aws, stacks: list[Stack], tags: dict[str, str]
) -> None:
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.5.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.5.0.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_nat_gateway(
        SubnetId=subnet,
        ConnectivityType="private",
        TagSpecifications=given("natgateway", {**tags, "Name": "nat"}),
    )["NatGateway"]["NatGatewayId"]
    address = ec2.allocate_address(
        Domain="vpc", TagSpecifications=given("elastic-ip", {**tags, "Name": "address"})
    )["AllocationId"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName=f"com.amazonaws.{REGION}.s3",
        VpcEndpointType="Gateway",
        TagSpecifications=given("vpc-endpoint", {**tags, "Name": "s3"}),
    )["VpcEndpoint"]["VpcEndpointId"]
    instance = ec2.run_instances(
        ImageId="ami-12345678",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        TagSpecifications=given("instance", {**tags, "Name": "node"}),
    )["Instances"][0]["InstanceId"]
    assert {one.name for one in look(aws, stacks).left} == {"nat", "address", "s3", "node"}

    ec2.delete_nat_gateway(NatGatewayId=gateway)
    ec2.release_address(AllocationId=address)
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    ec2.terminate_instances(InstanceIds=[instance])

    assert look(aws, stacks) == Found()


def test_a_layer_that_was_not_destroyed_is_no_leftover(
    aws: Aws, stacks: list[Stack], name: str, tags: dict[str, str]
) -> None:
    aws.client("logs").create_log_group(
        logGroupName=f"/ekp/{name}", tags={**tags, "Layer": "bootstrap"}
    )

    found = look(aws, stacks)

    assert found.ok
    assert [one.kind for one in found.others] == ["logs log-group"]


def test_a_place_that_may_not_be_looked_through_is_said_and_is_no_good_end(
    aws: Aws, stacks: list[Stack]
) -> None:
    aws.fail(
        {
            "service": "tagging",
            "operation": "GetResources",
            "status": 400,
            "code": "AccessDeniedException",
            "count": 1,
        }
    )

    found = look(aws, stacks)

    assert not found.ok
    (said,) = found.unsearched
    assert said.startswith(f"{ACCOUNT} ")
    assert ROLE in said
    assert "AccessDeniedException" in said


GONE = {
    "acm": "certificate/00000000-0000-0000-0000-000000000000",
    "cloudwatch": "alarm:gone",
    "ec2": "volume/vol-0123456789abcdef0",
    "eks": "cluster/gone",
    "elasticloadbalancing": "loadbalancer/app/gone/0123456789abcdef",
    "events": "rule/gone",
    "kms": "key/00000000-0000-0000-0000-000000000000",
    "logs": "log-group:gone",
    "secretsmanager": "secret:gone-abcdef",
    "sns": "gone",
    "wafv2": "regional/webacl/gone/00000000-0000-0000-0000-000000000000",
}


@pytest.mark.parametrize(
    "arn",
    [
        *(f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}" for service, rest in GONE.items()),
        "arn:aws:s3:::ekp-gone-bucket",
        "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ",
        "arn:aws:route53:::healthcheck/00000000-0000-0000-0000-000000000000",
        f"arn:aws:cloudfront::{ACCOUNT}:distribution/E0123456789ABC",
    ],
)
def test_the_index_of_tags_is_late_so_the_service_has_the_last_word(aws: Aws, arn: str) -> None:
    assert ask(aws.client, [arn])[arn].gone


def test_what_no_service_is_asked_about_stays_unsure(aws: Aws) -> None:
    arn = f"arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/costs"

    answer = ask(aws.client, [arn])[arn]

    assert (answer.gone, answer.sure) == (False, False)
