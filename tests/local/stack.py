"""A stack in Terraform's JSON that uses what a network and a cluster layer use."""

from dataclasses import dataclass, replace
from typing import Any

from .conftest import REGION
from .stack_inside import access, addons
from .stack_network import network

ACCOUNT = "111122223333"
DEPLOY_ROLE = f"arn:aws:iam::{ACCOUNT}:role/platform/deploy"
STATE_BUCKET = "organisation-terraform-state"


@dataclass(frozen=True)
class Wanted:
    """What the test changes between two applies."""

    version: str = "1.34"
    nodes: int = 2
    tags: tuple[str, ...] = ("team",)
    public_cidrs: tuple[str, ...] = ("198.51.100.0/24",)

    def changed(self) -> "Wanted":
        """Give another wish: a newer cluster, more nodes, one more tag, more addresses."""
        cidrs = (*self.public_cidrs, "203.0.113.0/24")
        return replace(
            self, version="1.35", nodes=3, tags=(*self.tags, "owner"), public_cidrs=cidrs
        )


def stack(wanted: Wanted) -> dict[str, Any]:
    """Give the whole stack."""
    resources: dict[str, dict[str, Any]] = {}
    for part in (network(), roles(), cluster(wanted), nodes(wanted), addons(), access()):
        for kind, items in part.items():
            resources.setdefault(kind, {}).update(items)
    return {
        "terraform": {
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": "5.100.0"}},
            "backend": {
                "s3": {
                    "bucket": STATE_BUCKET,
                    "key": "test/eu-west-1/cluster.tfstate",
                    "region": REGION,
                    "encrypt": True,
                    "use_lockfile": True,
                }
            },
        },
        "provider": {
            "aws": {
                "region": REGION,
                "assume_role": [{"role_arn": DEPLOY_ROLE}],
                "default_tags": [{"tags": dict.fromkeys(wanted.tags, "platform")}],
            }
        },
        "resource": resources,
    }


def _trust(service: str) -> str:
    return (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole",'
        f'"sts:TagSession"],"Principal":{{"Service":"{service}"}}}}]}}'
    )


def roles() -> dict[str, Any]:
    """Give roles, the cluster's key and its OIDC provider."""
    services = {
        "cluster": "eks.amazonaws.com",
        "node": "ec2.amazonaws.com",
        "flow": "vpc-flow-logs.amazonaws.com",
        "pod": "pods.eks.amazonaws.com",
        "admin": "ec2.amazonaws.com",
    }
    return {
        "aws_iam_role": {
            name: {"name": f"main-{name}", "assume_role_policy": _trust(service)}
            for name, service in services.items()
        },
        "aws_iam_role_policy_attachment": {
            "cluster": {
                "role": "${aws_iam_role.cluster.name}",
                "policy_arn": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
            },
            "node": {
                "role": "${aws_iam_role.node.name}",
                "policy_arn": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
            },
        },
        "aws_kms_key": {"main": {"enable_key_rotation": True, "description": "cluster"}},
        "aws_kms_alias": {
            "main": {"name": "alias/main", "target_key_id": "${aws_kms_key.main.id}"}
        },
        "aws_iam_openid_connect_provider": {
            "main": {
                "url": "${aws_eks_cluster.main.identity[0].oidc[0].issuer}",
                "client_id_list": ["sts.amazonaws.com"],
            }
        },
    }


def cluster(wanted: Wanted) -> dict[str, Any]:
    """Give the control plane."""
    return {
        "aws_eks_cluster": {
            "main": {
                "name": "main",
                "role_arn": "${aws_iam_role.cluster.arn}",
                "version": wanted.version,
                "bootstrap_self_managed_addons": False,
                "enabled_cluster_log_types": [
                    *("api", "audit", "authenticator", "controllerManager", "scheduler")
                ],
                "access_config": {
                    "authentication_mode": "API",
                    "bootstrap_cluster_creator_admin_permissions": False,
                },
                "upgrade_policy": {"support_type": "STANDARD"},
                "zonal_shift_config": {"enabled": True},
                "encryption_config": {
                    "resources": ["secrets"],
                    "provider": {"key_arn": "${aws_kms_key.main.arn}"},
                },
                "vpc_config": {
                    "subnet_ids": ["${aws_subnet.private-a.id}", "${aws_subnet.private-b.id}"],
                    "endpoint_private_access": True,
                    "endpoint_public_access": True,
                    "public_access_cidrs": list(wanted.public_cidrs),
                },
                "depends_on": [
                    "aws_cloudwatch_log_group.cluster",
                    "aws_iam_role_policy_attachment.cluster",
                ],
            }
        },
        "aws_ec2_tag": {
            "discovery": {
                "resource_id": "${aws_eks_cluster.main.vpc_config[0].cluster_security_group_id}",
                "key": "karpenter.sh/discovery",
                "value": "main",
            }
        },
    }


def nodes(wanted: Wanted) -> dict[str, Any]:
    """Give a node group with a launch template."""
    return {
        "aws_launch_template": {
            "nodes": {
                "name": "main-nodes",
                "update_default_version": True,
                "metadata_options": {
                    "http_endpoint": "enabled",
                    "http_tokens": "required",
                    "http_put_response_hop_limit": 1,
                },
                "block_device_mappings": {
                    "device_name": "/dev/xvda",
                    "ebs": {
                        "encrypted": "true",
                        "volume_type": "gp3",
                        "volume_size": 50,
                        "delete_on_termination": "true",
                    },
                },
                "tag_specifications": [
                    {"resource_type": kind, "tags": {"Name": "main-nodes"}}
                    for kind in ("instance", "volume")
                ],
            }
        },
        "aws_eks_node_group": {
            "general": {
                "cluster_name": "${aws_eks_cluster.main.name}",
                "node_group_name": "general",
                "node_role_arn": "${aws_iam_role.node.arn}",
                "subnet_ids": ["${aws_subnet.private-a.id}", "${aws_subnet.private-b.id}"],
                "version": "${aws_eks_cluster.main.version}",
                "release_version": f"{wanted.version}.0-20260701",
                "ami_type": "AL2023_x86_64_STANDARD",
                "capacity_type": "ON_DEMAND",
                "instance_types": ["m6i.large", "m6a.large"],
                "labels": {"pool": "general"},
                "taint": [{"key": "dedicated", "value": "general", "effect": "NO_SCHEDULE"}],
                "scaling_config": {"desired_size": wanted.nodes, "min_size": 1, "max_size": 5},
                "update_config": {"max_unavailable_percentage": 33},
                "node_repair_config": {"enabled": True},
                "launch_template": {
                    "id": "${aws_launch_template.nodes.id}",
                    "version": "${aws_launch_template.nodes.latest_version}",
                },
                "depends_on": [
                    "aws_iam_role_policy_attachment.node",
                    "aws_eks_access_entry.nodes",
                    "aws_eks_addon.vpc-cni",
                ],
            }
        },
    }
