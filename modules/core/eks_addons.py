"""EKS add-ons: the pinned version of each for every Kubernetes minor of the calendar."""

from collections.abc import Mapping
from enum import StrEnum

SOURCE = "aws eks describe-addon-versions --kubernetes-version MINOR"


class Addon(StrEnum):
    """EKS's own names of the add-ons that every cluster gets."""

    VPC_CNI = "vpc-cni"
    KUBE_PROXY = "kube-proxy"
    POD_IDENTITY_AGENT = "eks-pod-identity-agent"
    COREDNS = "coredns"
    EBS_CSI_DRIVER = "aws-ebs-csi-driver"


# Nodes become Ready only with a network and a proxy; pods need the agent from their first second.
BEFORE_NODES = (Addon.VPC_CNI, Addon.KUBE_PROXY, Addon.POD_IDENTITY_AGENT)
# Their pods need a node to run on, or the add-on stays DEGRADED.
# Source: aws/amazon-vpc-cni-k8s#1738.
AFTER_NODES = (Addon.COREDNS, Addon.EBS_CSI_DRIVER)

# Calico learns a pod's address from the annotation at once, from the kubelet seconds later, and
# until then the pod has no network. With it the add-on's role may patch pods.
# Source: docs.tigera.io, Calico 3.32, Amazon EKS; aws/containers-roadmap#1940.
CONFIGURATION: Mapping[Addon, Mapping[str, object]] = {
    Addon.VPC_CNI: {"env": {"ANNOTATE_POD_IP": "true"}},
}

# No version of this minor is known here: EKS takes its own default for the cluster's version.
UNKNOWN = None

VERSIONS: Mapping[str, Mapping[Addon, str | None]] = {
    minor: dict.fromkeys(Addon, UNKNOWN) for minor in ("1.31", "1.32", "1.33", "1.34", "1.36")
} | {
    "1.35": {
        Addon.VPC_CNI: "v1.21.1-eksbuild.1",
        Addon.KUBE_PROXY: "v1.35.0-eksbuild.2",
        Addon.POD_IDENTITY_AGENT: UNKNOWN,
        Addon.COREDNS: "v1.13.2-eksbuild.3",
        Addon.EBS_CSI_DRIVER: "v1.57.1-eksbuild.1",
    },
}
