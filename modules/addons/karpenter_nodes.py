"""The nodes that Karpenter starts: what they are made of, how many, and when they are replaced."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from ..core.config import Config
from ..core.context import Context
from ..kubernetes.jobs import wait_for
from ..kubernetes.manifest import Manifest

NAME = "default"
AmiAlias = Annotated[str, Field(pattern=r"^(al2023@v\d{8}|bottlerocket@v\d+\.\d+\.\d+)$")]
"""A family of EKS's images and one version of it; ``latest`` would replace nodes unasked."""


class CapacityType(StrEnum):
    """How instances are bought, in Karpenter's words."""

    ON_DEMAND = "on-demand"
    SPOT = "spot"


class Architecture(StrEnum):
    """Processors, in Kubernetes' words."""

    AMD64 = "amd64"
    ARM64 = "arm64"


class KarpenterConfig(Config):
    """Settings of the nodes."""

    ami_alias: AmiAlias
    """Such as ``al2023@v20240807``: nodes are replaced when it changes."""
    capacity_types: tuple[CapacityType, ...] = Field(
        default=(CapacityType.ON_DEMAND,), min_length=1
    )
    """On demand, spot, or both."""
    architectures: tuple[Architecture, ...] = Field(default=(Architecture.AMD64,), min_length=1)
    """ARM64 beside AMD64 only where every image is built for both."""
    instance_categories: tuple[Annotated[str, Field(pattern=r"^[a-z]+$")], ...] = Field(
        default=("c", "m", "r"), min_length=1
    )
    """Letters that instance types begin with."""
    oldest_generation: int = Field(default=5, ge=3, le=20)
    """Number of the oldest generation of instance types that is taken."""
    max_cpus: int = Field(default=200, ge=2)
    """vCPUs that all nodes may have together."""
    max_memory_gib: int = Field(default=800, ge=4)
    """Memory that all nodes may have together."""
    disk_size_gib: int = Field(default=50, ge=20, le=16_384)
    """Size of the volume for images and logs."""
    expire_after_hours: int = Field(default=720, ge=24)
    """Hours after which a node is replaced, so that none grows old unpatched."""
    disrupted_percent: int = Field(default=10, ge=1, le=100)
    """Percent of the nodes that may be replaced at the same time."""


def node_class(
    ctx: Context, config: KarpenterConfig, *, instance_profile: str, security_group_id: str
) -> Manifest:
    """Return what nodes are made of: pinned image, encrypted disks, a metadata service for nodes.

    Args:
        ctx: the cluster's name, which private subnets are tagged with, and tags of instances.
        config: settings of the nodes.
        instance_profile: its role is what nodes may do.
        security_group_id: the group that control plane and nodes share.
    """
    bottlerocket = config.ami_alias.startswith("bottlerocket")
    disks = (
        # Left out, the system's own volume would keep the image's setting: not encrypted.
        [_disk("/dev/xvda", None), _disk("/dev/xvdb", config.disk_size_gib)]
        if bottlerocket
        else [_disk("/dev/xvda", config.disk_size_gib)]
    )
    return Manifest(
        api_version="karpenter.k8s.aws/v1",
        kind="EC2NodeClass",
        name=NAME,
        fields={
            "spec": {
                "amiSelectorTerms": [{"alias": config.ami_alias}],
                "instanceProfile": instance_profile,
                "subnetSelectorTerms": [{"tags": {"karpenter.sh/discovery": ctx.cluster_name}}],
                "securityGroupSelectorTerms": [{"id": security_group_id}],
                "associatePublicIPAddress": False,
                "metadataOptions": {
                    "httpEndpoint": "enabled",
                    "httpTokens": "required",
                    # One hop ends at the node: a pod cannot read the node's credentials.
                    "httpPutResponseHopLimit": 1,
                    "httpProtocolIPv6": "disabled",
                },
                "blockDeviceMappings": disks,
                "detailedMonitoring": True,
                "tags": {**ctx.tags, "Name": ctx.name("karpenter")},
            }
        },
    )


def _disk(device: str, size_gib: int | None) -> dict[str, Any]:
    return {
        "deviceName": device,
        "ebs": {
            "volumeType": "gp3",
            **({"volumeSize": f"{size_gib}Gi"} if size_gib else {}),
            "encrypted": True,
            "deleteOnTermination": True,
        },
    }


def node_pool(config: KarpenterConfig) -> Manifest:
    """Return which instances there may be, how many, and how they come and go."""
    requirements = {
        "kubernetes.io/os": ["linux"],
        "kubernetes.io/arch": list(config.architectures),
        "karpenter.sh/capacity-type": list(config.capacity_types),
        "karpenter.k8s.aws/instance-category": list(config.instance_categories),
    }
    return Manifest(
        api_version="karpenter.sh/v1",
        kind="NodePool",
        name=NAME,
        fields={
            "spec": {
                "template": {
                    "spec": {
                        "nodeClassRef": {
                            "group": "karpenter.k8s.aws",
                            "kind": "EC2NodeClass",
                            "name": NAME,
                        },
                        "requirements": [
                            *(
                                {"key": key, "operator": "In", "values": values}
                                for key, values in requirements.items()
                            ),
                            {
                                "key": "karpenter.k8s.aws/instance-generation",
                                "operator": "Gt",
                                "values": [str(config.oldest_generation - 1)],
                            },
                        ],
                        "expireAfter": f"{config.expire_after_hours}h",
                        # A budget that never lets go holds a node for a day, not for ever.
                        "terminationGracePeriod": "24h",
                    }
                },
                "limits": {"cpu": str(config.max_cpus), "memory": f"{config.max_memory_gib}Gi"},
                "disruption": {
                    "consolidationPolicy": "WhenEmptyOrUnderutilized",
                    "consolidateAfter": "5m",
                    "budgets": [{"nodes": f"{config.disrupted_percent}%"}],
                },
            }
        },
    )


def nodes_are_ready(namespace: str) -> list[Manifest]:
    """Return a job that waits until image, subnets, groups and profile are found to be usable."""
    return wait_for(
        "wait-for-karpenter",
        namespace=namespace,
        rules=[
            {
                "apiGroups": ["karpenter.sh"],
                "resources": ["nodepools"],
                "verbs": ["get", "list", "watch"],
            },
        ],
        arguments=["--for=condition=Ready", f"nodepool.karpenter.sh/{NAME}"],
        seconds=300,
    )
