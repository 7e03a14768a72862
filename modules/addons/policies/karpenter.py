"""What Karpenter may do: start, tag and end instances of its own cluster."""

from collections.abc import Sequence

from ...core.context import Context
from ...core.iam import Statement, allow, document

# What an instance is made of, each with the tags of its cluster from the first moment.
MADE = ("fleet", "instance", "volume", "network-interface", "launch-template")
SPOT = "spot-instances-request"
USED = ("security-group", "subnet", "capacity-reservation", "placement-group")


def karpenter_policy(ctx: Context, *, node_role_arn: str, queue: Sequence[Statement]) -> str:
    """Return the rights of the controller, bound to the cluster's tags.

    Source: Karpenter v1.14, ``getting-started-with-karpenter/cloudformation.yaml``. What it says
    of instance profiles is left out: Terraform makes the one that nodes have, and the controller
    makes none. ``queue`` are the statements that let it read the interruption queue.
    """
    return document(
        *_start(ctx),
        *_tag_and_end(ctx),
        allow(
            "PassNodeRole",
            ["iam:PassRole"],
            [node_role_arn],
            conditions={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        ),
        *queue,
        *_read(ctx),
    )


def _ec2(ctx: Context, kinds: Sequence[str], account: str = "*") -> list[str]:
    return [f"arn:{ctx.partition}:ec2:{ctx.region}:{account}:{kind}/*" for kind in kinds]


def _owned(ctx: Context) -> dict[str, dict[str, str]]:
    """Return the condition that a resource is of one of the cluster's node pools."""
    return {
        "StringEquals": {f"aws:ResourceTag/kubernetes.io/cluster/{ctx.cluster_name}": "owned"},
        "StringLike": {"aws:ResourceTag/karpenter.sh/nodepool": "*"},
    }


def _request(ctx: Context) -> dict[str, dict[str, str | list[str]]]:
    """Return the condition that a resource gets the tags of the cluster and of a node pool."""
    return {
        "StringEquals": {
            f"aws:RequestTag/kubernetes.io/cluster/{ctx.cluster_name}": "owned",
            "aws:RequestTag/eks:eks-cluster-name": ctx.cluster_name,
        },
        "StringLike": {"aws:RequestTag/karpenter.sh/nodepool": "*"},
    }


def _start(ctx: Context) -> list[Statement]:
    start = ["ec2:RunInstances", "ec2:CreateFleet"]
    return [
        allow(
            "StartFrom",
            start,
            [*_ec2(ctx, ["image", "snapshot"], ""), *_ec2(ctx, USED, ctx.account_id)],
        ),
        allow(
            "StartFromTemplate",
            start,
            _ec2(ctx, ["launch-template"], ctx.account_id),
            conditions=_owned(ctx),
        ),
        allow(
            "Start",
            [*start, "ec2:CreateLaunchTemplate"],
            _ec2(ctx, [*MADE, SPOT], ctx.account_id),
            conditions=_request(ctx),
        ),
    ]


def _tag_and_end(ctx: Context) -> list[Statement]:
    request = _request(ctx)
    created = ["RunInstances", "CreateFleet", "CreateLaunchTemplate"]
    return [
        allow(
            "TagNew",
            ["ec2:CreateTags"],
            _ec2(ctx, [*MADE, SPOT], ctx.account_id),
            conditions={
                **request,
                "StringEquals": {**request["StringEquals"], "ec2:CreateAction": created},
            },
        ),
        allow(
            "TagInstance",
            ["ec2:CreateTags"],
            _ec2(ctx, ["instance"], ctx.account_id),
            conditions={
                **_owned(ctx),
                "StringEqualsIfExists": {"aws:RequestTag/eks:eks-cluster-name": ctx.cluster_name},
                "ForAllValues:StringEquals": {
                    "aws:TagKeys": ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"]
                },
            },
        ),
        allow(
            "End",
            ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"],
            _ec2(ctx, ["instance", "launch-template"], ctx.account_id),
            conditions=_owned(ctx),
        ),
    ]


def _read(ctx: Context) -> list[Statement]:
    cluster = f"arn:{ctx.partition}:eks:{ctx.region}:{ctx.account_id}:cluster/{ctx.cluster_name}"
    images = f"arn:{ctx.partition}:ssm:{ctx.region}::parameter/aws/service/*"
    return [
        allow("Cluster", ["eks:DescribeCluster"], [cluster]),
        # AWS's own parameters, which name the newest machine images.
        allow("Images", ["ssm:GetParameter"], [images]),
        # None of the following knows a resource. Source: service authorization reference.
        allow(
            "Read",
            [
                "ec2:DescribeCapacityReservations",
                "ec2:DescribeImages",
                "ec2:DescribeInstances",
                "ec2:DescribeInstanceStatus",
                "ec2:DescribeInstanceTypeOfferings",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeLaunchTemplates",
                "ec2:DescribePlacementGroups",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSpotPriceHistory",
                "ec2:DescribeSubnets",
            ],
            ["*"],
            conditions={"StringEquals": {"aws:RequestedRegion": ctx.region}},
        ),
        # It looks for profiles that it made and no longer needs.
        allow("Global", ["pricing:GetProducts", "iam:ListInstanceProfiles"], ["*"]),
    ]
