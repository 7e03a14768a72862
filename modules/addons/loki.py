"""Loki: logs of the cluster in S3, for as long as they are wanted."""

from collections.abc import Sequence
from typing import Any

from cdktf import ITerraformDependable
from constructs import Construct
from pydantic import Field

from ..aws.access_logs import AccessLogsOutputs
from ..aws.bucket import BucketConfig, may_keep_objects
from ..aws.eks import EksOutputs
from ..aws.encrypted_bucket import encrypted_bucket
from ..aws.workload_identity import Mechanism, ServiceAccount, WorkloadIdentity
from ..core.availability import Availability
from ..core.config import Config
from ..core.context import Context
from ..core.iam import document
from ..kubernetes.helm import HelmRelease
from ..kubernetes.scheduling import spread
from .charts import LOKI
from .identity import service_account_annotations
from .observability import STORES

NAMESPACE = STORES
SERVICE_ACCOUNT = "loki"
# A write counts once two of three copies have it, so one zone may go.
COPIES = 3
# Loki deletes what is too old; what it forgets goes by the bucket's rule.
BACKSTOP_DAYS = 14


class LokiConfig(Config):
    """Settings of a cluster's log store."""

    retention_days: int = Field(default=30, ge=1)
    """Days until Loki deletes an entry."""
    volume_gib: int = Field(default=10, ge=1)
    """Size of each copy's volume, which holds what is not in S3 yet; fixed at creation, to grow it
    see docs/platform.md."""
    force_destroy: bool = False
    """Whether the bucket may be destroyed with the logs in it."""


class Loki(Construct):
    """Loki behind its gateway, ``loki-gateway`` of the namespace ``observability``."""

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: LokiConfig,
        availability: Availability,
        cluster: EksOutputs,
        identity: Mechanism,
        access_logs: AccessLogsOutputs,
        after: Sequence[ITerraformDependable],
    ) -> None:
        super().__init__(scope, id_)
        bucket = encrypted_bucket(
            self,
            ctx=ctx,
            name="loki",
            config=BucketConfig(
                retention_days=config.retention_days + BACKSTOP_DAYS,
                force_destroy=config.force_destroy,
            ),
            description=f"Logs of {cluster.cluster_name}",
            access_logs=access_logs,
        )
        keeper = WorkloadIdentity(
            self,
            "identity",
            ctx=ctx,
            mechanism=identity,
            cluster=cluster,
            service_account=ServiceAccount(namespace=NAMESPACE.name, name=SERVICE_ACCOUNT),
            name="loki",
            policy=document(*may_keep_objects(bucket.outputs)),
        )
        release = HelmRelease(
            self,
            "release",
            chart=LOKI,
            namespace=NAMESPACE.name,
            overrides={
                "serviceAccount": {"annotations": service_account_annotations(keeper.outputs)},
                "loki": {
                    "commonConfig": {"replication_factor": availability.replicas(COPIES)},
                    "limits_config": {"retention_period": f"{config.retention_days * 24}h"},
                    "storage": {
                        "bucketNames": {
                            "chunks": bucket.outputs.name,
                            "ruler": bucket.outputs.name,
                        },
                        "s3": {"region": ctx.region},
                    },
                },
                **_copies(config, availability),
            },
            after=[*after, *bucket.ready, *keeper.ready],
        )
        self.ready = [release.resource]


def _copies(config: LokiConfig, availability: Availability) -> dict[str, Any]:
    return {
        "singleBinary": {
            "replicas": availability.replicas(COPIES),
            "persistence": {"size": f"{config.volume_gib}Gi"},
            "topologySpreadConstraints": spread(_pods("single-binary"), hard=availability.high),
        },
        "gateway": {
            "replicas": availability.replicas(),
            "topologySpreadConstraints": spread(_pods("gateway")),
        },
    }


def _pods(component: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": LOKI.name, "app.kubernetes.io/component": component}
