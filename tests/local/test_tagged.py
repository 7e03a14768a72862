"""The tagging API finds what EC2 made by its tags, whatever its kind."""

from .conftest import Clients

NAMED = [{"Key": "Name", "Value": "mine"}]


def tagged(kind: str) -> list[dict[str, object]]:
    return [{"ResourceType": kind, "Tags": NAMED}]


def test_whatever_ec2_makes_is_found_by_its_tags(clients: Clients) -> None:
    ec2, tagging = clients("ec2"), clients("resourcegroupstaggingapi")
    vpc = ec2.create_vpc(CidrBlock="10.3.0.0/16", TagSpecifications=tagged("vpc"))["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
    rule = ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
            }
        ],
        TagSpecifications=tagged("security-group-rule"),
    )["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName="com.amazonaws.eu-west-1.s3",
        TagSpecifications=tagged("vpc-endpoint"),
    )["VpcEndpoint"]["VpcEndpointId"]
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip"))
    ec2.create_vpc(CidrBlock="10.4.0.0/16")

    found = tagging.get_resources(TagFilters=[{"Key": "Name", "Values": ["mine"]}])
    endpoints = tagging.get_resources(ResourceTypeFilters=["ec2:vpc-endpoint"])

    arns = {entry["ResourceARN"].rpartition(":")[2] for entry in found["ResourceTagMappingList"]}
    assert arns == {
        f"vpc/{vpc}",
        f"security-group-rule/{rule}",
        f"vpc-endpoint/{endpoint}",
        f"elastic-ip/{address['AllocationId']}",
    }
    (entry,) = endpoints["ResourceTagMappingList"]
    assert entry["ResourceARN"].endswith(f"vpc-endpoint/{endpoint}")
