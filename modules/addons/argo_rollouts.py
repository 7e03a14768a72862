"""The controller that brings new versions of services in by steps."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from constructs import Construct

from ..core.availability import Availability
from ..kubernetes.helm import HelmRelease
from ..kubernetes.namespaces import Namespace, PodSecurity
from ..kubernetes.scheduling import disruption_budget, spread
from .charts import ARGO_ROLLOUTS

NAMESPACE = Namespace(name="argo-rollouts", pod_security=PodSecurity.RESTRICTED)
PODS = {"app.kubernetes.io/name": ARGO_ROLLOUTS.name}


class ArgoRollouts(Construct):
    """Argo Rollouts; it moves the weights of Istio's routes and asks Prometheus how it goes."""

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        availability: Availability,
        after: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(scope, id_)
        release = HelmRelease(
            self,
            "release",
            chart=ARGO_ROLLOUTS,
            namespace=NAMESPACE.name,
            overrides={
                "controller": {
                    "replicas": availability.replicas(),
                    "pdb": disruption_budget(availability),
                    "topologySpreadConstraints": spread(PODS),
                }
            },
            after=after,
        )
        self.ready = [release.resource]
