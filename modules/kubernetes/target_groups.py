"""Pods entered in target groups that Terraform made."""

from .manifest import Manifest


def registered(
    name: str, *, namespace: str, service: str, port: int, target_group_arn: str
) -> Manifest:
    """Return the binding by which a Service's pods are targets of a group.

    It leaves ``spec.networking`` out: Terraform opens the pods' ports, and the controller's role
    has no right to security groups. The group is this cluster's alone, so the controller takes out
    whatever else is entered in it.
    Source: AWS Load Balancer Controller v3.5, guide "TargetGroupBinding".

    Args:
        name: its name.
        namespace: where it is; the Service is there too.
        service: name of the Service.
        port: the Service's port; targets are entered with the port of the pod that it leads to.
        target_group_arn: the group, of target type ``ip``; may be a token.
    """
    return Manifest(
        api_version="elbv2.k8s.aws/v1beta1",
        kind="TargetGroupBinding",
        name=name,
        namespace=namespace,
        fields={
            "spec": {
                "serviceRef": {"name": service, "port": port},
                "targetGroupARN": target_group_arn,
                "targetType": "ip",
            }
        },
    )
