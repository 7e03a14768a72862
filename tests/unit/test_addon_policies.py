"""Policies of the cluster's services: nothing beyond the cluster, no wildcard without need."""

import json
import re
from collections.abc import Mapping
from typing import Any

from modules.addons.policies.cluster_autoscaler import cluster_autoscaler_policy
from modules.addons.policies.karpenter import karpenter_policy
from modules.addons.policies.load_balancer_controller import load_balancer_controller_policy
from modules.core.iam import allow

import pytest

from tests.support.settings import context

CONTEXT = context()
CLUSTER = "ekp-prod-euw1-eks"
NODES = "arn:aws:iam::333333333333:role/nodes"
QUEUE = "arn:aws:sqs:eu-west-1:333333333333:interruptions"
POLICIES = {
    "load-balancer-controller": load_balancer_controller_policy(CONTEXT),
    "cluster-autoscaler": cluster_autoscaler_policy(CONTEXT),
    "karpenter": karpenter_policy(
        CONTEXT,
        node_role_arn=NODES,
        queue=[allow("InterruptionQueue", ["sqs:ReceiveMessage"], [QUEUE])],
    ),
}
# Actions that know no resource. Source: service authorization reference.
UNBOUND = re.compile(
    r"(autoscaling|ec2|elasticloadbalancing):Describe\w+"
    r"|ec2:GetInstanceTypesFromInstanceRequirements|pricing:GetProducts|iam:ListInstanceProfiles"
)
# Source: IAM quotas, all inline policies of a role, white space not counted.
INLINE_LIMIT = 10_240


def statements(name: str) -> dict[str, dict[str, Any]]:
    return {one["Sid"]: one for one in json.loads(POLICIES[name])["Statement"]}


def tagged(conditions: Mapping[str, Mapping[str, Any]], prefix: str) -> Mapping[str, Any]:
    return {k: v for by in conditions.values() for k, v in by.items() if k.startswith(prefix)}


@pytest.mark.parametrize("name", POLICIES)
def test_a_wildcard_stands_only_where_an_action_knows_no_resource(name: str) -> None:
    unbound = [
        action
        for one in statements(name).values()
        if one["Resource"] == ["*"]
        for action in one["Action"]
    ]

    assert [action for action in unbound if not UNBOUND.fullmatch(action)] == []


@pytest.mark.parametrize("name", POLICIES)
def test_no_action_is_a_wildcard(name: str) -> None:
    assert not any("*" in action for one in statements(name).values() for action in one["Action"])


@pytest.mark.parametrize("name", POLICIES)
def test_every_resource_is_of_the_account_and_region_but_for_aws_s_own(name: str) -> None:
    resources = {r for one in statements(name).values() for r in one["Resource"]} - {"*", NODES}

    for resource in resources:
        _, partition, _, region, account, _ = resource.split(":", 5)
        assert (partition, region) == ("aws", "eu-west-1")
        assert account in {"333333333333", ""}
        # Without an account: machine images, snapshots and parameters, which AWS shares.
        assert account or re.search(r"::(image|snapshot|parameter/aws/service)/\*$", resource)


@pytest.mark.parametrize("name", POLICIES)
def test_a_role_has_room_for_its_policy(name: str) -> None:
    assert len(re.sub(r"\s", "", POLICIES[name])) <= INLINE_LIMIT


def test_the_load_balancer_controller_only_registers_pods_in_its_cluster_s_groups() -> None:
    found = statements("load-balancer-controller")
    changes = {
        action
        for one in found.values()
        for action in one["Action"]
        if not action.split(":")[1].startswith("Describe")
    }

    assert changes == {
        "elasticloadbalancing:RegisterTargets",
        "elasticloadbalancing:DeregisterTargets",
    }
    assert found["Register"]["Resource"] == [
        "arn:aws:elasticloadbalancing:eu-west-1:333333333333:targetgroup/ekp-prod-euw1-*/*"
    ]


def test_the_cluster_autoscaler_sizes_the_groups_of_its_cluster_alone() -> None:
    scale = statements("cluster-autoscaler")["Scale"]

    assert scale["Condition"] == {
        "StringEquals": {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{CLUSTER}": "owned"}
    }
    groups = "arn:aws:autoscaling:eu-west-1:333333333333:autoScalingGroup"
    assert scale["Resource"] == [f"{groups}:*:autoScalingGroupName/eks-ekp-prod-euw1-*"]


def test_karpenter_starts_only_what_carries_its_cluster_s_tags() -> None:
    found = statements("karpenter")
    owned = f"aws:ResourceTag/kubernetes.io/cluster/{CLUSTER}"
    asked = f"aws:RequestTag/kubernetes.io/cluster/{CLUSTER}"

    for sid in ("Start", "TagNew"):
        assert tagged(found[sid]["Condition"], "aws:RequestTag")[asked] == "owned"
    for sid in ("StartFromTemplate", "TagInstance", "End"):
        assert tagged(found[sid]["Condition"], "aws:ResourceTag")[owned] == "owned"
    assert set(found["TagInstance"]["Condition"]["ForAllValues:StringEquals"]["aws:TagKeys"]) == {
        "eks:eks-cluster-name",
        "karpenter.sh/nodeclaim",
        "Name",
    }


def test_karpenter_hands_on_one_role_to_instances_alone() -> None:
    passing = statements("karpenter")["PassNodeRole"]

    assert passing["Resource"] == [NODES]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}


def test_karpenter_makes_no_instance_profile() -> None:
    actions = {action for one in statements("karpenter").values() for action in one["Action"]}

    assert {action for action in actions if action.startswith("iam:")} == {
        "iam:PassRole",
        "iam:ListInstanceProfiles",
    }
