"""Private ways from a VPC to AWS services: the S3 gateway and interface endpoints."""

from collections.abc import Sequence
from enum import StrEnum
from ipaddress import IPv4Network
from typing import Self

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct
from pydantic import model_validator

from ..core.config import Config, named_once
from ..core.context import Context


class Service(StrEnum):
    """AWS's names of the services, as they stand in ``com.amazonaws.<region>.<name>``."""

    AUTOSCALING = "autoscaling"
    EC2 = "ec2"
    EC2_MESSAGES = "ec2messages"
    ECR_API = "ecr.api"
    ECR_DKR = "ecr.dkr"
    EKS = "eks"
    EKS_AUTH = "eks-auth"
    ELASTIC_LOAD_BALANCING = "elasticloadbalancing"
    KMS = "kms"
    LOGS = "logs"
    MONITORING = "monitoring"
    SECRETS_MANAGER = "secretsmanager"
    SQS = "sqs"
    SSM = "ssm"
    SSM_MESSAGES = "ssmmessages"
    STS = "sts"
    X_RAY = "xray"


# What a node calls before it is Ready. Source: EKS user guide, "Deploy private clusters with
# limited internet access".
NODES_NEED = (
    *(Service.EC2, Service.ECR_API, Service.ECR_DKR),
    *(Service.EKS, Service.EKS_AUTH, Service.STS),
)


class VpcEndpointsConfig(Config):
    """Settings of the endpoints; the S3 gateway costs nothing and is always there."""

    interfaces: tuple[Service, ...] = (
        *NODES_NEED,
        *(Service.AUTOSCALING, Service.ELASTIC_LOAD_BALANCING, Service.LOGS, Service.SSM),
    )
    """Services reached without leaving the VPC; each costs by zone and hour."""

    @model_validator(mode="after")
    def services_are_named_once(self) -> Self:
        """Refuse a service named twice: a VPC takes one private name for each."""
        named_once("interfaces", self.interfaces)
        return self


class VpcEndpoints(Construct):
    """Endpoints with private DNS, open on 443 to the VPC alone."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: VpcEndpointsConfig,
        vpc_id: str,
        vpc_cidr: IPv4Network,
        subnet_ids: Sequence[str],
        route_table_ids: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        VpcEndpoint(
            self,
            "s3",
            vpc_id=vpc_id,
            vpc_endpoint_type="Gateway",
            service_name=f"com.amazonaws.{ctx.region}.s3",
            route_table_ids=list(route_table_ids),
            tags={"Name": ctx.name("s3")},
        )
        if not config.interfaces:
            return
        group = SecurityGroup(
            self,
            "security-group",
            # A group in use cannot go before its successor has taken its place.
            name_prefix=f"{ctx.name('endpoints')}-",
            description="HTTPS from the VPC to its interface endpoints",
            vpc_id=vpc_id,
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            tags={"Name": ctx.name("endpoints")},
        )
        VpcSecurityGroupIngressRule(
            self,
            "https",
            security_group_id=group.id,
            description="HTTPS from the VPC",
            cidr_ipv4=str(vpc_cidr),
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            tags={"Name": ctx.name("endpoints-https")},
        )
        for service in config.interfaces:
            VpcEndpoint(
                self,
                service.value,
                vpc_id=vpc_id,
                vpc_endpoint_type="Interface",
                service_name=f"com.amazonaws.{ctx.region}.{service}",
                private_dns_enabled=True,
                subnet_ids=list(subnet_ids),
                security_group_ids=[group.id],
                tags={"Name": ctx.name(service.replace(".", "-"))},
            )
