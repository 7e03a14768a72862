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


def test_what_is_gone_has_no_tags_any_more(clients: Clients) -> None:
    ec2, tagging = clients("ec2"), clients("resourcegroupstaggingapi")
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip"))

    ec2.release_address(AllocationId=address["AllocationId"])

    asked = [{"Name": "resource-id", "Values": [address["AllocationId"]]}]
    assert ec2.describe_tags(Filters=asked)["Tags"] == []
    assert tagging.get_resources(TagFilters=[{"Key": "Name"}])["ResourceTagMappingList"] == []


def test_zones_and_health_checks_are_found_by_their_tags(clients: Clients) -> None:
    route53 = clients("route53", region="us-east-1")
    zone = route53.create_hosted_zone(Name="tagged.example", CallerReference="tagged")
    zone_id = zone["HostedZone"]["Id"].rpartition("/")[2]
    check = route53.create_health_check(
        CallerReference="tagged",
        HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "tagged.example"},
    )["HealthCheck"]["Id"]
    for kind, id_ in (("hostedzone", zone_id), ("healthcheck", check)):
        route53.change_tags_for_resource(ResourceType=kind, ResourceId=id_, AddTags=NAMED)

    tagging = clients("resourcegroupstaggingapi", region="us-east-1")
    found = tagging.get_resources(ResourceTypeFilters=["route53"])["ResourceTagMappingList"]

    assert {one["ResourceARN"] for one in found} == {
        f"arn:aws:route53:::hostedzone/{zone_id}",
        f"arn:aws:route53:::healthcheck/{check}",
    }
