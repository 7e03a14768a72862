"""Corrections of moto's EC2."""

import pytest

from .conftest import Clients
from .eks_cluster import network, refused


def test_tags_of_a_launch_template_are_not_tags_of_what_it_launches(clients: Clients) -> None:
    ec2 = clients("ec2")
    tags = [{"Key": "team", "Value": "platform"}]
    specifications = [
        {"ResourceType": kind, "Tags": tags} for kind in ("launch-template", "volume")
    ]

    ec2.create_launch_template(
        LaunchTemplateName="nodes",
        LaunchTemplateData={"TagSpecifications": specifications},
    )

    (version,) = ec2.describe_launch_template_versions(LaunchTemplateName="nodes")[
        "LaunchTemplateVersions"
    ]
    kinds = [item["ResourceType"] for item in version["LaunchTemplateData"]["TagSpecifications"]]
    assert kinds == ["volume"]


def test_tags_that_a_launch_template_gets_later_show(clients: Clients) -> None:
    ec2 = clients("ec2")
    made = ec2.create_launch_template(
        LaunchTemplateName="nodes",
        LaunchTemplateData={"EbsOptimized": True},
        TagSpecifications=[
            {"ResourceType": "launch-template", "Tags": [{"Key": "a", "Value": "1"}]}
        ],
    )["LaunchTemplate"]

    ec2.create_tags(Resources=[made["LaunchTemplateId"]], Tags=[{"Key": "b", "Value": "2"}])

    (found,) = ec2.describe_launch_templates(LaunchTemplateNames=["nodes"])["LaunchTemplates"]
    assert {item["Key"]: item["Value"] for item in found["Tags"]} == {"a": "1", "b": "2"}


def test_a_nat_gateway_takes_its_network_interface_with_it(clients: Clients) -> None:
    ec2 = clients("ec2")
    _, subnets = network(ec2)
    gateway = ec2.create_nat_gateway(SubnetId=subnets[0], ConnectivityType="private")["NatGateway"]
    made = ec2.describe_network_interfaces()["NetworkInterfaces"]

    ec2.delete_nat_gateway(NatGatewayId=gateway["NatGatewayId"])

    assert len(made) == 1
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []


@pytest.mark.parametrize(
    ("region", "zone", "name"),
    [
        ("eu-west-1", "euw1-az1", "eu-west-1b"),
        ("eu-west-1", "euw1-az3", "eu-west-1a"),
        ("us-east-1", "use1-az1", "us-east-1b"),
        ("us-east-1", "use1-az6", "us-east-1a"),
    ],
)
def test_a_subnet_given_the_id_of_its_zone_is_like_one_given_the_name(
    clients: Clients, region: str, zone: str, name: str
) -> None:
    ec2 = clients("ec2", region=region)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    settings = [{"AvailabilityZoneId": zone}, {"AvailabilityZone": name}]

    for index, setting in enumerate(settings):
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{index}.0/24", **setting)

    filters = [{"Name": "vpc-id", "Values": [vpc]}]
    for subnet in ec2.describe_subnets(Filters=filters)["Subnets"]:
        assert (subnet["AvailabilityZoneId"], subnet["AvailabilityZone"]) == (zone, name)
        assert (subnet["DefaultForAz"], subnet["MapPublicIpOnLaunch"]) == (False, False)


def test_a_zone_of_another_region_or_of_none_is_refused_for_a_subnet(clients: Clients) -> None:
    ec2 = clients("ec2", region="us-west-1")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

    for setting, wanted in (
        ({"AvailabilityZoneId": "use1-az1"}, "use1-az1"),
        ({"AvailabilityZoneId": "usw1-az2"}, "usw1-az2"),
        ({"AvailabilityZone": "us-east-1a"}, "us-east-1a"),
    ):
        with refused("InvalidParameterValue", 400, rf"{wanted}.*us-west-1a, us-west-1b"):
            ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", **setting)
