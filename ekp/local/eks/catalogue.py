"""What EKS offers: Kubernetes versions, add-ons, access policies and machine images."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from moto.eks.exceptions import InvalidParameterException

MAX_NODE_SKEW = 3
LAST_MINOR_WITH_AL2 = 32


@dataclass(frozen=True)
class KubernetesVersion:
    """One Kubernetes minor, with the dates of its support."""

    version: str
    released: date
    end_of_standard_support: date
    end_of_extended_support: date

    def status(self, today: date) -> str:
        """Give the support that a cluster of this version has on a day."""
        if today <= self.end_of_standard_support:
            return "standard-support"
        return "extended-support" if today <= self.end_of_extended_support else "unsupported"


DEFAULT_VERSION = "1.35"
VERSIONS = {
    version: KubernetesVersion(
        version, *(datetime.fromisoformat(day).replace(tzinfo=UTC).date() for day in days)
    )
    for version, *days in (
        ("1.31", "2024-09-26", "2025-11-26", "2026-11-26"),
        ("1.32", "2025-01-23", "2026-03-23", "2027-03-23"),
        ("1.33", "2025-05-29", "2026-07-29", "2027-07-29"),
        ("1.34", "2025-10-02", "2026-12-02", "2027-12-02"),
        ("1.35", "2026-01-28", "2027-03-27", "2028-03-27"),
        ("1.36", "2026-06-02", "2027-08-02", "2028-08-02"),
    )
}


@dataclass(frozen=True)
class AddonKind:
    """One add-on of the catalogue."""

    name: str
    version: str
    type: str
    # Its pods are a Deployment: without a node the add-on never becomes healthy.
    needs_nodes: bool = False

    def default_version(self, kubernetes: str) -> str:
        """Give the version that EKS picks when the caller names none."""
        return self.version.format(kubernetes=kubernetes)


ADDONS = {
    kind.name: kind
    for kind in (
        AddonKind("vpc-cni", "v1.21.1-eksbuild.1", "networking"),
        AddonKind("kube-proxy", "v{kubernetes}.0-eksbuild.2", "networking"),
        AddonKind("coredns", "v1.13.2-eksbuild.3", "networking", needs_nodes=True),
        AddonKind("eks-pod-identity-agent", "v1.3.10-eksbuild.2", "security"),
        AddonKind("eks-node-monitoring-agent", "v1.4.3-eksbuild.1", "observability"),
        AddonKind("aws-ebs-csi-driver", "v1.57.1-eksbuild.1", "storage", needs_nodes=True),
        AddonKind("aws-efs-csi-driver", "v2.1.13-eksbuild.1", "storage", needs_nodes=True),
        AddonKind("aws-mountpoint-s3-csi-driver", "v2.2.0-eksbuild.1", "storage"),
        AddonKind("snapshot-controller", "v8.3.0-eksbuild.1", "storage", needs_nodes=True),
        AddonKind("metrics-server", "v0.8.0-eksbuild.5", "observability", needs_nodes=True),
        AddonKind("kube-state-metrics", "v2.17.0-eksbuild.4", "observability", needs_nodes=True),
        AddonKind("prometheus-node-exporter", "v1.10.2-eksbuild.2", "observability"),
        AddonKind("cert-manager", "v1.19.1-eksbuild.1", "security", needs_nodes=True),
        AddonKind("external-dns", "v0.20.0-eksbuild.1", "networking", needs_nodes=True),
        AddonKind("adot", "v0.117.0-eksbuild.1", "observability", needs_nodes=True),
        AddonKind(
            "amazon-cloudwatch-observability",
            "v4.7.0-eksbuild.1",
            "observability",
            needs_nodes=True,
        ),
    )
}
ADDON_VERSION = re.compile(r"v\d+\.\d+\.\d+-eksbuild\.\d+")

# Their ARNs name neither a region nor an account.
ACCESS_POLICIES = {
    f"arn:aws:eks::aws:cluster-access-policy/{name}": name
    for name in (
        "AmazonAIOpsAssistantPolicy",
        "AmazonARCRegionSwitchScalingPolicy",
        "AmazonEKSAdminPolicy",
        "AmazonEKSAdminViewPolicy",
        "AmazonEKSAutoNodePolicy",
        "AmazonEKSBlockStorageClusterPolicy",
        "AmazonEKSBlockStoragePolicy",
        "AmazonEKSClusterAdminPolicy",
        "AmazonEKSComputeClusterPolicy",
        "AmazonEKSComputePolicy",
        "AmazonEKSEditPolicy",
        "AmazonEKSHybridPolicy",
        "AmazonEKSLoadBalancingClusterPolicy",
        "AmazonEKSLoadBalancingPolicy",
        "AmazonEKSNetworkingClusterPolicy",
        "AmazonEKSNetworkingPolicy",
        "AmazonEKSViewPolicy",
    )
}


def minor(version: str) -> int:
    """Give the minor number of a Kubernetes version EKS offers; refuse any other."""
    if version not in VERSIONS:
        raise InvalidParameterException(message=f"unsupported Kubernetes version {version}")
    return int(version.partition(".")[2])


def check_upgrade(current: str, wanted: str) -> None:
    """Refuse a control plane that stays, goes back or skips a minor."""
    if minor(wanted) != minor(current) + 1:
        raise InvalidParameterException(
            message=f"Unsupported Kubernetes minor version update from {current} to {wanted}"
        )


def check_node_version(cluster: str, nodes: str) -> None:
    """Refuse nodes that are newer than their control plane or too far behind it."""
    lag = minor(cluster) - minor(nodes)
    if lag < 0 or lag > MAX_NODE_SKEW:
        raise InvalidParameterException(
            message=f"Requested Nodegroup release version {nodes} is invalid. "
            f"Allowed: up to {MAX_NODE_SKEW} minors below the cluster's {cluster}"
        )


def release_version(ami_type: str, version: str) -> str:
    """Give the release of a machine image that EKS picks for new nodes."""
    if ami_type.startswith("BOTTLEROCKET"):
        return f"1.{minor(version)}.0-0123abcd"
    return f"{version}.0-20260701"
