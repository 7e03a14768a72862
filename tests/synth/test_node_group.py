"""Node groups: hardened machines in every zone, whose replacement never interrupts."""

from typing import Any

from modules.aws.launch_template import Ami
from modules.aws.node_group import Capacity, NodeGroup, Taint, TaintEffect
from modules.core.context import Context

import pytest
from cdktf import TerraformStack

from tests.support import settings
from tests.support.synth import Synth, document, ref


def synth(stack: TerraformStack, ctx: Context, name: str = "general", **changes: Any) -> Synth:
    NodeGroup(
        stack,
        f"nodes-{name}",
        ctx=ctx,
        name=name,
        config=settings.nodes(**changes),
        cluster_name="prod",
        version="1.35",
        subnet_ids=["subnet-1", "subnet-2", "subnet-3"],
    )
    return Synth(stack)


def test_a_pod_cannot_read_the_credentials_of_its_node(stack: TerraformStack, ctx: Context) -> None:
    assert synth(stack, ctx).one("aws_launch_template")["metadata_options"] == {
        "http_endpoint": "enabled",
        "http_put_response_hop_limit": 1,
        "http_tokens": "required",
    }


@pytest.mark.parametrize(
    ("ami", "machine", "device"),
    [
        (Ami.AL2023_X86_64, "m7i.large", "/dev/xvda"),
        (Ami.AL2023_ARM_64, "m7g.large", "/dev/xvda"),
        # Bottlerocket keeps images and logs on its second volume.
        (Ami.BOTTLEROCKET_X86_64, "m7i.large", "/dev/xvdb"),
        (Ami.BOTTLEROCKET_ARM_64, "m7g.large", "/dev/xvdb"),
    ],
)
def test_the_disk_that_fills_up_is_encrypted_gp3_of_the_size_asked_for(
    stack: TerraformStack, ctx: Context, ami: Ami, machine: str, device: str
) -> None:
    plan = synth(stack, ctx, ami=ami, instance_types=(machine,), disk_size_gib=200)

    assert plan.one("aws_launch_template")["block_device_mappings"][-1] == {
        "device_name": device,
        "ebs": {
            "delete_on_termination": "true",
            "encrypted": "true",
            "volume_size": 200,
            "volume_type": "gp3",
        },
    }
    assert plan.one("aws_eks_node_group")["ami_type"] == ami.value


def test_the_system_s_disk_of_bottlerocket_is_encrypted_as_well_and_keeps_its_size(
    stack: TerraformStack, ctx: Context
) -> None:
    template = synth(stack, ctx, ami=Ami.BOTTLEROCKET_X86_64).one("aws_launch_template")

    (system, data) = template["block_device_mappings"]

    assert system == {
        "device_name": "/dev/xvda",
        "ebs": {"delete_on_termination": "true", "encrypted": "true", "volume_type": "gp3"},
    }
    assert data["device_name"] == "/dev/xvdb"


def test_amazon_linux_has_one_disk(stack: TerraformStack, ctx: Context) -> None:
    template = synth(stack, ctx, ami=Ami.AL2023_X86_64).one("aws_launch_template")

    assert [disk["device_name"] for disk in template["block_device_mappings"]] == ["/dev/xvda"]


def test_instances_and_volumes_carry_the_tags_of_everything(
    stack: TerraformStack, ctx: Context
) -> None:
    tags = {**ctx.tags, "Name": "ekp-prod-euw1-general"}

    assert synth(stack, ctx).one("aws_launch_template")["tag_specifications"] == [
        {"resource_type": "instance", "tags": tags},
        {"resource_type": "volume", "tags": tags},
    ]


def test_nodes_stand_in_every_subnet_given(stack: TerraformStack, ctx: Context) -> None:
    group = synth(stack, ctx).one("aws_eks_node_group")

    assert group["subnet_ids"] == ["subnet-1", "subnet-2", "subnet-3"]


@pytest.mark.parametrize(
    ("capacity", "instance_types"),
    [(Capacity.ON_DEMAND, ("m7i.large",)), (Capacity.SPOT, ("m7i.large", "m6i.large"))],
)
def test_capacity_is_bought_as_the_settings_say(
    stack: TerraformStack, ctx: Context, capacity: Capacity, instance_types: tuple[str, ...]
) -> None:
    group = synth(stack, ctx, capacity=capacity, instance_types=instance_types).one(
        "aws_eks_node_group"
    )

    assert group["capacity_type"] == capacity.value
    assert group["instance_types"] == list(instance_types)


def test_labels_and_taints_reach_the_nodes(stack: TerraformStack, ctx: Context) -> None:
    taint = Taint(key="workload", value="ingress", effect=TaintEffect.NO_SCHEDULE)

    group = synth(stack, ctx, labels={"workload": "ingress"}, taints=(taint,)).one(
        "aws_eks_node_group"
    )

    assert group["labels"] == {"workload": "ingress"}
    assert group["taint"] == [{"effect": "NO_SCHEDULE", "key": "workload", "value": "ingress"}]


def test_a_plain_group_has_neither_labels_nor_taints(stack: TerraformStack, ctx: Context) -> None:
    group = synth(stack, ctx).one("aws_eks_node_group")

    assert "labels" not in group
    assert "taint" not in group


@pytest.mark.parametrize(("desired", "expected"), [(None, 2), (3, 3)])
def test_a_group_begins_at_its_desired_size_or_its_smallest(
    stack: TerraformStack, ctx: Context, desired: int | None, expected: int
) -> None:
    group = synth(stack, ctx, desired_size=desired).one("aws_eks_node_group")

    assert group["scaling_config"] == {"desired_size": expected, "max_size": 4, "min_size": 2}


def test_the_autoscaler_s_size_is_left_alone(stack: TerraformStack, ctx: Context) -> None:
    lifecycle = synth(stack, ctx).one("aws_eks_node_group")["lifecycle"]

    assert lifecycle["ignore_changes"] == ["scaling_config[0].desired_size"]


def test_a_group_that_must_be_replaced_comes_before_the_old_one_goes(
    stack: TerraformStack, ctx: Context
) -> None:
    group = synth(stack, ctx).one("aws_eks_node_group")

    assert group["lifecycle"]["create_before_destroy"] is True
    assert group["node_group_name_prefix"] == "ekp-prod-euw1-general-"
    assert "node_group_name" not in group


def test_an_update_takes_away_a_third_of_the_nodes_at_once_and_broken_ones_are_replaced(
    stack: TerraformStack, ctx: Context
) -> None:
    group = synth(stack, ctx).one("aws_eks_node_group")

    assert group["update_config"] == {"max_unavailable_percentage": 33}
    assert group["node_repair_config"] == {"enabled": True}


def test_nodes_are_of_the_cluster_s_version(stack: TerraformStack, ctx: Context) -> None:
    assert synth(stack, ctx).one("aws_eks_node_group")["version"] == "1.35"


def test_a_node_may_join_and_pull_images_and_nothing_else(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    (trust,) = document(plan.one("aws_iam_role")["assume_role_policy"])["Statement"]
    assert trust["Principal"] == {"Service": "ec2.amazonaws.com"}
    assert {
        found["policy_arn"] for found in plan.all("aws_iam_role_policy_attachment").values()
    } == {
        "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
        "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
    }
    assert plan.all("aws_iam_role_policy") == {}


def test_nodes_join_by_an_entry_that_is_made_anew_with_their_role(
    stack: TerraformStack, ctx: Context
) -> None:
    # The entry that EKS makes by itself stays behind, and admits no role of the same name.
    plan = synth(stack, ctx)

    assert plan.all("aws_eks_access_entry") == {
        "nodes-general/access-entry": {
            "cluster_name": "prod",
            "principal_arn": ref(plan.address("aws_iam_role", "nodes-general/role"), "arn"),
            "tags": {"Name": "ekp-prod-euw1-general"},
            "type": "EC2_LINUX",
        }
    }


def test_nodes_come_after_their_entry_and_the_policies_of_their_role(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)
    role = "nodes-general/role"

    assert plan.one("aws_eks_node_group")["depends_on"] == [
        # Were it second, EKS would have made an entry of its own by then.
        plan.address("aws_eks_access_entry", "nodes-general/access-entry"),
        plan.address("aws_iam_role_policy_attachment", f"{role}/AmazonEKSWorkerNodePolicy"),
        plan.address(
            "aws_iam_role_policy_attachment", f"{role}/AmazonEC2ContainerRegistryPullOnly"
        ),
    ]


def test_a_new_launch_template_rolls_the_group(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)
    template = plan.address("aws_launch_template", "nodes-general/launch-template")

    assert plan.one("aws_eks_node_group")["launch_template"] == {
        "id": ref(template, "id"),
        "version": ref(template, "latest_version"),
    }


def test_a_name_longer_than_eks_takes_is_refused(stack: TerraformStack, ctx: Context) -> None:
    with pytest.raises(ValueError, match="has 39 characters, the service allows 36; shorten"):
        synth(stack, ctx, "x" * 25)
