"""Corrections of moto's EC2."""

from .conftest import Clients
from .eks_cluster import network


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
