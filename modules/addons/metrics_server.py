"""The server of pods' and nodes' usage, which autoscalers of pods read."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from constructs import Construct

from ..core.availability import Availability
from ..kubernetes.helm import HelmRelease
from ..kubernetes.scheduling import disruption_budget, spread
from .cert_manager import INTERNAL_ISSUER
from .charts import METRICS_SERVER

NAMESPACE = "kube-system"
PODS = {"app.kubernetes.io/name": METRICS_SERVER.name}


class MetricsServer(Construct):
    """The metrics server; the API server verifies its certificate, which cert-manager makes."""

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        availability: Availability,
        after: Sequence[ITerraformDependable],
    ) -> None:
        super().__init__(scope, id_)
        issuer = {"enabled": True, "kind": "ClusterIssuer", "name": INTERNAL_ISSUER}
        release = HelmRelease(
            self,
            "release",
            chart=METRICS_SERVER,
            namespace=NAMESPACE,
            overrides={
                "replicas": availability.replicas(),
                "podDisruptionBudget": disruption_budget(availability),
                "topologySpreadConstraints": spread(PODS),
                "tls": {"certManager": {"existingIssuer": issuer}},
            },
            after=after,
        )
        self.ready = [release.resource]
