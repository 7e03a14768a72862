"""Load balancers and target group bindings: what a controller made in AWS goes by its own hand."""

from . import kinds
from .kinds import (
    GATEWAY,
    GLOBAL_ACCELERATOR,
    INGRESS,
    SERVICE,
    TARGET_GROUP_BINDING,
    Object,
)
from .session import Session

# The domain of the AWS Load Balancer Controller's finalizers, and the one of EKS' own controller.
_CONTROLLER = "k8s.aws/"
_CLOUD = "service.kubernetes.io/load-balancer-cleanup"
_LOOK = (
    "Look at `kubectl -n kube-system logs deployment/aws-load-balancer-controller` and at its role;"
    " with the controller at work, run the command again. Only where it is gone for good: delete"
    " by hand what it made in AWS"
)
_FREE = (
    ', then free the object with `kubectl patch ... --type=merge -p \'{"metadata":{"finalizers":'
    "null}}'`."
)


def remove_load_balancers(session: Session) -> None:
    """Delete the objects that load balancers, which Terraform does not own, were made for.

    They come before the bindings: the controller makes bindings of its own for them, and would
    make one again that is taken away first. An Ingress that another controller serves from inside
    the cluster stays.
    """
    session.delete(
        "load balancers",
        [
            (kind, body)
            for kind in (SERVICE, INGRESS, GATEWAY, GLOBAL_ACCELERATOR)
            for body in session.api.all(kind)
            if _holds_balancer(body)
        ],
        seconds=session.limits.balancers_seconds,
        remedy=f"{_LOOK} (load balancers, target groups, security groups tagged"
        f" elbv2.k8s.aws/cluster={session.api.cluster.name}){_FREE}",
    )


def remove_bindings(session: Session) -> None:
    """Delete the bindings to Terraform's target groups.

    The controller takes the targets out and the rules of security groups that it added; rules that
    stay keep the security groups, and so the VPC, from being deleted.
    """
    session.delete(
        "target group bindings",
        [(TARGET_GROUP_BINDING, body) for body in session.api.all(TARGET_GROUP_BINDING)],
        seconds=session.limits.bindings_seconds,
        remedy=f"{_LOOK} (targets, and rules of the nodes' security groups described as"
        f" elbv2.k8s.aws/targetGroupBinding=shared){_FREE}",
    )


def _holds_balancer(body: Object) -> bool:
    if body.get("spec", {}).get("type") == "LoadBalancer":
        return True
    return any(_CONTROLLER in one or one == _CLOUD for one in kinds.finalizers(body))
