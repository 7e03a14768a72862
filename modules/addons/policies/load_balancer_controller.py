"""What the AWS Load Balancer Controller may do: enter pods in target groups that exist."""

from ...core.context import Context
from ...core.iam import allow, document


def load_balancer_controller_policy(ctx: Context) -> str:
    """Return the least that TargetGroupBindings of IP targets need.

    It makes, changes or deletes no load balancer, listener, target group or security group:
    Terraform owns them, and opens the pods' ports, so bindings leave ``spec.networking`` out.
    Source: the calls of aws-load-balancer-controller v3.5.0, ``pkg/targetgroupbinding``,
    ``pkg/networking`` and ``webhooks/elbv2``.
    """
    balancing = f"arn:{ctx.partition}:elasticloadbalancing:{ctx.region}:{ctx.account_id}"
    return document(
        # None of them knows a resource. Source: service authorization reference.
        allow(
            "Read",
            [
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeVpcs",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            ["*"],
        ),
        allow(
            "Register",
            ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
            [f"{balancing}:targetgroup/{ctx.prefix}-*/*"],
        ),
    )
