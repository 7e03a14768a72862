"""Settings of the modules refuse what AWS would refuse later, or what would hurt later still."""

from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Any

from modules.aws.eks_access import AccessEntry, AccessPolicy, OidcIdentityProvider
from modules.aws.kms import KeyConfig
from modules.aws.node_group import Capacity
from modules.aws.vpc import Nat
from modules.aws.vpc_endpoints import NODES_NEED, Service, VpcEndpointsConfig
from modules.stacks.network import NetworkConfig

import pytest
from pydantic import ValidationError

from tests.support import settings


def entry(**changes: Any) -> AccessEntry:
    return AccessEntry(
        **{"principal_arn": settings.DEPLOY_ROLE, "policy": AccessPolicy.EDIT} | changes
    )


def sign_in(**changes: Any) -> OidcIdentityProvider:
    return OidcIdentityProvider(
        **{"issuer_url": "https://login.example/tenant/v2.0", "client_id": "app"} | changes
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: settings.vpc(zones=("euw1-az1",)), "at least 2 items"),
        (lambda: settings.vpc(zones=tuple(f"eu-west-1{z}" for z in "abcde")), "at most 4 items"),
        (
            lambda: settings.vpc(zones=("euw1-az1", "euw1-az2", "euw1-az1")),
            "zones names euw1-az1 twice; remove one",
        ),
        (lambda: settings.vpc(cidr="10.0.0.0/8"), "takes /16 to /23; use a block of such a size"),
        (lambda: settings.vpc(cidr="10.0.0.0/24"), "takes /16 to /23; use a block of such a size"),
        (lambda: settings.vpc(nat="sometimes"), "'none', 'single' or 'per-zone'"),
        (
            lambda: VpcEndpointsConfig(interfaces=(Service.STS, Service.EC2, Service.STS)),
            "interfaces names sts twice; remove one",
        ),
        (
            lambda: NetworkConfig(
                vpc=settings.vpc(nat=Nat.NONE),
                endpoints=VpcEndpointsConfig(interfaces=(Service.EC2, Service.STS)),
            ),
            r"lacks ecr\.api, ecr\.dkr, eks, eks-auth: nodes could not join the cluster; add",
        ),
        (lambda: settings.nodes(min_size=5), "min_size 5, desired_size 5, max_size 4 must rise"),
        (lambda: settings.nodes(desired_size=1), "min_size 2, desired_size 1, max_size 4"),
        (lambda: settings.nodes(desired_size=5), "min_size 2, desired_size 5, max_size 4"),
        (
            lambda: settings.nodes(capacity=Capacity.SPOT),
            "m7i.large alone is lost in one interruption; name at least two instance_types",
        ),
        (lambda: settings.nodes(instance_types=()), "at least 1 item"),
        (lambda: settings.nodes(disk_size_gib=10), "greater than or equal to 20"),
        (lambda: settings.cluster(node_groups={}), "at least 1 item"),
        (lambda: settings.cluster(node_groups={"General": settings.nodes()}), "match pattern"),
        (lambda: settings.eks(version="1.9"), "match pattern"),
        (lambda: settings.eks(log_retention_days=31), "no log group for 31 days; use one of"),
        (
            lambda: entry(policy=AccessPolicy.CLUSTER_ADMIN, namespaces=("a", "b")),
            (
                "AmazonEKSClusterAdminPolicy holds for the whole cluster, namespaces is set to a, "
                "b; use AmazonEKSAdminPolicy or remove namespaces"
            ),
        ),
        (
            lambda: entry(principal_arn="arn:aws:sts::333333333333:assumed-role/admin/me"),
            r"is a session, EKS takes roles and users; name the role itself",
        ),
        (lambda: entry(policy="AmazonEKSGodPolicy"), "AmazonEKSAdminViewPolicy"),
        (lambda: sign_in(prefix="system:"), "a token could claim system:masters; use another"),
        (lambda: sign_in(prefix=""), "match pattern"),
        (lambda: sign_in(issuer_url="http://login.example/v2.0"), "match pattern"),
        (lambda: KeyConfig(description="x", deletion_window_days=6), "or equal to 7"),
    ],
)
def test_bad_settings_are_refused_with_the_value_the_limit_or_the_remedy(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        make()


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "8.0.0.0/7"])
def test_the_public_endpoint_is_never_open_to_the_world(cidr: str) -> None:
    with pytest.raises(ValidationError, match=f"{cidr} is too much of the internet, .* a /8; list"):
        settings.eks(public_access_cidrs=(IPv4Network("198.51.100.0/24"), IPv4Network(cidr)))


def test_a_public_network_of_ones_own_is_taken() -> None:
    own = IPv4Network("198.51.100.0/24")

    assert settings.eks(public_access_cidrs=(own,)).public_access_cidrs == (own,)


def test_a_network_without_nat_is_taken_once_nodes_reach_what_they_need() -> None:
    config = NetworkConfig(
        vpc=settings.vpc(nat=Nat.NONE), endpoints=VpcEndpointsConfig(interfaces=NODES_NEED)
    )

    assert config.vpc.nat is Nat.NONE


def test_only_the_cluster_admin_policy_administers_the_cluster() -> None:
    assert [p for p in AccessPolicy if entry(policy=p).administers_cluster] == [
        AccessPolicy.CLUSTER_ADMIN
    ]
