"""A managed node group with its launch template and node role."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Self

from cdktf import ITerraformDependable, TerraformResourceLifecycle, Token
from cdktf_cdktf_provider_aws.eks_access_entry import EksAccessEntry
from cdktf_cdktf_provider_aws.eks_node_group import (
    EksNodeGroup,
    EksNodeGroupLaunchTemplate,
    EksNodeGroupNodeRepairConfig,
    EksNodeGroupScalingConfig,
    EksNodeGroupTaint,
    EksNodeGroupUpdateConfig,
)
from constructs import Construct
from pydantic import AfterValidator, Field, model_validator

from ..core.config import Config, named_once
from ..core.context import Context
from ..core.iam import trust_service
from ..core.kubernetes_versions import KubernetesVersion
from .launch_template import Ami, is_arm, launch_template
from .role import Role

# Source: EKS API, CreateNodegroup, nodegroupName; the provider appends 26 characters.
NAME_LIMIT = 63 - 26


class Capacity(StrEnum):
    """How the instances are bought."""

    ON_DEMAND = "ON_DEMAND"
    SPOT = "SPOT"


class TaintEffect(StrEnum):
    """What a taint does to pods that do not tolerate it."""

    NO_SCHEDULE = "NO_SCHEDULE"
    PREFER_NO_SCHEDULE = "PREFER_NO_SCHEDULE"
    NO_EXECUTE = "NO_EXECUTE"


def _own_key(key: str) -> str:
    if re.match(r"([a-z0-9.-]+\.)?(kubernetes\.io|k8s\.io|eks\.amazonaws\.com)/", key):
        raise ValueError(
            f"{key!r} has a prefix that Kubernetes or EKS keeps for itself; use one of your own"
        )
    return key


LabelKey = Annotated[
    str,
    Field(pattern=r"^([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$"),
    AfterValidator(_own_key),
]
LabelValue = Annotated[str, Field(pattern=r"^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$")]
InstanceType = Annotated[str, Field(pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$")]


class Taint(Config):
    """A Kubernetes taint of every node of the group."""

    key: LabelKey
    """Name of the taint."""
    value: LabelValue | None = None
    """Its value; None: it has none."""
    effect: TaintEffect
    """What happens to pods that do not tolerate it."""


class NodeGroupConfig(Config):
    """Settings of one node group; its nodes are spread over every zone of the VPC."""

    instance_types: Annotated[tuple[InstanceType, ...], Field(min_length=1, max_length=20)]
    """EC2 types that a node may have, such as ``m6i.large``; another list is another group."""
    min_size: int = Field(ge=0)
    """Nodes that the group never goes below."""
    max_size: int = Field(ge=1)
    """Nodes that the group never goes above."""
    desired_size: int | None = None
    """Nodes at creation; afterwards the autoscaler decides. None: ``min_size``."""
    ami: Ami = Ami.AL2023_X86_64
    """Operating system and architecture of the nodes; another is another group."""
    capacity: Capacity = Capacity.ON_DEMAND
    """On demand, or spot, which AWS takes back when it needs it."""
    disk_size_gib: int = Field(default=100, ge=20, le=16384)
    """GiB of each node's encrypted volume, for images, logs and empty directories."""
    labels: Mapping[LabelKey, LabelValue] = Field(default_factory=dict)
    """Kubernetes labels of every node."""
    taints: tuple[Taint, ...] = ()
    """What keeps pods off that do not tolerate it."""
    max_unavailable_percentage: int = Field(default=33, ge=1, le=100)
    """Share of the nodes that an update may take away at once."""

    @model_validator(mode="after")
    def settings_agree(self) -> Self:
        """Refuse sizes and machines that contradict each other."""
        desired = self.first_size
        if not self.min_size <= desired <= self.max_size:
            raise ValueError(
                f"min_size {self.min_size}, desired_size {desired}, max_size {self.max_size} must "
                "rise in this order; change the one that does not"
            )
        types = self.instance_types
        named_once("instance_types", types)
        if self.capacity is Capacity.SPOT and len(types) == 1:
            raise ValueError(
                f"spot capacity of {types[0]} alone is lost in one interruption; "
                "name at least two instance_types of the same size"
            )
        if wrong := [t for t in types if is_arm(t) is not self.ami.is_arm]:
            raise ValueError(
                f"instance_types {', '.join(wrong)} cannot start from ami {self.ami}, which is of "
                "another processor architecture; change one of them"
            )
        return self

    @property
    def first_size(self) -> int:
        """How many nodes there are at creation."""
        return self.min_size if self.desired_size is None else self.desired_size

    @property
    def takes_every_pod(self) -> bool:
        """Whether a pod without tolerations finds a node here from the start."""
        closed = {TaintEffect.NO_SCHEDULE, TaintEffect.NO_EXECUTE}
        return self.first_size > 0 and not any(t.effect in closed for t in self.taints)


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
        template = launch_template(
            self,
            "launch-template",
            ctx=ctx,
            name=full_name,
            ami=config.ami,
            disk_size_gib=config.disk_size_gib,
        )
        # EKS would make this entry by itself and leave it behind: it admits no role that is made
        # again under the same name. Source: EKS user guide, "Grant access with access entries".
        entry = EksAccessEntry(
            self,
            "access-entry",
            cluster_name=cluster_name,
            principal_arn=role.arn,
            type="EC2_LINUX",
            tags={"Name": full_name},
        )
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
                desired_size=config.first_size,
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
            depends_on=[entry, *role.policies, *after],
        )
