"""Layer cluster: the order in which it is made, what it reads, and the contract it publishes."""

from typing import Any

from modules.core.context import Context
from modules.stacks.cluster import ClusterStack
from modules.stacks.network import NetworkConfig, NetworkStack

import pytest
from cdktf import App

from tests.support import settings
from tests.support.synth import Synth, ref


def synth(app: App, ctx: Context, **changes: Any) -> Synth:
    network = NetworkStack(app, ctx, NetworkConfig(vpc=settings.vpc()))
    return Synth(ClusterStack(app, ctx, settings.cluster(**changes), network=network))


def addon(plan: Synth, when: str, name: str) -> str:
    return plan.address("aws_eks_addon", f"addons-{when}-nodes/{name}")


def test_the_network_is_read_from_exactly_its_own_state(app: App, ctx: Context) -> None:
    assert synth(app, ctx).data == {
        "terraform_remote_state": {
            "network": {
                "backend": "s3",
                "config": {
                    "bucket": "ekp-tfstate-444444444444",
                    "key": "prod/eu-west-1/network.tfstate",
                    "region": "eu-west-1",
                },
            }
        }
    }


def test_the_control_plane_is_isolated_and_the_nodes_are_private(app: App, ctx: Context) -> None:
    plan = synth(app, ctx)
    outputs = "data.terraform_remote_state.network.outputs"

    assert plan.one("aws_eks_cluster")["vpc_config"]["subnet_ids"] == (
        f"${{{outputs}.isolated_subnet_ids}}"
    )
    assert plan.one("aws_eks_node_group")["subnet_ids"] == f"${{{outputs}.private_subnet_ids}}"


def test_nodes_come_after_network_proxy_and_agent(app: App, ctx: Context) -> None:
    plan = synth(app, ctx)

    needed = {
        addon(plan, "before", name) for name in ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
    }
    assert needed <= set(plan.one("aws_eks_node_group")["depends_on"])


@pytest.mark.parametrize("name", ["coredns", "aws-ebs-csi-driver"])
def test_what_needs_a_node_to_run_on_comes_after_every_node_group(
    app: App, ctx: Context, name: str
) -> None:
    groups = {"general": settings.nodes(), "ingress": settings.nodes()}
    plan = synth(app, ctx, node_groups=groups)

    waits = plan.resources()[addon(plan, "after", name)]["depends_on"]

    assert {a for a in waits if a.startswith("aws_eks_node_group.")} == {
        plan.address("aws_eks_node_group", f"nodes-{group}") for group in groups
    }


def test_the_addons_before_the_nodes_wait_for_no_node(app: App, ctx: Context) -> None:
    plan = synth(app, ctx)

    waits = [
        dependency
        for path, found in plan.all("aws_eks_addon").items()
        if path.startswith("addons-before-nodes/")
        for dependency in found.get("depends_on", ())
    ]

    assert not [dependency for dependency in waits if "node_group" in dependency]


def test_nodes_and_addons_follow_the_version_of_the_control_plane(app: App, ctx: Context) -> None:
    plan = synth(app, ctx, eks=settings.eks(version="1.36"))

    assert plan.one("aws_eks_cluster")["version"] == "1.36"
    assert plan.one("aws_eks_node_group")["version"] == "1.36"
    assert "addon_version" not in plan.all("aws_eks_addon")["addons-after-nodes/coredns"]


def test_everything_is_of_the_cluster_of_this_layer(app: App, ctx: Context) -> None:
    plan = synth(app, ctx)
    name = ref(plan.address("aws_eks_cluster", "eks"), "name")

    found = {a["cluster_name"] for a in plan.resources().values() if "cluster_name" in a}

    assert found == {name}


def test_the_contract_is_published_in_full(app: App, ctx: Context) -> None:
    plan = synth(app, ctx)
    cluster = plan.address("aws_eks_cluster", "eks")

    assert plan.outputs == {
        "cluster_name": ref(cluster, "name"),
        "cluster_arn": ref(cluster, "arn"),
        "endpoint": ref(cluster, "endpoint"),
        "certificate_authority": ref(cluster, "certificate_authority[0].data"),
        "security_group_id": ref(cluster, "vpc_config[0].cluster_security_group_id"),
        "oidc_provider_arn": ref(
            plan.address("aws_iam_openid_connect_provider", "eks/oidc-provider"), "arn"
        ),
        "oidc_issuer_host": (f'${{replace({cluster}.identity[0].oidc[0].issuer, "https://", "")}}'),
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
    entries = {"auditor": settings.ADMIN, "deploy": settings.ADMIN}
    after = synth(app, ctx, eks=settings.eks(access_entries=entries))

    added = set(after.addresses) - set(before.addresses)
    assert set(before.addresses) < set(after.addresses)
    assert all("-auditor_" in address for address in added)
    assert len(added) == 2
