"""What nodes are started from: the machine image family, disks, metadata service and tags."""

import re
from enum import StrEnum

from cdktf_cdktf_provider_aws.launch_template import (
    LaunchTemplate,
    LaunchTemplateBlockDeviceMappings,
    LaunchTemplateBlockDeviceMappingsEbs,
    LaunchTemplateMetadataOptions,
    LaunchTemplateMonitoring,
    LaunchTemplateTagSpecifications,
)
from constructs import Construct

from ..core.context import Context


class Ami(StrEnum):
    """AMI families by EKS's names; Amazon Linux 2 has none for current Kubernetes minors."""

    AL2023_X86_64 = "AL2023_x86_64_STANDARD"
    AL2023_ARM_64 = "AL2023_ARM_64_STANDARD"
    BOTTLEROCKET_X86_64 = "BOTTLEROCKET_x86_64"
    BOTTLEROCKET_ARM_64 = "BOTTLEROCKET_ARM_64"

    @property
    def is_arm(self) -> bool:
        """Whether it is for Graviton processors."""
        return "ARM" in self.value

    @property
    def system_device(self) -> str | None:
        """The volume of the system alone, where there is one beside that of images and logs."""
        return "/dev/xvda" if self.value.startswith("BOTTLEROCKET") else None

    @property
    def data_device(self) -> str:
        """The volume that holds images and logs."""
        return "/dev/xvdb" if self.system_device else "/dev/xvda"


def is_arm(instance_type: str) -> bool:
    """Return whether an instance type has Graviton processors: a1, or a g after the generation.

    Source: EC2 instance types guide, "Instance type naming conventions".
    """
    return re.match(r"(a1|[a-z]+\d+g[a-z]*)\.", instance_type) is not None


def launch_template(
    scope: Construct, id_: str, *, ctx: Context, name: str, ami: Ami, disk_size_gib: int
) -> LaunchTemplate:
    """Make the template of nodes that answer IMDSv2 alone and encrypt every disk."""
    return LaunchTemplate(
        scope,
        id_,
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
            # Left out, the system's own volume would keep the image's setting: not encrypted.
            *([_disk(ami.system_device, None)] if ami.system_device else []),
            _disk(ami.data_device, disk_size_gib),
        ],
        # The provider's default tags do not reach what the template starts.
        tag_specifications=[
            LaunchTemplateTagSpecifications(resource_type=kind, tags={**ctx.tags, "Name": name})
            for kind in ("instance", "volume")
        ],
        tags={"Name": name},
    )


def _disk(device: str, size_gib: int | None) -> LaunchTemplateBlockDeviceMappings:
    return LaunchTemplateBlockDeviceMappings(
        device_name=device,
        ebs=LaunchTemplateBlockDeviceMappingsEbs(
            volume_type="gp3",
            volume_size=size_gib,
            encrypted="true",
            delete_on_termination="true",
        ),
    )
