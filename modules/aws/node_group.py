"""A managed node group with its launch template and node role."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Self

from cdktf import ITerraformDependable, TerraformResourceLifecycle, Token
from cdktf_cdktf_provider_aws.eks_node_group import (
    EksNodeGroup,
    EksNodeGroupLaunchTemplate,
    EksNodeGroupNodeRepairConfig,
    EksNodeGroupScalingConfig,
    EksNodeGroupTaint,
    EksNodeGroupUpdateConfig,
)
from cdktf_cdktf_provider_aws.launch_template import (
    LaunchTemplate,
    LaunchTemplateBlockDeviceMappings,
    LaunchTemplateBlockDeviceMappingsEbs,
    LaunchTemplateMetadataOptions,
    LaunchTemplateMonitoring,
    LaunchTemplateTagSpecifications,
)
from constructs import Construct
from pydantic import Field, model_validator

from ..core.config import Config
from ..core.context import Context
from ..core.iam import trust_service
from .eks import KubernetesVersion
from .role import Role

# Source: EKS API, CreateNodegroup, nodegroupName; the provider appends 26 characters.
NAME_LIMIT = 63 - 26


class Ami(StrEnum):
    """AMI families by EKS's names; Amazon Linux 2 has none for current Kubernetes minors."""

    AL2023_X86_64 = "AL2023_x86_64_STANDARD"
    AL2023_ARM_64 = "AL2023_ARM_64_STANDARD"
    BOTTLEROCKET_X86_64 = "BOTTLEROCKET_x86_64"
    BOTTLEROCKET_ARM_64 = "BOTTLEROCKET_ARM_64"

    @property
    def data_device(self) -> str:
        """The volume that holds images and logs: Bottlerocket keeps its own system apart."""
        return "/dev/xvdb" if self.value.startswith("BOTTLEROCKET") else "/dev/xvda"


class Capacity(StrEnum):
    """How the instances are bought."""

    ON_DEMAND = "ON_DEMAND"
    SPOT = "SPOT"


class TaintEffect(StrEnum):
    """What a taint does to pods that do not tolerate it."""

    NO_SCHEDULE = "NO_SCHEDULE"
    PREFER_NO_SCHEDULE = "PREFER_NO_SCHEDULE"
    NO_EXECUTE = "NO_EXECUTE"


class Taint(Config):
    """A Kubernetes taint of every node of the group."""

    key: str
    value: str | None = None
    effect: TaintEffect


class NodeGroupConfig(Config):
    """Settings of one node group; its nodes are spread over every zone of the VPC."""

    instance_types: Annotated[tuple[str, ...], Field(min_length=1, max_length=20)]
    min_size: int = Field(ge=0)
    max_size: int = Field(ge=1)
    desired_size: int | None = None
    """Nodes at creation; afterwards the autoscaler decides. None: ``min_size``."""
    ami: Ami = Ami.AL2023_X86_64
    capacity: Capacity = Capacity.ON_DEMAND
    disk_size_gib: int = Field(default=100, ge=20, le=16384)
    labels: Mapping[str, str] = Field(default_factory=dict)
    taints: tuple[Taint, ...] = ()
    max_unavailable_percentage: int = Field(default=33, ge=1, le=100)
    """Share of the nodes that an update may take away at once."""

    @model_validator(mode="after")
    def sizes_are_in_order(self) -> Self:
        """Refuse sizes that contradict each other, and spot capacity with one kind of machine."""
        desired = self.min_size if self.desired_size is None else self.desired_size
        if not self.min_size <= max(desired, self.min_size) <= self.max_size or (
            desired < self.min_size
        ):
            raise ValueError(
                f"min_size {self.min_size}, desired_size {desired}, max_size {self.max_size} must "
                "rise in this order; change the one that does not"
            )
        if self.capacity is Capacity.SPOT and len(self.instance_types) == 1:
            raise ValueError(
                f"spot capacity of {self.instance_types[0]} alone is lost in one interruption; "
                "name at least two instance_types of the same size"
            )
        return self


class NodeGroup(Construct):
    """Nodes that only answer IMDSv2, with encrypted disks and a role that can do nothing else.

    The group is made once everything in ``after`` is there.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        name: str,
        config: NodeGroupConfig,
        cluster_name: str,
        version: KubernetesVersion,
        subnet_ids: Sequence[str],
        after: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(scope, id_)
        full_name = ctx.name(name, limit=NAME_LIMIT - 1)
        role = Role(
            self,
            "role",
            ctx=ctx,
            name=f"node-{name}",
            trust=trust_service("ec2.amazonaws.com"),
            # The CNI's policy is on the CNI's own role, not on every pod's node.
            managed_policies=["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"],
        )
        template = _launch_template(self, ctx, full_name, config)
        self.resource = EksNodeGroup(
            self,
            "Resource",
            cluster_name=cluster_name,
            # A group that must be replaced (other instance types) comes before the old one goes.
            node_group_name_prefix=f"{full_name}-",
            node_role_arn=role.arn,
            version=version,
            subnet_ids=list(subnet_ids),
            ami_type=config.ami,
            capacity_type=config.capacity,
            instance_types=list(config.instance_types),
            launch_template=EksNodeGroupLaunchTemplate(
                id=template.id, version=Token.as_string(template.latest_version)
            ),
            scaling_config=EksNodeGroupScalingConfig(
                min_size=config.min_size,
                max_size=config.max_size,
                desired_size=config.min_size
                if config.desired_size is None
                else config.desired_size,
            ),
            labels=dict(config.labels) or None,
            taint=[
                EksNodeGroupTaint(key=t.key, value=t.value, effect=t.effect) for t in config.taints
            ]
            or None,
            update_config=EksNodeGroupUpdateConfig(
                max_unavailable_percentage=config.max_unavailable_percentage
            ),
            node_repair_config=EksNodeGroupNodeRepairConfig(enabled=True),
            lifecycle=TerraformResourceLifecycle(
                create_before_destroy=True,
                # The autoscaler owns it after creation.
                ignore_changes=["scaling_config[0].desired_size"],
            ),
            tags={"Name": full_name},
            depends_on=[*role.policies, *after],
        )


def _launch_template(
    scope: Construct, ctx: Context, name: str, config: NodeGroupConfig
) -> LaunchTemplate:
    return LaunchTemplate(
        scope,
        "launch-template",
        name=name,
        update_default_version=True,
        metadata_options=LaunchTemplateMetadataOptions(
            http_endpoint="enabled",
            http_tokens="required",
            # One hop ends at the node: a pod cannot read the node's credentials.
            http_put_response_hop_limit=1,
        ),
        monitoring=LaunchTemplateMonitoring(enabled=True),
        block_device_mappings=[
            LaunchTemplateBlockDeviceMappings(
                device_name=config.ami.data_device,
                ebs=LaunchTemplateBlockDeviceMappingsEbs(
                    volume_type="gp3",
                    volume_size=config.disk_size_gib,
                    encrypted="true",
                    delete_on_termination="true",
                ),
            )
        ],
        # The provider's default tags do not reach what the template starts.
        tag_specifications=[
            LaunchTemplateTagSpecifications(resource_type=kind, tags={**ctx.tags, "Name": name})
            for kind in ("instance", "volume")
        ],
        tags={"Name": name},
    )
