"""Prometheus, Alertmanager and Grafana: metrics of a cluster, alerts, and dashboards."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from cdktf import ITerraformDependable
from constructs import Construct
from pydantic import Field, model_validator

from ..core.availability import Availability
from ..core.bootstrap_secrets import BootstrapSecret
from ..core.config import Config
from ..core.context import Context
from ..core.entra import EntraApplication
from ..core.hosts import Domain
from ..kubernetes.apply import Manifests
from ..kubernetes.helm import HelmRelease
from ..kubernetes.jobs import wait_for
from ..kubernetes.manifest import Manifest
from ..kubernetes.scheduling import spread
from ..kubernetes.storage import STORAGE_CLASS
from ..kubernetes.tenancy.telemetry import enforcement, routes_of_tenants
from ..kubernetes.workload.elsewhere import measured_elsewhere
from . import alerting, argo_cd, argo_rollouts, grafana, groundwork, rancher
from .alerting import SECRET, AlertReceiver, Severity, alertmanager_config
from .charts import KUBE_PROMETHEUS_STACK
from .grafana import grafana_values
from .observability import AGENTS, STORES

NAMESPACES = (STORES, AGENTS)
NAME = KUBE_PROMETHEUS_STACK.name
# Of all monitors and rules that are not a tenant's.
PLATFORM = (
    "kube-system",
    *(one.name for one in (*groundwork.NAMESPACES, argo_cd.NAMESPACE, rancher.NAMESPACE)),
)
# Alertmanagers tell each other what they sent, so that one zone may go.
ALERTMANAGERS = 3
# The rest of the volume is room for compaction and the log of what is not written yet.
FILL = 0.8


class PrometheusStackConfig(Config):
    """Settings of a cluster's metrics."""

    retention_days: int = Field(default=15, ge=1)
    """Days until Prometheus deletes a sample, unless its volume is full earlier."""
    volume_gib: int = Field(default=100, ge=10)
    """Size of each Prometheus's volume; fixed at creation. To grow it see docs/platform.md: changed
    here alone, Prometheus would keep more than its volume takes."""
    memory_gib: int = Field(default=4, ge=1)
    """Memory of each Prometheus, which grows with the number of series."""
    grafana_volume_gib: int | None = Field(default=10, ge=1)
    """Volume for what people make by hand; None: a restart forgets it."""
    sign_in: EntraApplication | None = None
    """Who signs in to Grafana; None: an administrator with a password that the chart makes up."""
    open_to_tenants: bool = False
    """Whether groups of tenants may look into Grafana: each then sees metrics and logs of all."""
    receivers: Mapping[Severity, AlertReceiver] = Field(
        default_factory=lambda: {severity: AlertReceiver(key=severity) for severity in Severity}
    )
    """Who is told of alerts, by severity; of a severity that is left out nobody is."""

    @model_validator(mode="after")
    def tenants_sign_in(self) -> Self:
        """Refuse tenants where nobody signs in: all would look by one password."""
        if self.open_to_tenants and self.sign_in is None:
            raise ValueError(
                "open_to_tenants is set and sign_in is not, so groups are not told apart; set "
                "sign_in, or leave open_to_tenants out"
            )
        return self


def bootstrap_secrets(config: PrometheusStackConfig) -> list[BootstrapSecret]:
    """Return the Secrets that people make; the release comes up without them."""
    return [
        *alerting.bootstrap_secrets(config.receivers),
        *grafana.bootstrap_secrets(config.sign_in),
    ]


class PrometheusStack(Construct):
    """kube-prometheus-stack, in ``observability`` and, on the nodes, ``observability-agents``.

    It brings the kinds of monitors and rules, so releases with monitors come after it. It starts
    without its ``bootstrap_secrets``. ``host`` is the name that people reach Grafana by; None: a
    port-forward.
    """

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: PrometheusStackConfig,
        availability: Availability,
        host: Domain | None = None,
        tenant_groups: Sequence[str] = (),
        after: Sequence[ITerraformDependable],
    ) -> None:
        super().__init__(scope, id_)
        release = HelmRelease(
            self,
            "release",
            chart=KUBE_PROMETHEUS_STACK,
            namespace=STORES.name,
            overrides={
                "prometheus": _prometheus(ctx, config, availability),
                "alertmanager": _alertmanager(config, availability),
                "additionalPrometheusRulesMap": {
                    "services-elsewhere": {
                        "groups": measured_elsewhere(
                            rollouts_namespace=argo_rollouts.NAMESPACE.name
                        )
                    }
                },
                "grafana": grafana_values(
                    host=host,
                    sign_in=config.sign_in,
                    volume_gib=config.grafana_volume_gib,
                    tenants=tenant_groups if config.open_to_tenants else (),
                ),
            },
            after=after,
            timeout_seconds=900,
        )
        status = Manifests(
            self,
            "status",
            name="prometheus-status",
            namespace=STORES.name,
            manifests=_available(),
            after=[release.resource],
            timeout_seconds=900,
        )
        self.ready = [release.resource, status.resource]


def _available() -> list[Manifest]:
    """Wait for what the operator makes: Helm sees none of it."""
    made = {"prometheuses": f"{NAME}-prometheus", "alertmanagers": f"{NAME}-alertmanager"}
    return wait_for(
        "wait-for-prometheus",
        namespace=STORES.name,
        rules=[
            {
                "apiGroups": ["monitoring.coreos.com"],
                "resources": list(made),
                "verbs": ["get", "list", "watch"],
            }
        ],
        arguments=[
            f"--namespace={STORES.name}",
            "--for=condition=Available",
            *(f"{kind}.monitoring.coreos.com/{name}" for kind, name in made.items()),
        ],
        seconds=840,
    )


def _prometheus(
    ctx: Context, config: PrometheusStackConfig, availability: Availability
) -> dict[str, Any]:
    return {
        "podDisruptionBudget": _budget(availability),
        "prometheusSpec": {
            "replicas": availability.replicas(),
            "retention": f"{config.retention_days}d",
            "retentionSize": f"{int(config.volume_gib * 1024 * FILL)}MiB",
            **enforcement(PLATFORM),
            "externalLabels": {"cluster": ctx.cluster_name, "region": ctx.region},
            "resources": {
                "requests": {"cpu": "500m", "memory": f"{config.memory_gib}Gi"},
                "limits": {"memory": f"{config.memory_gib}Gi"},
            },
            "storageSpec": {"volumeClaimTemplate": _claim(config.volume_gib)},
            "topologySpreadConstraints": spread({"app.kubernetes.io/name": "prometheus"}),
        },
    }


def _alertmanager(config: PrometheusStackConfig, availability: Availability) -> dict[str, Any]:
    receivers = {"secretName": SECRET, "optional": True}
    return {
        "podDisruptionBudget": _budget(availability),
        "config": alertmanager_config(config.receivers),
        "alertmanagerSpec": {
            "replicas": availability.replicas(ALERTMANAGERS),
            "storage": {"volumeClaimTemplate": _claim(2)},
            **routes_of_tenants(),
            "volumes": [{"name": "receivers", "secret": receivers}],
            "topologySpreadConstraints": spread({"app.kubernetes.io/name": "alertmanager"}),
        },
    }


def _budget(availability: Availability) -> dict[str, Any]:
    return {"enabled": True, "minAvailable": None, "maxUnavailable": 1} if availability.high else {}


def _claim(gib: int) -> dict[str, Any]:
    return {
        "spec": {
            "storageClassName": STORAGE_CLASS,
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": f"{gib}Gi"}},
        }
    }
