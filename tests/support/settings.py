"""Example settings, valid as they stand; a test changes the one it is about."""

from ipaddress import IPv4Network
from typing import Any

from modules.aws.addons import AddonsConfig
from modules.aws.eks import EksConfig
from modules.aws.eks_access import AccessEntry, AccessPolicy
from modules.aws.node_group import NodeGroupConfig
from modules.aws.vpc import VpcConfig
from modules.core.config import deferred_validation
from modules.core.context import Context, StateConfig
from modules.core.regions import SHORT_REGIONS
from modules.stacks.cluster import ClusterConfig
from modules.stacks.network import NetworkConfig

from environments.schema import EdgeConfig, Environment, RegionSettings

ACCOUNT = "333333333333"
DEPLOY_ROLE = f"arn:aws:iam::{ACCOUNT}:role/ekp-deploy"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/ekp-boundary"
ZONES = ("euw1-az1", "euw1-az2", "euw1-az3")
STATE = StateConfig(bucket="ekp-tfstate-444444444444", region="eu-west-1")
ADMIN = AccessEntry(principal_arn=DEPLOY_ROLE, policy=AccessPolicy.CLUSTER_ADMIN)


def context(**changes: Any) -> Context:
    """Return a context of production in eu-west-1."""
    settings: dict[str, Any] = {
        "environment": "prod",
        "region": "eu-west-1",
        "account_id": ACCOUNT,
        "owner": "platform",
        "cost_center": "cc-1003",
        "deploy_role_arn": DEPLOY_ROLE,
        "permissions_boundary_arn": BOUNDARY,
        "state": STATE,
    }
    return Context(**settings | changes)


def vpc(**changes: Any) -> VpcConfig:
    """Return settings of a VPC in three zones."""
    return VpcConfig(**{"cidr": IPv4Network("10.0.0.0/16"), "zones": ZONES} | changes)


def eks(**changes: Any) -> EksConfig:
    """Return settings of a private cluster."""
    return EksConfig(**{"version": "1.35", "access_entries": {"deploy": ADMIN}} | changes)


def nodes(**changes: Any) -> NodeGroupConfig:
    """Return settings of a small on-demand node group."""
    settings: dict[str, Any] = {"instance_types": ("m7i.large",), "min_size": 2, "max_size": 4}
    return NodeGroupConfig(**settings | changes)


def cluster(**changes: Any) -> ClusterConfig:
    """Return settings of a cluster with one node group."""
    return ClusterConfig(**{"eks": eks(), "node_groups": {"general": nodes()}} | changes)


def written(
    name: str = "dev",
    *,
    account: str = ACCOUNT,
    region: str = "eu-west-1",
    vpc: dict[str, Any] | None = None,
    eks: dict[str, Any] | None = None,
    node_groups: dict[str, Any] | None = None,
    addons: dict[str, Any] | None = None,
    **changes: Any,
) -> Environment:
    """Return an environment as a settings file writes it down: not yet checked.

    ``vpc``, ``eks``, ``node_groups``, ``addons`` and ``changes`` replace or add single settings.
    """
    role = f"arn:aws:iam::{account}:role/ekp-deploy"
    with deferred_validation():
        general = NodeGroupConfig(instance_types=("m7i.large",), min_size=3, max_size=6)
        admin = AccessEntry(principal_arn=role, policy=AccessPolicy.CLUSTER_ADMIN)
        network: dict[str, Any] = {
            "cidr": IPv4Network("10.0.0.0/16"),
            "zones": tuple(f"{SHORT_REGIONS[region]}-az{number}" for number in (1, 2)),
        }
        control_plane: dict[str, Any] = {"version": "1.35", "access_entries": {"deploy": admin}}
        settings: dict[str, Any] = {
            "name": name,
            "account_id": account,
            "owner": "platform",
            "cost_center": "cc-1001",
            "deploy_role_arn": role,
            "state": StateConfig(bucket="ekp-tfstate-444444444444", region="eu-west-1"),
            "edge": EdgeConfig(domain=f"{name}.ekp.example"),
            "regions": {
                region: RegionSettings(
                    network=NetworkConfig(vpc=VpcConfig(**network | (vpc or {}))),
                    cluster=ClusterConfig(
                        eks=EksConfig(**control_plane | (eks or {})),
                        node_groups=node_groups or {"general": general},
                        addons=AddonsConfig(**(addons or {})),
                    ),
                )
            },
        }
        return Environment(**settings | changes)
