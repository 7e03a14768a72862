"""What the real AWS provider makes of every stack of every environment."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from ekp.runner.stacks import Stack
from tests.support.plans import Plans, changes

ENVIRONMENTS = {
    "dev": ("eu-west-1",),
    "qa": ("eu-west-1",),
    "prod": ("eu-west-1", "us-east-1"),
    "management": ("eu-west-1",),
}
STACKS = [
    *(
        f"{environment}-{region}-{layer}"
        for environment, regions in ENVIRONMENTS.items()
        for region in regions
        for layer in ("network", "cluster", "ingress", "platform", "tenants")
    ),
    *(f"{environment}-edge" for environment in ENVIRONMENTS),
    "management-eu-west-1-management",
    "prod-break-glass",
]
CLUSTERS = [stack for stack in STACKS if stack.endswith("-cluster")]
# Releases alone, which AWS knows nothing of.
UNTAGGED = [stack for stack in STACKS if stack.endswith("-tenants")]
NETWORKS = [stack for stack in STACKS if stack.endswith("-network")]

pytestmark = pytest.mark.requirement("R49")


def test_every_synthesized_stack_is_planned_here(stacks: Mapping[str, Stack]) -> None:
    assert sorted(stacks) == sorted(STACKS)


@pytest.mark.requirement("R22")
@pytest.mark.requirement("R32")
@pytest.mark.parametrize("name", STACKS)
def test_the_provider_takes_every_resource_and_would_only_create(
    name: str, stacks: Mapping[str, Stack], plans: Plans
) -> None:
    plan = plans.plan(stacks[name])

    actions = {
        address: change["change"]["actions"]
        for address, change in plan.resource_changes.items()
        if change["mode"] == "managed"
    }
    assert set(actions) == set(stacks[name].construct_paths)
    assert set(map(tuple, actions.values())) == {("create",)}


@pytest.mark.parametrize("name", [stack for stack in STACKS if stack not in UNTAGGED])
def test_whatever_takes_tags_says_whose_it_is_and_who_pays(
    name: str, stacks: Mapping[str, Stack], plans: Plans
) -> None:
    plan = plans.plan(stacks[name])

    tagged = {
        address: change["change"]["after"]["tags_all"]
        for address, change in plan.resource_changes.items()
        if "tags_all" in (change["change"]["after"] or {})
    }
    stack = stacks[name]
    assert tagged
    for address, tags in tagged.items():
        assert tags["Environment"] == stack.environment, address
        assert tags["Layer"] == stack.layer, address
        assert {"Project", "Owner", "CostCenter", "ManagedBy"} <= set(tags), address


@pytest.mark.parametrize("name", CLUSTERS)
def test_no_cluster_can_be_reached_from_the_internet(
    name: str, stacks: Mapping[str, Stack], plans: Plans
) -> None:
    (cluster,) = changes(plans.plan(stacks[name]), "aws_eks_cluster")

    assert cluster["vpc_config"][0]["endpoint_private_access"] is True
    assert cluster["vpc_config"][0]["endpoint_public_access"] is False


@pytest.mark.parametrize("name", CLUSTERS)
def test_every_plan_of_a_cluster_lives_on_the_contract_of_its_network(
    name: str, stacks: Mapping[str, Stack], plans: Plans
) -> None:
    network = stacks[name.replace("-cluster", "-network")]
    (cluster,) = changes(plans.plan(stacks[name]), "aws_eks_cluster")
    nodes = list(changes(plans.plan(stacks[name]), "aws_eks_node_group"))

    control_plane = set(cluster["vpc_config"][0]["subnet_ids"])
    assert 2 <= len(control_plane) <= 3
    assert control_plane == set(network.contract["isolated_subnet_ids"][: len(control_plane)])
    assert nodes
    for group in nodes:
        assert set(group["subnet_ids"]) == set(network.contract["private_subnet_ids"])


@pytest.mark.parametrize("name", NETWORKS)
def test_only_the_way_out_leads_to_the_internet(
    name: str, stacks: Mapping[str, Stack], plans: Plans
) -> None:
    plan = plans.plan(stacks[name])

    for subnet in changes(plan, "aws_subnet"):
        assert subnet["map_public_ip_on_launch"] is False
    for rule in changes(plan, "aws_vpc_security_group_ingress_rule"):
        (vpc,) = changes(plan, "aws_vpc")
        assert rule["cidr_ipv4"] == vpc["cidr_block"]
    (closed,) = changes(plan, "aws_default_security_group")
    assert not closed.get("ingress")
    assert not closed.get("egress")


def test_a_plan_is_kept_and_a_changed_stack_is_planned_anew(
    stacks: Mapping[str, Stack], tmp_path: Path
) -> None:
    small = _without_endpoints(stacks["dev-eu-west-1-network"], tmp_path / "stack")
    with Plans({small.id: small}, tmp_path / "cache") as first:
        once = first.plan(small)
        assert first.made == 1
    with Plans({small.id: small}, tmp_path / "cache") as second:
        assert dict(second.plan(small)) == dict(once)
        assert second.made == 0
        other = _without_endpoints(
            stacks["dev-eu-west-1-network"], tmp_path / "other", cidr="10.99.0.0/16"
        )
        (vpc,) = changes(second.plan(other), "aws_vpc")
        assert second.made == 1
    assert vpc["cidr_block"] == "10.99.0.0/16"


def _without_endpoints(stack: Stack, folder: Path, cidr: str = "10.98.0.0/16") -> Stack:
    """The stack cut down to its VPC, so that it is planned in a second."""
    configuration = dict(stack.configuration)
    ((name, vpc),) = configuration["resource"]["aws_vpc"].items()
    configuration["resource"] = {"aws_vpc": {name: {**vpc, "cidr_block": cidr}}}
    configuration.pop("output")
    folder.mkdir()
    (folder / "cdk.tf.json").write_text(json.dumps(configuration), encoding="utf-8")
    return dataclasses.replace(stack, folder=folder, configuration=configuration)
