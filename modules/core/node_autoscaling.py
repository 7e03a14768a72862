"""NodeAutoscaling: what adds nodes to a cluster and takes them away, as one setting of it."""

from enum import StrEnum


class NodeAutoscaling(StrEnum):
    """Who decides how many nodes there are; two of them would work against each other."""

    CLUSTER_AUTOSCALER = "cluster-autoscaler"
    """It moves the size of the managed node groups between their limits."""
    KARPENTER = "karpenter"
    """It starts instances of the type that fits beside the node groups, and replaces them."""
