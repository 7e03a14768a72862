"""A cluster, and the errors of the EKS API, for the tests of the EKS extension."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import REGION, Clients


@dataclass(frozen=True)
class Fixture:
    """A cluster in a VPC of its own."""

    eks: Any
    ec2: Any
    vpc: str
    subnets: list[str]
    account: str

    def role(self, name: str) -> str:
        """Give the ARN of a role of the cluster's account."""
        return f"arn:aws:iam::{self.account}:role/{name}"

    def create(self, name: str, **settings: Any) -> Any:
        """Make one more cluster in the same VPC."""
        defaults = {
            "roleArn": self.role("cluster"),
            "resourcesVpcConfig": {"subnetIds": self.subnets},
            "accessConfig": {
                "authenticationMode": "API",
                "bootstrapClusterCreatorAdminPermissions": False,
            },
            "version": "1.34",
        }
        return self.eks.create_cluster(name=name, **{**defaults, **settings})["cluster"]

    def add_subnet(self, zone: str, number: int = 9) -> str:
        """Make one more subnet in the VPC, in a zone given by its id."""
        made = self.ec2.create_subnet(
            VpcId=self.vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZoneId=zone
        )
        return str(made["Subnet"]["SubnetId"])

    def add_nodes(self, name: str = "general", **settings: Any) -> Any:
        """Make a node group in cluster `main`."""
        defaults = {"nodeRole": self.role("node"), "subnets": self.subnets}
        group = {**defaults, **settings}
        return self.eks.create_nodegroup(clusterName="main", nodegroupName=name, **group)[
            "nodegroup"
        ]

    def cluster(self, name: str = "main") -> Any:
        """Describe a cluster."""
        return self.eks.describe_cluster(name=name)["cluster"]


def network(ec2: Any, block: str = "10.0") -> tuple[str, list[str]]:
    """Make a VPC with a subnet in each of two zones."""
    vpc = ec2.create_vpc(CidrBlock=f"{block}.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"{block}.{index}.0/24", AvailabilityZone=f"{REGION}{zone}"
        )["Subnet"]["SubnetId"]
        for index, zone in enumerate("ab")
    ]
    return vpc, subnets


def make(clients: Clients, account: str) -> Fixture:
    """Make a VPC with a cluster `main` of Kubernetes 1.34 in it."""
    ec2 = clients("ec2")
    vpc, subnets = network(ec2)
    fixture = Fixture(clients("eks"), ec2, vpc, subnets, account)
    fixture.create("main")
    return fixture


@contextmanager
def refused(code: str, status: int, message: str = "") -> Iterator[None]:
    """Expect an error of the API."""
    with pytest.raises(ClientError, match=message or None) as caught:
        yield
    response = caught.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (
        code,
        status,
    )
