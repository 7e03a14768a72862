"""The network of the tests' stack."""

from typing import Any

from .conftest import REGION

ENDPOINTS = ("ecr.api", "ecr.dkr", "sts", "ec2", "logs", "elasticloadbalancing", "eks", "eks-auth")


def network() -> dict[str, Any]:
    """Give a VPC with private and public subnets, NAT, endpoints and flow logs."""
    zones = {"a": "euw1-az3", "b": "euw1-az1"}
    return {
        "aws_vpc": {
            "main": {
                "cidr_block": "10.0.0.0/16",
                "enable_dns_hostnames": True,
                "tags": {"Name": "main"},
            }
        },
        "aws_default_security_group": {"closed": {"vpc_id": "${aws_vpc.main.id}"}},
        "aws_subnet": {
            f"{tier}-{zone}": {
                "vpc_id": "${aws_vpc.main.id}",
                "availability_zone_id": id_,
                "cidr_block": f"10.0.{10 * place + index}.0/24",
                "tags": {"Name": f"{tier}-{zone}"},
            }
            for place, tier in enumerate(("private", "public"))
            for index, (zone, id_) in enumerate(zones.items())
        },
        "aws_internet_gateway": {"main": {"vpc_id": "${aws_vpc.main.id}"}},
        "aws_eip": {"nat": {"domain": "vpc"}},
        "aws_nat_gateway": {
            "main": {
                "allocation_id": "${aws_eip.nat.id}",
                "subnet_id": "${aws_subnet.public-a.id}",
                "depends_on": ["aws_internet_gateway.main"],
            }
        },
        "aws_route_table": {
            "private": {"vpc_id": "${aws_vpc.main.id}"},
            "public": {"vpc_id": "${aws_vpc.main.id}"},
        },
        "aws_route": {
            "private": {
                "route_table_id": "${aws_route_table.private.id}",
                "destination_cidr_block": "0.0.0.0/0",
                "nat_gateway_id": "${aws_nat_gateway.main.id}",
            },
            "public": {
                "route_table_id": "${aws_route_table.public.id}",
                "destination_cidr_block": "0.0.0.0/0",
                "gateway_id": "${aws_internet_gateway.main.id}",
            },
        },
        "aws_route_table_association": {
            f"{tier}-{zone}": {
                "subnet_id": f"${{aws_subnet.{tier}-{zone}.id}}",
                "route_table_id": f"${{aws_route_table.{tier}.id}}",
            }
            for tier in ("private", "public")
            for zone in zones
        },
        "aws_security_group": {
            "endpoints": {
                "name": "endpoints",
                "description": "interface endpoints",
                "vpc_id": "${aws_vpc.main.id}",
            }
        },
        "aws_vpc_security_group_ingress_rule": {
            "endpoints": {
                "security_group_id": "${aws_security_group.endpoints.id}",
                "cidr_ipv4": "10.0.0.0/16",
                "ip_protocol": "tcp",
                "from_port": 443,
                "to_port": 443,
                "description": "HTTPS from the VPC",
            },
            "api": {
                "security_group_id": (
                    "${aws_eks_cluster.main.vpc_config[0].cluster_security_group_id}"
                ),
                "cidr_ipv4": "10.9.0.0/16",
                "ip_protocol": "tcp",
                "from_port": 443,
                "to_port": 443,
            },
        },
        "aws_vpc_security_group_egress_rule": {
            "endpoints": {
                "security_group_id": "${aws_security_group.endpoints.id}",
                "cidr_ipv4": "0.0.0.0/0",
                "ip_protocol": "-1",
            }
        },
        "aws_vpc_endpoint": {
            "s3": {
                "vpc_id": "${aws_vpc.main.id}",
                "service_name": f"com.amazonaws.{REGION}.s3",
                "vpc_endpoint_type": "Gateway",
                "route_table_ids": ["${aws_route_table.private.id}"],
            },
        }
        | {
            name.replace(".", "-"): {
                "vpc_id": "${aws_vpc.main.id}",
                "service_name": f"com.amazonaws.{REGION}.{name}",
                "vpc_endpoint_type": "Interface",
                "private_dns_enabled": True,
                "subnet_ids": [f"${{aws_subnet.private-{zone}.id}}" for zone in zones],
                "security_group_ids": ["${aws_security_group.endpoints.id}"],
            }
            for name in ENDPOINTS
        },
        "aws_flow_log": {
            "main": {
                "vpc_id": "${aws_vpc.main.id}",
                "traffic_type": "ALL",
                "log_destination": "${aws_cloudwatch_log_group.flow.arn}",
                "log_destination_type": "cloud-watch-logs",
                "iam_role_arn": "${aws_iam_role.flow.arn}",
                "max_aggregation_interval": 60,
            }
        },
        "aws_cloudwatch_log_group": {
            "flow": {
                "name": "/vpc/main/flow",
                "retention_in_days": 30,
                "kms_key_id": "${aws_kms_key.main.arn}",
            },
            "cluster": {
                "name": "/aws/eks/main/cluster",
                "retention_in_days": 90,
                "kms_key_id": "${aws_kms_key.main.arn}",
            },
        },
    }
