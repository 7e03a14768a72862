"""Karpenter starts nodes like the managed ones: pinned, encrypted, bounded, one cluster's own."""

from pathlib import Path
from typing import Any

from modules.addons.karpenter import Karpenter
from modules.addons.karpenter_nodes import Architecture, CapacityType, KarpenterConfig
from modules.aws.queue import QueueOutputs
from modules.aws.workload_identity import Mechanism
from modules.core.availability import Availability
from modules.core.context import Context

import pytest
from cdktf import TerraformStack
from pydantic import ValidationError

from tests.support.chart_values import complaints
from tests.support.custom_resources import mistakes
from tests.support.platform import CLUSTER
from tests.support.releases import after, named, objects, values
from tests.support.service_accounts import trusted
from tests.support.synth import Synth, document, ref

NAME, CRDS, NODES = "karpenter", "karpenter-crd", "karpenter-nodes"
AMI = "al2023@v20240807"
QUEUE = QueueOutputs(
    name="ekp-prod-euw1-interruptions",
    arn="arn:aws:sqs:eu-west-1:333333333333:ekp-prod-euw1-interruptions",
)


def synth(
    stack: TerraformStack,
    ctx: Context,
    *,
    availability: Availability = Availability.HIGH,
    ami_alias: str = AMI,
    **changes: Any,
) -> Synth:
    Karpenter(
        stack,
        "karpenter",
        ctx=ctx,
        config=KarpenterConfig(ami_alias=ami_alias, **changes),
        availability=availability,
        cluster=CLUSTER,
        identity=Mechanism.IRSA,
        queue=QUEUE,
    )
    return Synth(stack)


def spec(stack: TerraformStack, ctx: Context, kind: str, **changes: Any) -> dict[str, Any]:
    found = objects(named(synth(stack, ctx, **changes), NODES))
    (one,) = (one["spec"] for one in found if one["kind"] == kind)
    return dict(one)


def requirements(pool: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    return {
        one["key"].rpartition("/")[2]: (one["operator"], one["values"])
        for one in pool["template"]["spec"]["requirements"]
    }


def test_its_service_account_is_the_one_its_role_trusts(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)
    release = named(plan, NAME)
    role = plan.all("aws_iam_role")["karpenter/identity/role"]
    account = values(release)["serviceAccount"]

    assert trusted(role) == f"{release['namespace']}/{account['name']}"
    assert account["annotations"] == {
        "eks.amazonaws.com/role-arn": ref(
            plan.address("aws_iam_role", "karpenter/identity/role"), "arn"
        )
    }
    assert plan.address("aws_iam_role_policy", "karpenter/identity/role/policy") in set(
        release["depends_on"]
    )


def test_definitions_come_before_the_controller_and_the_controller_before_the_pool(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    assert after(plan, NAME) == {CRDS}
    assert after(plan, NODES) == {CRDS, NAME}
    assert named(plan, NAME)["skip_crds"] is True


def test_the_definitions_stay_when_their_release_goes(stack: TerraformStack, ctx: Context) -> None:
    found = values(named(synth(stack, ctx), CRDS))

    assert found["additionalAnnotations"] == {"helm.sh/resource-policy": "keep"}


def test_nodes_can_join_before_one_is_started(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)
    entry = plan.one("aws_eks_access_entry")
    needed = set(named(plan, NODES)["depends_on"])

    assert entry["type"] == "EC2_LINUX"
    assert entry["principal_arn"] == ref(plan.address("aws_iam_role", "karpenter/node-role"), "arn")
    assert plan.address("aws_eks_access_entry", "karpenter/access-entry") in needed
    assert {
        plan.address("aws_iam_role_policy_attachment", f"karpenter/node-role/{policy}")
        for policy in ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")
    } < needed


def test_nodes_have_the_role_of_the_profile_that_terraform_made(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)
    profile = plan.one("aws_iam_instance_profile")
    role = plan.all("aws_iam_role")["karpenter/node-role"]
    (made,) = (o for o in objects(named(plan, NODES)) if o["kind"] == "EC2NodeClass")

    assert profile["role"] == role["name"] == "ekp-prod-euw1-node-karpenter"
    assert made["spec"]["instanceProfile"] == ref(
        plan.address("aws_iam_instance_profile", "karpenter/instance-profile"), "name"
    )


def test_it_hands_on_the_nodes_role_and_no_other(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)
    policy = plan.all("aws_iam_role_policy")["karpenter/identity/role/policy"]["policy"]
    found = {one["Sid"]: one for one in document(policy)["Statement"]}

    assert found["PassNodeRole"]["Resource"] == [
        ref(plan.address("aws_iam_role", "karpenter/node-role"), "arn")
    ]
    assert found["InterruptionQueue"]["Resource"] == [QUEUE.arn]


def test_it_is_told_its_cluster_its_region_and_its_queue(
    stack: TerraformStack, ctx: Context
) -> None:
    found = values(named(synth(stack, ctx), NAME))

    assert found["settings"] == {
        "clusterName": CLUSTER.cluster_name,
        "clusterEndpoint": CLUSTER.endpoint,
        "interruptionQueue": QUEUE.name,
    }
    assert found["controller"]["env"] == [{"name": "AWS_REGION", "value": "eu-west-1"}]


def test_the_machine_image_is_pinned(stack: TerraformStack, ctx: Context) -> None:
    assert spec(stack, ctx, "EC2NodeClass")["amiSelectorTerms"] == [{"alias": AMI}]


@pytest.mark.parametrize("alias", ["al2023@latest", "al2@v20240807", "al2023"])
def test_an_image_that_changes_by_itself_is_refused(alias: str) -> None:
    with pytest.raises(ValidationError, match="ami_alias"):
        KarpenterConfig(ami_alias=alias)


@pytest.mark.parametrize(
    ("alias", "devices"),
    [(AMI, ["/dev/xvda"]), ("bottlerocket@v1.20.5", ["/dev/xvda", "/dev/xvdb"])],
)
def test_every_disk_is_encrypted_gp3(
    stack: TerraformStack, ctx: Context, alias: str, devices: list[str]
) -> None:
    disks = spec(stack, ctx, "EC2NodeClass", ami_alias=alias)["blockDeviceMappings"]

    assert [disk["deviceName"] for disk in disks] == devices
    assert {(d["ebs"]["encrypted"], d["ebs"]["volumeType"]) for d in disks} == {(True, "gp3")}
    assert disks[-1]["ebs"]["volumeSize"] == "50Gi"


def test_a_pod_cannot_read_the_node_s_credentials(stack: TerraformStack, ctx: Context) -> None:
    metadata = spec(stack, ctx, "EC2NodeClass")["metadataOptions"]

    assert (metadata["httpTokens"], metadata["httpPutResponseHopLimit"]) == ("required", 1)


def test_nodes_are_in_the_cluster_s_private_subnets_and_its_group(
    stack: TerraformStack, ctx: Context
) -> None:
    found = spec(stack, ctx, "EC2NodeClass")

    assert found["subnetSelectorTerms"] == [
        {"tags": {"karpenter.sh/discovery": "ekp-prod-euw1-eks"}}
    ]
    assert found["securityGroupSelectorTerms"] == [{"id": CLUSTER.security_group_id}]
    assert found["associatePublicIPAddress"] is False


def test_instances_carry_the_environment_s_tags(stack: TerraformStack, ctx: Context) -> None:
    tags = spec(stack, ctx, "EC2NodeClass")["tags"]

    assert tags == {**ctx.tags, "Name": "ekp-prod-euw1-karpenter"}


def test_the_pool_is_bounded(stack: TerraformStack, ctx: Context) -> None:
    pool = spec(stack, ctx, "NodePool", max_cpus=64, max_memory_gib=256)

    assert pool["limits"] == {"cpu": "64", "memory": "256Gi"}


def test_nodes_are_replaced_a_few_at_a_time_and_before_they_grow_old(
    stack: TerraformStack, ctx: Context
) -> None:
    pool = spec(stack, ctx, "NodePool", disrupted_percent=20)

    assert pool["disruption"]["budgets"] == [{"nodes": "20%"}]
    assert pool["template"]["spec"]["expireAfter"] == "720h"


def test_the_settings_say_which_instances_there_may_be(stack: TerraformStack, ctx: Context) -> None:
    pool = spec(
        stack,
        ctx,
        "NodePool",
        capacity_types=(CapacityType.SPOT, CapacityType.ON_DEMAND),
        architectures=(Architecture.ARM64,),
        instance_categories=("m",),
        oldest_generation=6,
    )

    assert requirements(pool) == {
        "os": ("In", ["linux"]),
        "arch": ("In", ["arm64"]),
        "capacity-type": ("In", ["spot", "on-demand"]),
        "instance-category": ("In", ["m"]),
        "instance-generation": ("Gt", ["5"]),
    }


def test_a_job_waits_until_nodes_could_be_started(stack: TerraformStack, ctx: Context) -> None:
    found = objects(named(synth(stack, ctx), NODES))
    (job,) = (one for one in found if one["kind"] == "Job")
    (container,) = job["spec"]["template"]["spec"]["containers"]

    assert "nodepool.karpenter.sh/default" in container["args"]


@pytest.mark.parametrize(
    ("availability", "replicas"), [(Availability.HIGH, 2), (Availability.SINGLE, 1)]
)
def test_high_availability_is_two_copies_apart(
    stack: TerraformStack, ctx: Context, availability: Availability, replicas: int
) -> None:
    found = values(named(synth(stack, ctx, availability=availability), NAME))

    assert found["replicas"] == replicas
    # The chart always has a budget; this one lets a single copy go.
    assert found["podDisruptionBudget"]["maxUnavailable"] == 1
    assert found["topologySpreadConstraints"][0]["whenUnsatisfiable"] == "ScheduleAnyway"


@pytest.mark.parametrize("name", [NAME, CRDS])
def test_the_charts_know_every_value(
    stack: TerraformStack, ctx: Context, tmp_path: Path, name: str
) -> None:
    found = values(named(synth(stack, ctx), name))

    assert complaints(name, {"merged": found}, tmp_path) == []


@pytest.mark.parametrize("alias", [AMI, "bottlerocket@v1.20.5"])
def test_every_object_is_as_its_definition_says(
    stack: TerraformStack, ctx: Context, tmp_path: Path, alias: str
) -> None:
    found = objects(named(synth(stack, ctx, ami_alias=alias), NODES))

    assert mistakes(found, tmp_path) == []
