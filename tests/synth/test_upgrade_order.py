"""What the plan of an upgrade says is what the synthesized stacks do."""

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from modules.addons.cluster_autoscaler import IMAGES
from modules.core.eks_addons import AFTER_NODES, BEFORE_NODES

import pytest

from ekp.charts import releases
from ekp.runner import stacks as runner
from ekp.runner.stacks import Stack
from ekp.upgrade.cluster import clusters
from environments import load

TODAY = date(2026, 11, 21)
REFERENCE = re.compile(r"\b(aws_[a-z0-9_]+\.[A-Za-z0-9_-]+)")


@pytest.fixture(scope="module")
def every(outdir: Path) -> Mapping[str, Stack]:
    return runner.load(outdir)


def waits_for(stack: Stack, address: str) -> set[str]:
    """Return all that Terraform has done in a stack before it touches a resource."""
    found: set[str] = set()
    left = [address]
    while left:
        kind, _, name = left.pop().partition(".")
        body = {k: v for k, v in stack.resources[kind][name].items() if k != "//"}
        for one in REFERENCE.findall(json.dumps(body)):
            if one in stack.construct_paths and one not in found:
                found.add(one)
                left.append(one)
    return found


def addresses(stack: Stack, kind: str, names: tuple[str, ...] = ()) -> set[str]:
    return {
        f"{kind}.{name}"
        for name, body in stack.resources[kind].items()
        if not names or body["addon_name"] in names
    }


def test_terraform_takes_control_plane_add_ons_nodes_add_ons_in_this_order(
    every: Mapping[str, Stack],
) -> None:
    found = [stack for stack in every.values() if stack.layer == "cluster"]

    assert len(found) == 5
    for stack in found:
        control_plane = addresses(stack, "aws_eks_cluster")
        before = addresses(stack, "aws_eks_addon", BEFORE_NODES)
        nodes = addresses(stack, "aws_eks_node_group")
        after = addresses(stack, "aws_eks_addon", AFTER_NODES)
        assert (len(control_plane), len(before), len(after)) == (1, 3, 2)
        for addon in before:
            assert control_plane <= waits_for(stack, addon)
            assert not nodes & waits_for(stack, addon)
        for group in nodes:
            assert control_plane | before <= waits_for(stack, group)
            assert not after & waits_for(stack, group)
        for addon in after:
            assert control_plane | before | nodes <= waits_for(stack, addon)


def test_charts_come_after_the_cluster_and_regions_do_not_wait_for_each_other(
    every: Mapping[str, Stack],
) -> None:
    for stack in every.values():
        if stack.layer == "platform":
            assert f"{stack.environment}-{stack.region}-cluster" in stack.depends_on
    # So the plan changes one region's setting at a time: one deploy would take both at once.
    assert "prod-eu-west-1-cluster" not in every["prod-us-east-1-cluster"].depends_on
    assert "prod-us-east-1-cluster" not in every["prod-eu-west-1-cluster"].depends_on


def test_a_cluster_s_charts_are_those_that_its_stacks_install(every: Mapping[str, Stack]) -> None:
    environments, _ = load(TODAY)
    for environment in environments.values():
        for cluster in clusters(environment):
            here = [
                stack
                for stack in every.values()
                if (stack.environment, stack.region) == (cluster.environment, cluster.region)
            ]
            installed = {(one.chart, one.version) for one in releases.of(here)}
            assert {(one.name, one.version) for one in cluster.charts} == installed


def test_the_autoscaler_s_image_follows_the_cluster_s_minor(every: Mapping[str, Stack]) -> None:
    (release,) = (
        one
        for one in releases.of([every["dev-eu-west-1-platform"]])
        if one.chart == "cluster-autoscaler"
    )

    assert release.values["image"]["tag"] == IMAGES["1.35"]
