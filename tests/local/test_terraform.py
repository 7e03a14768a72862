"""Terraform with the real AWS provider on the local AWS."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ekp.local.prepare import prepare
from ekp.local.process import LocalAws, throwaway

from .conftest import REGION, Clients, clients_of
from .stack import ACCOUNT, DEPLOY_ROLE, STATE_BUCKET, Wanted, stack
from .terraform import Terraform, terraform

# What the provider imports by another name than its own id.
IMPORT_IDS = {
    "aws_eks_pod_identity_association": "{cluster_name},{association_id}",
    "aws_iam_role_policy_attachment": "{role}/{policy_arn}",
    "aws_route": "{route_table_id}_{destination_cidr_block}",
    "aws_route_table_association": "{subnet_id}/{route_table_id}",
}
# They have arguments for the provider alone, which no API tells.
SET_AFTER_IMPORT = ("aws_eks_addon.vpc-cni", "aws_launch_template.nodes")
# The API does not tell these two, so the provider plans a replacement after an import.
UNTOLD = (
    "access_config[0].bootstrap_cluster_creator_admin_permissions",
    "bootstrap_self_managed_addons",
)


@pytest.fixture(scope="module")
def own_aws() -> Iterator[LocalAws]:
    """An AWS that holds nothing but this module's resources."""
    with throwaway() as running:
        yield running


def importing(resources: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [
        {
            "to": item["address"],
            "id": IMPORT_IDS.get(item["type"], "{id}").format(**item["values"]),
        }
        for item in resources
    ]


def without_backend(wanted: Wanted) -> dict[str, Any]:
    plain = stack(wanted)
    del plain["terraform"]["backend"]
    plain["resource"]["aws_eks_cluster"]["main"]["lifecycle"] = {"ignore_changes": list(UNTOLD)}
    return plain


def left_over(clients: Clients) -> dict[str, list[Any]]:
    ec2, eks, iam = clients("ec2"), clients("eks"), clients("iam")
    custom = [{"Name": "is-default", "Values": ["false"]}]
    keys = clients("kms")
    return {
        "vpcs": ec2.describe_vpcs(Filters=custom)["Vpcs"],
        "endpoints": [
            endpoint["VpcEndpointId"]
            for endpoint in ec2.describe_vpc_endpoints()["VpcEndpoints"]
            if endpoint["State"] != "deleted"  # EC2 shows them for a while
        ],
        "groups": [
            group["GroupName"]
            for group in ec2.describe_security_groups()["SecurityGroups"]
            if group["GroupName"] != "default"
        ],
        "gateways": [
            gateway["NatGatewayId"]
            for gateway in ec2.describe_nat_gateways()["NatGateways"]
            if gateway["State"] != "deleted"
        ],
        "interfaces": ec2.describe_network_interfaces()["NetworkInterfaces"],
        "addresses": ec2.describe_addresses()["Addresses"],
        "templates": ec2.describe_launch_templates()["LaunchTemplates"],
        "flow logs": ec2.describe_flow_logs()["FlowLogs"],
        "clusters": eks.list_clusters()["clusters"],
        "roles": [
            role["RoleName"] for role in iam.list_roles()["Roles"] if role["Arn"] != DEPLOY_ROLE
        ],
        "oidc": iam.list_open_id_connect_providers()["OpenIDConnectProviderList"],
        "log groups": clients("logs").describe_log_groups()["logGroups"],
        "keys": [
            key["KeyId"]
            for key in keys.list_keys()["Keys"]
            if keys.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"
        ],
    }


def check_account(clients: Clients, session: Any, aws: LocalAws) -> None:
    """The deploy role's account holds the cluster; the state lies in the bucket, its lock gone."""
    cluster = clients("eks").describe_cluster(name="main")["cluster"]
    assert cluster["arn"].split(":")[4] == ACCOUNT
    assert len(left_over(clients)["oidc"]) == 1
    s3 = session.client("s3", endpoint_url=aws.endpoint, region_name=REGION)
    (state,) = s3.list_objects_v2(Bucket=STATE_BUCKET)["Contents"]
    assert state["Key"] == "test/eu-west-1/cluster.tfstate"


def check_update(clients: Clients) -> None:
    eks = clients("eks")
    cluster = eks.describe_cluster(name="main")["cluster"]
    group = eks.describe_nodegroup(clusterName="main", nodegroupName="general")["nodegroup"]
    assert (cluster["version"], group["version"]) == ("1.35", "1.35")
    assert group["releaseVersion"] == "1.35.0-20260701"
    assert group["scalingConfig"]["desiredSize"] == 3
    assert cluster["tags"] == {"team": "platform", "owner": "platform"}
    assert len(cluster["resourcesVpcConfig"]["publicAccessCidrs"]) == 2


def check_import(main: Terraform, other: Terraform, wanted: Wanted) -> None:
    resources = main.resources()
    other.write(without_backend(wanted), **{"import": importing(resources)})
    other.init()
    assert len(resources) > 50
    assert other.changes() == dict.fromkeys(SET_AFTER_IMPORT, "update")


def test_a_network_and_a_cluster_are_applied_updated_imported_and_destroyed_without_a_trace(
    own_aws: LocalAws, session: Any, tmp_path: Path
) -> None:
    clients = clients_of(own_aws, session, ACCOUNT)
    prepare(own_aws.endpoint, deploy_roles=[DEPLOY_ROLE], state_buckets=[(STATE_BUCKET, REGION)])
    main, other = terraform(own_aws, tmp_path / "main"), terraform(own_aws, tmp_path / "other")
    first, second = Wanted(), Wanted().changed()

    main.write(stack(first))
    main.init()
    main.apply()
    assert main.is_settled()
    check_account(clients, session, own_aws)

    main.write(stack(second))
    main.apply()
    assert main.is_settled()
    check_update(clients)

    check_import(main, other, second)

    main.destroy()
    assert {kind: found for kind, found in left_over(clients).items() if found} == {}
