"""Layer platform: the services that every cluster has, in the order in which they need each other.

    base objects -> load balancer controller, node autoscaling -> Calico, what pods may reach
        -> Prometheus -> all others

Each service names what it comes after; on destroy the same lists are walked backwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypedDict

from cdktf import ITerraformDependable
from constructs import Construct

from ..addons import jaeger, prometheus_stack
from ..addons.argo_rollouts import ArgoRollouts
from ..addons.calico import Calico
from ..addons.cert_manager import CertManager
from ..addons.cloudwatch_metrics import CloudWatchMetrics
from ..addons.cluster_autoscaler import ClusterAutoscaler
from ..addons.early_monitors import early_monitors
from ..addons.fluent_bit import FluentBit
from ..addons.groundwork import groundwork
from ..addons.istio import Istio
from ..addons.jaeger import SERVICE_HOST, Jaeger
from ..addons.karpenter import Karpenter
from ..addons.kubecost import KubecostAgent
from ..addons.load_balancer_controller import LoadBalancerController
from ..addons.loki import Loki
from ..addons.metrics_server import MetricsServer
from ..addons.nginx import Nginx
from ..addons.prometheus_stack import PrometheusStack
from ..addons.vault import Vault
from ..addons.vault_secrets_operator import VaultSecretsOperator
from ..aws.access_logs import AccessLogs
from ..aws.eks import EksOutputs
from ..aws.interruption_queue import InterruptionQueue
from ..aws.workload_identity import Mechanism
from ..core.availability import Availability
from ..core.context import Context
from ..core.flows import RegionNetworks
from ..core.hosts import AdminTool
from ..core.kubernetes_versions import KubernetesVersion
from ..core.layer import Layer, Sample
from ..core.platform_flows import platform_flows
from ..kubernetes.apply import Manifests
from ..kubernetes.calico.flows import network_policies
from ..kubernetes.vault_config import ADDRESS
from .cluster import ClusterStack
from .edge import EdgeConfig, Front
from .network import NetworkStack
from .platform_config import PlatformConfig
from .signed_in import signed_in

After = Sequence[ITerraformDependable]
# CloudFront and the load balancer tell the truth about who called them, in this order.
TRUSTED_PROXIES = {Front.CLOUDFRONT: 2, Front.VPC_ORIGIN: 2, Front.DIRECT: 1}


@dataclass(frozen=True, slots=True)
class PlatformContract:
    """What later layers and people read."""

    vault_address: Annotated[str, Sample("https://vault.vault.svc:8200")]
    """Inside the cluster."""
    vault_unseal_key_arn: Annotated[
        str, Sample("arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f")
    ]
    """The key without which no volume and no snapshot of Vault can be read."""
    access_logs_bucket: Annotated[str, Sample("ekp-sample-euw1-111122223333-access-logs")]
    """Where S3 writes who used a bucket of the region."""


class _Sized(TypedDict):
    """What a service is given that runs in copies or in one."""

    availability: Availability


class _Caller(TypedDict):
    """What a service is given that calls AWS."""

    ctx: Context
    cluster: EksOutputs
    identity: Mechanism


class PlatformStack(Layer[PlatformContract]):
    """Every chart of a cluster with its role, and the objects that charts need."""

    layer = "platform"
    contract = PlatformContract

    def __init__(
        self,
        scope: Construct,
        ctx: Context,
        config: PlatformConfig,
        *,
        entrance: EdgeConfig,
        networks: RegionNetworks,
        version: KubernetesVersion,
        identity: Mechanism,
        hub: bool,
        tenant_groups: Sequence[str] = (),
        network: NetworkStack,
        cluster: ClusterStack,
    ) -> None:
        super().__init__(scope, ctx)
        self._networks = networks
        self._config = config
        self._entrance = entrance
        self._vpc = network.read_by(self)
        pods = signed_in(self, cluster)
        self._sized: _Sized = {"availability": config.availability}
        self._caller: _Caller = {"ctx": ctx, "cluster": pods, "identity": identity}

        self._access_logs = AccessLogs(
            self, "access-logs", ctx=ctx, config=config.access_logs
        ).outputs
        base = Manifests(
            self,
            "base",
            name="platform-base",
            namespace="kube-system",
            manifests=groundwork(),
        )
        nodes = self._nodes(version, [base.resource])
        calico = Calico(self, "calico", after=nodes, **self._sized).ready
        prometheus = PrometheusStack(
            self,
            "prometheus-stack",
            ctx=ctx,
            config=config.metrics,
            host=config.admin_hosts.get(AdminTool.GRAFANA),
            tenant_groups=tenant_groups,
            after=[*nodes, *self._network_policies(calico, hub=hub)],
            **self._sized,
        )
        monitored = prometheus.ready
        Manifests(
            self,
            "early-monitors",
            name="early-monitors",
            namespace="kube-system",
            manifests=early_monitors(with_karpenter=config.karpenter is not None),
            after=monitored,
        )
        issuer = CertManager(self, "cert-manager", after=monitored, **self._sized).ready
        MetricsServer(self, "metrics-server", after=issuer, **self._sized)
        self._observability(monitored)
        self._mesh(monitored, issuer)
        secrets = self._secrets(issuer)
        if config.costs:
            KubecostAgent(
                self,
                "kubecost",
                config=config.costs.agent,
                store=config.costs.store,
                after=monitored,
                **self._caller,
            )
        self.needs_secrets(
            [
                *prometheus_stack.bootstrap_secrets(config.metrics),
                *jaeger.bootstrap_secrets(config.traces),
            ]
        )
        self.publish(
            PlatformContract(
                vault_address=ADDRESS,
                vault_unseal_key_arn=secrets.unseal_key_arn,
                access_logs_bucket=self._access_logs.bucket_name,
            )
        )

    def _nodes(self, version: KubernetesVersion, base: After) -> list[ITerraformDependable]:
        """Install what others cannot be placed or exposed without; no chart before it."""
        controller = LoadBalancerController(
            self,
            "load-balancer-controller",
            vpc_id=self._vpc.vpc_id,
            after=base,
            **self._sized,
            **self._caller,
        ).ready
        if self._config.karpenter is None:
            autoscaling = ClusterAutoscaler(
                self,
                "cluster-autoscaler",
                version=version,
                after=controller,
                **self._sized,
                **self._caller,
            ).ready
        else:
            queue = InterruptionQueue(self, "interruption-queue", ctx=self.ctx)
            autoscaling = Karpenter(
                self,
                "karpenter",
                config=self._config.karpenter,
                queue=queue.outputs,
                after=[*queue.ready, *controller],
                **self._sized,
                **self._caller,
            ).ready
        return [*controller, *autoscaling]

    def _network_policies(self, calico: After, *, hub: bool) -> After:
        """Allow what the charts need before they need it.

        All else is refused by the guardrails, which come in a later layer: a chart that is added
        or upgraded once these stand finds its flows open.
        """
        flows = platform_flows(
            hub=hub,
            shards=tuple(self._entrance.shards),
            karpenter=self._config.karpenter is not None,
            tools=tuple(self._config.admin_hosts),
            opensearch_ports=self._config.traces.opensearch_ports,
        )
        allowed = Manifests(
            self,
            "network-policies",
            name="network-policies",
            namespace="kube-system",
            manifests=network_policies(flows, self._networks),
            after=calico,
        )
        return [allowed.resource]

    def _observability(self, monitored: After) -> None:
        config = self._config
        CloudWatchMetrics(
            self, "cloudwatch-metrics", config=config.cloudwatch, after=monitored, **self._caller
        )
        store = Loki(
            self,
            "loki",
            config=config.logs,
            access_logs=self._access_logs,
            after=monitored,
            **self._sized,
            **self._caller,
        )
        FluentBit(self, "fluent-bit", config=config.log_shipping, after=store.ready, **self._caller)
        Jaeger(self, "jaeger", config=config.traces, after=monitored)

    def _mesh(self, monitored: After, issuer: After) -> None:
        proxies = TRUSTED_PROXIES[self._entrance.front]
        mesh = Istio(
            self,
            "istio",
            ctx=self.ctx,
            config=self._config.mesh,
            trusted_proxies=proxies,
            tracing_service=SERVICE_HOST,
            after=monitored,
            **self._sized,
        )
        ArgoRollouts(self, "argo-rollouts", after=monitored, **self._sized)
        Nginx(
            self,
            "nginx",
            config=self._config.shards,
            shards=self._entrance.shards,
            trusted_proxies=proxies,
            balancer_networks=self._networks.balancers,
            after=[*issuer, *mesh.control_plane],
            **self._sized,
        )

    def _secrets(self, issuer: After) -> Vault:
        store = Vault(
            self,
            "vault",
            config=self._config.vault,
            access_logs=self._access_logs,
            host=self._config.admin_hosts.get(AdminTool.VAULT),
            after=issuer,
            **self._sized,
            **self._caller,
        )
        VaultSecretsOperator(self, "vault-secrets-operator", after=store.ready, **self._sized)
        return store
