"""What EKS reads and makes in its neighbour services, EC2 and CloudWatch Logs."""

from contextlib import suppress
from ipaddress import IPv4Network
from typing import Any

from moto.core.exceptions import JsonRESTError, ServiceException
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.models.subnets import Subnet
from moto.eks.exceptions import (
    EKSError,
    InvalidParameterException,
    InvalidRequestException,
)
from moto.logs.models import logs_backends
from moto.moto_api._internal import mock_random

MIN_ZONES = 2
# No control plane runs there: EKS user guide, networking requirements for VPC and subnets.
UNSUPPORTED_ZONES = ("use1-az3", "usw1-az2", "cac1-az3")
ANY_PORT: Any = None  # moto takes it, and types it as text
SECURITY_GROUP_DESCRIPTION = (
    "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes,"
    " as well as any managed workloads."
)


class UnsupportedZoneError(EKSError):
    """A subnet of a control plane is in a zone that has none."""

    TYPE = "UnsupportedAvailabilityZoneException"
    STATUS = 400


class Neighbours:
    """The other services of one account in one region."""

    def __init__(self, account_id: str, region: str) -> None:
        self.account_id = account_id
        self.region = region

    @property
    def ec2(self) -> EC2Backend:
        """Give EC2 of this account and region."""
        return ec2_backends[self.account_id][self.region]

    def subnets(self, ids: list[str]) -> list[Subnet]:
        """Give subnets by id; refuse unknown ones."""
        known = {id_: subnet for zone in self.ec2.subnets.values() for id_, subnet in zone.items()}
        for id_ in ids:
            if id_ not in known:
                raise InvalidParameterException(message=f"The subnet ID '{id_}' does not exist")
        return [known[id_] for id_ in ids]

    def vpc_of_cluster(self, subnet_ids: list[str]) -> str:
        """Give the VPC that a cluster's subnets share; refuse sets that EKS refuses."""
        subnets = self.subnets(subnet_ids)
        if len({subnet.availability_zone_id for subnet in subnets}) < MIN_ZONES:
            raise InvalidParameterException(
                message="Subnets specified must be in at least two different AZs"
            )
        vpcs = {str(subnet.vpc_id) for subnet in subnets}
        if len(vpcs) > 1:
            raise InvalidParameterException(message="Subnets specified must be in the same VPC")
        return vpcs.pop()

    def zones(self, subnet_ids: list[str]) -> dict[str, str]:
        """Give the zones of subnets: the name of each by its id."""
        subnets = self.subnets(subnet_ids)
        return {subnet.availability_zone_id: subnet.availability_zone for subnet in subnets}

    def check_zones(self, cluster: str, zones: dict[str, str]) -> None:
        """Refuse zones without control planes."""
        for id_, name in sorted(zones.items()):
            if id_ in UNSUPPORTED_ZONES:
                valid = [
                    zone.name
                    for zone in self.ec2.describe_availability_zones()
                    if zone.zone_id not in UNSUPPORTED_ZONES
                ]
                raise UnsupportedZoneError(
                    clusterName=cluster,
                    validZones=valid,
                    message=f"Cannot create cluster '{cluster}' because {name}, the targeted "
                    "availability zone, does not currently have sufficient capacity to support "
                    "the cluster. Retry and choose from these availability zones: "
                    + ", ".join(valid),
                )

    def blocks(self, vpc_id: str) -> list[IPv4Network]:
        """Give the IPv4 blocks of a VPC."""
        associations = self.ec2.get_vpc(vpc_id).get_cidr_block_association_set()
        return [
            IPv4Network(item["cidr_block"], strict=False)
            for item in associations
            if item["cidr_block_state"]["state"] == "associated"
        ]

    def check_same_vpc(self, vpc_id: str, subnet_ids: list[str]) -> None:
        """Refuse node subnets outside the cluster's VPC."""
        for subnet in self.subnets(subnet_ids):
            if subnet.vpc_id != vpc_id:
                raise InvalidRequestException(
                    message=f"Subnet {subnet.id} is not in the cluster's VPC {vpc_id}"
                )

    def create_cluster_security_group(self, cluster: str, vpc_id: str) -> str:
        """Make the group that EKS puts on the control plane and on managed nodes."""
        name = f"eks-cluster-sg-{cluster}-{mock_random.randint(10**8, 10**9)}"
        group = self.ec2.create_security_group(
            name,
            SECURITY_GROUP_DESCRIPTION,
            vpc_id=vpc_id,
            tags={
                "Name": name,
                "aws:eks:cluster-name": cluster,
                f"kubernetes.io/cluster/{cluster}": "owned",
            },
        )
        self.ec2.authorize_security_group_ingress(
            group.id,
            "-1",
            from_port=ANY_PORT,
            to_port=ANY_PORT,
            ip_ranges=[],
            source_groups=[{"GroupId": group.id, "UserId": self.account_id}],
        )
        return str(group.id)

    def delete_security_group(self, group_id: str) -> None:
        """Delete a cluster's group; one that is already gone is no error for EKS."""
        with suppress(ServiceException):
            self.ec2.delete_security_group(group_id=group_id)

    def launch_template(self, wanted: dict[str, str]) -> tuple[LaunchTemplate, str]:
        """Find the launch template and the version that a node group names."""
        if ("id" in wanted) == ("name" in wanted):
            raise InvalidParameterException(
                message="Either the launch template ID or its name must be specified, not both"
            )
        try:
            template = (
                self.ec2.get_launch_template(wanted["id"])
                if "id" in wanted
                else self.ec2.get_launch_template_by_name(wanted["name"])
            )
            version = template.get_version(wanted.get("version") or "$Default")
        except ServiceException as error:
            named = wanted.get("id") or wanted.get("name")
            raise InvalidParameterException(
                message=f"Launch template {named} or its version "
                f"{wanted.get('version', '$Default')} does not exist"
            ) from error
        return template, str(version.number)

    def ensure_log_group(self, cluster: str) -> None:
        """Make the control plane's log group when nobody made it first, as EKS does."""
        logs = logs_backends[self.account_id][self.region]
        name = f"/aws/eks/{cluster}/cluster"
        if name not in logs.groups:
            with suppress(JsonRESTError):
                logs.create_log_group(name, {})
