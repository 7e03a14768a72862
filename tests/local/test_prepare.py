"""What exists in the local AWS before the first stack."""

import itertools
from typing import Any

import pytest

from ekp.local.prepare import prepare
from ekp.local.process import LocalAws, LocalAwsError

from .conftest import REGION, Clients

NAMES = itertools.count(1)


@pytest.fixture
def bucket() -> str:
    return f"state-{next(NAMES)}"


def test_the_deploy_role_really_exists_in_its_account(
    aws: LocalAws, account: str, clients: Clients
) -> None:
    arn = f"arn:aws:iam::{account}:role/platform/deploy"
    for _ in range(2):
        prepare(aws.endpoint, deploy_roles=[arn], state_buckets=[])

    iam = clients("iam")
    assert iam.get_role(RoleName="deploy")["Role"]["Arn"] == arn
    attached = iam.list_attached_role_policies(RoleName="deploy")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AdministratorAccess"]
    elsewhere = clients("iam", account="200000000002")
    with pytest.raises(elsewhere.exceptions.NoSuchEntityException):
        elsewhere.get_role(RoleName="deploy")


@pytest.mark.parametrize("region", [REGION, "us-east-1"])
def test_state_buckets_are_versioned_encrypted_and_closed(
    aws: LocalAws, session: Any, bucket: str, region: str
) -> None:
    for _ in range(2):
        prepare(aws.endpoint, deploy_roles=[], state_buckets=[(bucket, region)])

    s3 = session.client("s3", endpoint_url=aws.endpoint, region_name=region)
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert all(block.values())


def test_the_zone_above_has_the_id_that_the_settings_name_in_the_account_of_its_role(
    aws: LocalAws, account: str, clients: Clients
) -> None:
    role = f"arn:aws:iam::{account}:role/dns"
    zones = [("ekp.example", "Z0EKPEXAMPLEPARENT", role)]
    for _ in range(2):
        prepare(aws.endpoint, deploy_roles=[], state_buckets=[], parent_zones=zones)

    (found,) = clients("route53").list_hosted_zones()["HostedZones"]
    assert (found["Name"], found["Id"]) == ("ekp.example.", "/hostedzone/Z0EKPEXAMPLEPARENT")
    records = clients("route53").list_resource_record_sets(HostedZoneId="Z0EKPEXAMPLEPARENT")
    assert {record["Type"] for record in records["ResourceRecordSets"]} == {"NS", "SOA"}
    assert clients("route53", account="200000000002").list_hosted_zones()["HostedZones"] == []


def test_a_second_call_keeps_the_state_that_is_in_the_bucket(
    aws: LocalAws, session: Any, bucket: str
) -> None:
    prepare(aws.endpoint, deploy_roles=[], state_buckets=[(bucket, REGION)])
    s3 = session.client("s3", endpoint_url=aws.endpoint, region_name=REGION)
    s3.put_object(Bucket=bucket, Key="a.tfstate", Body=b"{}")

    prepare(aws.endpoint, deploy_roles=[], state_buckets=[(bucket, REGION)])

    assert s3.get_object(Bucket=bucket, Key="a.tfstate")["Body"].read() == b"{}"


def test_what_is_no_role_is_named(aws: LocalAws) -> None:
    with pytest.raises(LocalAwsError, match="'deploy' is no role's ARN"):
        prepare(aws.endpoint, deploy_roles=["deploy"], state_buckets=[])


def test_managed_policies_of_aws_exist(clients: Clients) -> None:
    policy = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"

    assert clients("iam").get_policy(PolicyArn=policy)["Policy"]["Arn"] == policy
