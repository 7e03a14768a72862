"""What the cluster autoscaler may do: size the node groups of its own cluster."""

from ...core.context import Context
from ...core.iam import allow, document


def cluster_autoscaler_policy(ctx: Context) -> str:
    """Return the rights over groups that EKS tags as the cluster's.

    Source: kubernetes/autoscaler, ``cluster-autoscaler/cloudprovider/aws/README.md``, "Full
    Cluster Autoscaler Features Policy"; EKS user guide, tags of managed node groups.
    """
    cluster, place = ctx.cluster_name, f"{ctx.region}:{ctx.account_id}"
    groups = f"arn:{ctx.partition}:autoscaling:{place}:autoScalingGroup"
    return document(
        # None of them knows a resource. Source: service authorization reference.
        allow(
            "Read",
            [
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeAutoScalingInstances",
                "autoscaling:DescribeLaunchConfigurations",
                "autoscaling:DescribeScalingActivities",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeLaunchTemplateVersions",
                "ec2:GetInstanceTypesFromInstanceRequirements",
            ],
            ["*"],
        ),
        # Labels and taints of a group that has no node yet.
        allow(
            "ReadNodeGroups",
            ["eks:DescribeNodegroup"],
            [f"arn:{ctx.partition}:eks:{place}:nodegroup/{cluster}/{ctx.prefix}-*/*"],
        ),
        allow(
            "Scale",
            ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
            # EKS names the groups behind its node groups so.
            [f"{groups}:*:autoScalingGroupName/eks-{ctx.prefix}-*"],
            conditions={
                "StringEquals": {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{cluster}": "owned"}
            },
        ),
    )
