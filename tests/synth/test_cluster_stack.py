"""Layer cluster: the order in which it is made, what it reads, and the contract it publishes."""

from pathlib import Path
from typing import Any

from modules.aws.eks_access import AccessEntry, AccessPolicy
from modules.core.context import Context
from modules.core.eks_addons import BEFORE_NODES, Addon
from modules.stacks import cluster
from modules.stacks.cluster import ClusterStack
from modules.stacks.network import NetworkConfig, NetworkStack

import pytest
from cdktf import App

from tests.support import settings
from tests.support.synth import Synth, ref

NETWORK = "data.terraform_remote_state.network.outputs"


@pytest.fixture
def other_app(tmp_path: Path) -> App:
    """A second fresh app, to compare the first with."""
    return App(outdir=str(tmp_path / "other-app"))


def synth(app: App, ctx: Context, **changes: Any) -> Synth:
    network = NetworkStack(app, ctx, NetworkConfig(vpc=settings.vpc()))
    return Synth(ClusterStack(app, ctx, settings.cluster(**changes), network=network))


def addon(plan: Synth, name: str) -> str:
    return plan.address("aws_eks_addon", f"addons/{name}")


def test_the_network_is_read_from_exactly_its_own_state(app: App, ctx: Context) -> None:
    assert synth(app, ctx).data == {
        "terraform_remote_state": {
            "network": {
                "backend": "s3",
                "config": {
                    "assume_role": {"role_arn": "arn:aws:iam::333333333333:role/ekp-deploy"},
                    "bucket": "ekp-tfstate-444444444444",
                    "key": "prod/eu-west-1/network.tfstate",
                    "region": "eu-west-1",
                },
            }
        }
    }


def test_the_control_plane_is_isolated_and_the_nodes_are_private(app: App, ctx: Context) -> None:
    plan = synth(app, ctx)

    assert plan.one("aws_eks_cluster")["vpc_config"]["subnet_ids"] == (
        f"${{slice({NETWORK}.isolated_subnet_ids, 0, 2)}}"
    )
    assert plan.one("aws_eks_node_group")["subnet_ids"] == f"${{{NETWORK}.private_subnet_ids}}"


@pytest.mark.parametrize("zones", [2, 3, 4])
def test_the_control_plane_stands_in_the_first_so_many_zones(
    app: App, ctx: Context, zones: int
) -> None:
    plan = synth(app, ctx, eks=settings.eks(control_plane_zones=zones))

    assert plan.one("aws_eks_cluster")["vpc_config"]["subnet_ids"] == (
        f"${{slice({NETWORK}.isolated_subnet_ids, 0, {zones})}}"
    )


def test_a_zone_added_later_leaves_the_control_plane_where_it_is(
    app: App, other_app: App, ctx: Context
) -> None:
    # EKS takes subnets of other zones at creation alone, so the plan would never be empty again.
    two = NetworkStack(app, ctx, NetworkConfig(vpc=settings.vpc(zones=settings.ZONES[:2])))
    three = NetworkStack(other_app, ctx, NetworkConfig(vpc=settings.vpc()))
    config = settings.cluster()
    before = Synth(ClusterStack(app, ctx, config, network=two))
    after = Synth(ClusterStack(other_app, ctx, config, network=three))

    isolated = [Synth(network).outputs["isolated_subnet_ids"] for network in (two, three)]

    assert after.resources() == before.resources()
    assert isolated[1][: config.eks.control_plane_zones] == isolated[0]


def test_the_group_of_the_control_plane_is_in_the_vpc_of_the_network(
    app: App, ctx: Context
) -> None:
    assert synth(app, ctx).one("aws_security_group")["vpc_id"] == f"${{{NETWORK}.vpc_id}}"


def test_nodes_come_after_network_proxy_and_agent(app: App, ctx: Context) -> None:
    plan = synth(app, ctx)

    needed = {addon(plan, name) for name in ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")}
    assert needed <= set(plan.one("aws_eks_node_group")["depends_on"])


@pytest.mark.parametrize("name", ["coredns", "aws-ebs-csi-driver"])
def test_what_needs_a_node_to_run_on_comes_after_every_node_group(
    app: App, ctx: Context, name: str
) -> None:
    groups = {"general": settings.nodes(), "ingress": settings.nodes()}
    plan = synth(app, ctx, node_groups=groups)

    waits = plan.resources()[addon(plan, name)]["depends_on"]

    assert {a for a in waits if a.startswith("aws_eks_node_group.")} == {
        plan.address("aws_eks_node_group", f"nodes-{group}") for group in groups
    }


def test_the_addons_before_the_nodes_wait_for_no_node(app: App, ctx: Context) -> None:
    plan = synth(app, ctx)

    found = plan.all("aws_eks_addon")

    waits = {a: found[f"addons/{a}"].get("depends_on", []) for a in BEFORE_NODES}

    assert waits == {
        Addon.VPC_CNI: [
            plan.address(
                "aws_iam_role_policy_attachment", "addons/vpc-cni-role/AmazonEKS_CNI_Policy"
            )
        ],
        Addon.KUBE_PROXY: [],
        Addon.POD_IDENTITY_AGENT: [],
    }


def test_moving_an_addon_to_the_other_side_of_the_nodes_changes_no_address(
    app: App, other_app: App, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = synth(app, ctx)
    monkeypatch.setattr(cluster, "BEFORE_NODES", (Addon.KUBE_PROXY, Addon.COREDNS))
    monkeypatch.setattr(
        cluster,
        "AFTER_NODES",
        (Addon.VPC_CNI, Addon.POD_IDENTITY_AGENT, Addon.EBS_CSI_DRIVER),
    )
    after = synth(other_app, ctx)

    assert after.addresses == before.addresses
    assert "depends_on" not in after.all("aws_eks_addon")["addons/coredns"]
    assert waits_for_nodes(after, Addon.VPC_CNI)
    assert not waits_for_nodes(before, Addon.VPC_CNI)


def waits_for_nodes(plan: Synth, name: Addon) -> bool:
    waits = plan.all("aws_eks_addon")[f"addons/{name}"]["depends_on"]
    return plan.address("aws_eks_node_group", "nodes-general") in waits


def test_nodes_and_addons_follow_the_version_of_the_control_plane(app: App, ctx: Context) -> None:
    plan = synth(app, ctx, eks=settings.eks(version="1.36"))

    assert plan.one("aws_eks_cluster")["version"] == "1.36"
    assert plan.one("aws_eks_node_group")["version"] == "1.36"
    assert "addon_version" not in plan.all("aws_eks_addon")["addons/coredns"]


def test_everything_is_of_the_cluster_of_this_layer(app: App, ctx: Context) -> None:
    plan = synth(app, ctx)
    name = ref(plan.address("aws_eks_cluster", "eks"), "name")

    found = {a["cluster_name"] for a in plan.resources().values() if "cluster_name" in a}

    assert found == {name}


def test_the_contract_is_published_in_full(app: App, ctx: Context) -> None:
    plan = synth(app, ctx)
    control_plane = plan.address("aws_eks_cluster", "eks")

    assert plan.outputs == {
        "cluster_name": ref(control_plane, "name"),
        "cluster_arn": ref(control_plane, "arn"),
        "endpoint": ref(control_plane, "endpoint"),
        "certificate_authority": ref(control_plane, "certificate_authority[0].data"),
        "security_group_id": ref(control_plane, "vpc_config[0].cluster_security_group_id"),
        "oidc_provider_arn": ref(
            plan.address("aws_iam_openid_connect_provider", "eks/oidc-provider"), "arn"
        ),
        "oidc_issuer_host": (
            f'${{replace({control_plane}.identity[0].oidc[0].issuer, "https://", "")}}'
        ),
    }


@pytest.mark.requirement("R23")
def test_a_node_group_added_changes_no_address_of_others(app: App, ctx: Context) -> None:
    other = settings.context(environment="other")
    before = synth(app, other, node_groups={"general": settings.nodes()})
    after = synth(
        app, ctx, node_groups={"batch": settings.nodes(), "general": settings.nodes(max_size=9)}
    )

    assert set(before.addresses) < set(after.addresses)
    assert {a for a in after.addresses if a not in before.addresses} == {
        a for a in after.addresses if ".nodes-batch" in a
    }


def test_an_access_entry_added_changes_no_address_of_others(app: App, ctx: Context) -> None:
    other = settings.context(environment="other")
    before = synth(app, other)
    auditor = AccessEntry(
        principal_arn=f"arn:aws:iam::{settings.ACCOUNT}:role/auditor", policy=AccessPolicy.VIEW
    )
    entries = {"auditor": auditor, "deploy": settings.ADMIN}
    after = synth(app, ctx, eks=settings.eks(access_entries=entries))

    added = set(after.addresses) - set(before.addresses)
    assert set(before.addresses) < set(after.addresses)
    assert all("-auditor_" in address for address in added)
    assert len(added) == 2
