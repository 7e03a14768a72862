"""How many pods of a service there are, and how many may go at once."""

from ...core.services import Service, labels, selector
from ..manifest import Manifest
from .pods import CONTAINER


def autoscaler(service: Service) -> Manifest:
    """Return the HorizontalPodAutoscaler of a service's Rollout, whose ``replicas`` it alone sets.

    It measures the service's container: the proxy's share says little about the service's load.
    With blue-green Rollouts names the pods in service to it, so that those that only wait do not
    lower the mean. Source: argo-rollouts v1.9.0, ``rollout/bluegreen.go``, ``status.selector``.
    """
    return Manifest(
        api_version="autoscaling/v2",
        kind="HorizontalPodAutoscaler",
        name=service.name,
        namespace=service.namespace,
        labels=labels(service),
        fields={
            "spec": {
                "scaleTargetRef": {
                    "apiVersion": "argoproj.io/v1alpha1",
                    "kind": "Rollout",
                    "name": service.name,
                },
                "minReplicas": service.scaling.min_replicas,
                "maxReplicas": service.scaling.max_replicas,
                "metrics": [
                    {
                        "type": "ContainerResource",
                        "containerResource": {
                            "name": "cpu",
                            "container": CONTAINER,
                            "target": {
                                "type": "Utilization",
                                "averageUtilization": service.scaling.cpu_percent,
                            },
                        },
                    }
                ],
            }
        },
    )


def disruption_budget(service: Service) -> Manifest:
    """Return the PodDisruptionBudget of a service: a tenth of its pods at a time, one at least.

    Kubernetes rounds the tenth up, so that a service of a single pod does not hold up a node that
    is to go; it is away until its successor is up. Pods that are not healthy hold up nothing.
    Source: Kubernetes documentation, "Specifying a Disruption Budget for your Application".
    """
    return Manifest(
        api_version="policy/v1",
        kind="PodDisruptionBudget",
        name=service.name,
        namespace=service.namespace,
        labels=labels(service),
        fields={
            "spec": {
                "maxUnavailable": "10%",
                "unhealthyPodEvictionPolicy": "AlwaysAllow",
                "selector": {"matchLabels": selector(service)},
            }
        },
    )
