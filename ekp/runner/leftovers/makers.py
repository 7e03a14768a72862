"""Who probably made a resource that was left behind, by its tags."""

from collections.abc import Mapping

Tags = Mapping[str, str]

# How the name of a tag begins -> who gives it. The first that fits is taken. (The network layer
# gives `karpenter.sh/discovery` to what Karpenter may use.)
CONTROLLERS = (
    ("karpenter.sh/node", "Karpenter, in the cluster"),
    ("karpenter.k8s.aws/", "Karpenter, in the cluster"),
    ("elbv2.k8s.aws/", "the load balancer controller, in the cluster"),
    ("ebs.csi.aws.com/", "the EBS driver, in the cluster"),
    ("kubernetes.io/created-for/", "the EBS driver, in the cluster"),
    ("CSIVolumeName", "the EBS driver, in the cluster"),
    ("node.k8s.amazonaws.com/", "the network plugin, in the cluster"),
    ("cluster.k8s.amazonaws.com/", "the network plugin, in the cluster"),
    ("kubernetes.io/service-name", "a Service, in the cluster"),
)
EKS = ("eks:", "aws:eks:")
OF_CLUSTER = "kubernetes.io/cluster/"
CLAIM = ("kubernetes.io/created-for/pvc/namespace", "kubernetes.io/created-for/pvc/name")


def guess(tags: Tags) -> str:
    """Who probably made it, in words.

    Terraform's own tags come last: Karpenter's nodes have the tags of the environment too.
    """
    for prefix, maker in CONTROLLERS:
        if any(name.startswith(prefix) for name in tags):
            return f"{maker}{_claim(tags)}"
    if tags.get("ManagedBy") == "terraform":
        return f"Terraform, layer {tags.get('Layer', 'unknown')}"
    if any(name.startswith(EKS) for name in tags):
        return "EKS, for the cluster"
    if any(name.startswith(OF_CLUSTER) for name in tags):
        return "a controller in the cluster"
    return "somebody with the environment's tags"


def _claim(tags: Tags) -> str:
    names = [tags[key] for key in CLAIM if key in tags]
    return f" (claim {'/'.join(names)})" if names else ""
