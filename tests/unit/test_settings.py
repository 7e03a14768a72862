"""Settings of the modules refuse what AWS would refuse later, or what would hurt later still."""

from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Any

from modules.aws.eks_access import AccessEntry, AccessPolicy, OidcIdentityProvider
from modules.aws.kms import KeyConfig
from modules.aws.launch_template import Ami
from modules.aws.node_group import Capacity, NodeGroupConfig, Taint, TaintEffect
from modules.aws.vpc import Nat
from modules.aws.vpc_endpoints import NODES_NEED, Service, VpcEndpointsConfig
from modules.core.kubernetes_versions import SupportType
from modules.stacks.network import NetworkConfig

import pytest
from pydantic import ValidationError

from tests.support import settings


def entry(**changes: Any) -> AccessEntry:
    return AccessEntry(
        **{"principal_arn": settings.DEPLOY_ROLE, "policy": AccessPolicy.EDIT} | changes
    )


def taint(effect: TaintEffect) -> Taint:
    return Taint(key="workload", value="ingress", effect=effect)


def sign_in(**changes: Any) -> OidcIdentityProvider:
    return OidcIdentityProvider(
        **{"issuer_url": "https://login.example/tenant/v2.0", "client_id": "app"} | changes
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: settings.vpc(zones=("euw1-az1",)), "at least 2 items"),
        (lambda: settings.vpc(zones=tuple(f"euw1-az{n}" for n in range(1, 6))), "at most 4 items"),
        (
            lambda: settings.vpc(zones=("euw1-az1", "euw1-az2", "euw1-az1")),
            "zones names euw1-az1 twice; remove one",
        ),
        (lambda: settings.vpc(zones=("use1-az1", "use1-az3")), "no control planes in use1-az3"),
        (
            lambda: settings.vpc(cidr="198.18.0.0/16"),
            r"198\.18\.0\.0/16 is not a private network; use a part of 10\.0\.0\.0/8, 172",
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
        (
            lambda: settings.nodes(
                capacity=Capacity.SPOT, instance_types=("m7i.large", "m7i.large")
            ),
            r"instance_types names m7i\.large twice; remove one",
        ),
        (
            lambda: settings.nodes(instance_types=("m7i.large", "m7g.large", "c7gn.large")),
            (
                r"instance_types m7g\.large, c7gn\.large cannot start from ami "
                "AL2023_x86_64_STANDARD, which is of another processor architecture; change one"
            ),
        ),
        (
            lambda: settings.nodes(ami=Ami.BOTTLEROCKET_ARM_64),
            r"instance_types m7i\.large cannot start from ami BOTTLEROCKET_ARM_64",
        ),
        (lambda: settings.nodes(instance_types=("m7i",)), "match pattern"),
        (lambda: settings.nodes(labels={"workload": "a b"}), "match pattern"),
        (lambda: settings.nodes(labels={"-workload": "x"}), "match pattern"),
        (lambda: settings.nodes(instance_types=()), "at least 1 item"),
        (lambda: settings.nodes(disk_size_gib=10), "greater than or equal to 20"),
        (lambda: settings.cluster(node_groups={}), "at least 1 item"),
        (lambda: settings.cluster(node_groups={"General": settings.nodes()}), "match pattern"),
        (lambda: settings.eks(version="1.9"), "match pattern"),
        (lambda: settings.eks(support="FOREVER"), "'STANDARD' or 'EXTENDED'"),
        (lambda: settings.eks(control_plane_zones=1), "greater than or equal to 2"),
        (lambda: settings.eks(control_plane_zones=5), "less than or equal to 4"),
        (
            lambda: settings.eks(service_cidr="198.18.0.0/16"),
            r"198\.18\.0\.0/16 is not a private network; use a part of",
        ),
        (
            lambda: settings.eks(api_access={"office": "198.51.100.0/24"}),
            r"198\.51\.100\.0/24 is not a private network; use a part of",
        ),
        (
            lambda: settings.eks(api_access={"one": "10.60.0.0/16", "two": "10.60.0.0/16"}),
            r"api_access names 10\.60\.0\.0/16 twice; remove one",
        ),
        (
            lambda: settings.eks(public_access_cidrs=("198.51.100.0/24", "198.51.100.0/24")),
            r"public_access_cidrs names 198\.51\.100\.0/24 twice; remove one",
        ),
        (
            lambda: settings.eks(
                public_access_cidrs=tuple(f"198.51.100.{n}/32" for n in range(41))
            ),
            "at most 40 items",
        ),
        (
            lambda: settings.eks(access_entries={"a": settings.ADMIN, "b": entry()}),
            f"access_entries names {settings.DEPLOY_ROLE} twice; remove one",
        ),
        (lambda: settings.eks(log_retention_days=31), "no log group for 31 days; use one of"),
        (
            lambda: entry(policy=AccessPolicy.CLUSTER_ADMIN, namespaces=("a", "b")),
            (
                "AmazonEKSClusterAdminPolicy holds for the whole cluster, namespaces is set to a, "
                "b; use AmazonEKSAdminPolicy or remove namespaces"
            ),
        ),
        (lambda: entry(namespaces=("Shop",)), "match pattern"),
        (
            lambda: entry(principal_arn="arn:aws:sts::333333333333:assumed-role/admin/me"),
            (
                "'arn:aws:sts::333333333333:assumed-role/admin/me' is neither a role nor a user of "
                "IAM; name the role itself, arn:aws:iam::ACCOUNT:role/NAME, not a session of it"
            ),
        ),
        (lambda: entry(principal_arn="arn:aws:iam::333333333333:root"), "neither a role nor a us"),
        (lambda: entry(principal_arn="arn:aws:iam::333333333333:group/ops"), "neither a role nor"),
        (
            lambda: entry(
                principal_arn="arn:aws:iam::333333333333:role/aws-service-role/"
                "autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
            ),
            "is a service-linked role, which EKS refuses; name another role",
        ),
        (lambda: entry(policy="AmazonEKSGodPolicy"), "AmazonEKSAdminViewPolicy"),
        (lambda: sign_in(prefix="system:"), "a token could claim system:masters; use another"),
        (lambda: sign_in(prefix=""), "match pattern"),
        (lambda: sign_in(name="Entra ID"), "match pattern"),
        (lambda: sign_in(issuer_url="http://login.example/v2.0"), "match pattern"),
        (lambda: KeyConfig(description="x", deletion_window_days=6), "or equal to 7"),
    ],
)
def test_bad_settings_are_refused_with_the_value_the_limit_or_the_remedy(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        make()


@pytest.mark.parametrize(
    "groups",
    [
        {"one": settings.nodes(min_size=0)},
        # The autoscaler may take the first node away again.
        {"one": settings.nodes(min_size=0, desired_size=1)},
        {"one": settings.nodes(taints=(taint(TaintEffect.NO_SCHEDULE),))},
        {
            "one": settings.nodes(taints=(taint(TaintEffect.NO_EXECUTE),)),
            "two": settings.nodes(min_size=0),
        },
    ],
    ids=["empty", "empty after a while", "tainted", "one tainted, one empty"],
)
def test_a_cluster_none_of_whose_groups_takes_every_pod_is_refused(
    groups: dict[str, NodeGroupConfig],
) -> None:
    message = (
        f"each of node_groups {', '.join(groups)} is empty or tainted: CoreDNS and the EBS CSI "
        "driver find no node; give one group min_size 1 or more and no NO_SCHEDULE or NO_EXECUTE "
        "taint"
    )

    with pytest.raises(ValidationError, match=message):
        settings.cluster(node_groups=groups)


def test_one_group_that_takes_every_pod_is_enough() -> None:
    groups = {
        "ingress": settings.nodes(taints=(taint(TaintEffect.NO_EXECUTE),)),
        "batch": settings.nodes(min_size=0),
        # Such a taint only makes the scheduler look elsewhere first.
        "general": settings.nodes(min_size=1, taints=(taint(TaintEffect.PREFER_NO_SCHEDULE),)),
    }

    assert set(settings.cluster(node_groups=groups).node_groups) == set(groups)


@pytest.mark.parametrize(
    "key",
    [
        "kubernetes.io/role",
        "node.kubernetes.io/workload",
        "node-role.kubernetes.io/ingress",
        "k8s.io/workload",
        "node.k8s.io/workload",
        "eks.amazonaws.com/nodegroup",
        "beta.eks.amazonaws.com/workload",
    ],
)
def test_labels_and_taints_leave_the_prefixes_of_kubernetes_and_eks_alone(key: str) -> None:
    message = f"'{key}' has a prefix that Kubernetes or EKS keeps for itself; use one of your own"

    with pytest.raises(ValidationError, match=message):
        settings.nodes(labels={key: "x"})
    with pytest.raises(ValidationError, match=message):
        Taint(key=key, effect=TaintEffect.NO_SCHEDULE)


@pytest.mark.parametrize(
    "key", ["workload", "ekp.example/workload", "notkubernetes.io/x", "amazonaws.com/x", "k8s.io"]
)
def test_labels_and_taints_take_a_key_of_ones_own(key: str) -> None:
    assert settings.nodes(labels={key: "x"}).labels == {key: "x"}
    assert Taint(key=key, effect=TaintEffect.NO_SCHEDULE).key == key


@pytest.mark.parametrize("kind", ["role", "user"])
def test_a_role_or_a_user_of_any_account_may_have_an_entry(kind: str) -> None:
    arn = f"arn:aws:iam::999999999999:{kind}/team/anna@ekp.example"

    assert entry(principal_arn=arn).principal_arn == arn


def test_the_control_plane_stands_in_two_zones_and_no_extended_support_is_billed_unasked() -> None:
    config = settings.eks()

    assert (config.control_plane_zones, config.support) == (2, SupportType.STANDARD)
    assert config.service_cidr == IPv4Network("172.20.0.0/16")


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
