"""Settings of layer platform: every service of a cluster, at what size and for whom."""

from pydantic import Field

from ..addons.cloudwatch_metrics import CloudWatchMetricsConfig
from ..addons.fluent_bit import FluentBitConfig
from ..addons.istio import IstioConfig
from ..addons.jaeger import JaegerConfig
from ..addons.karpenter_nodes import KarpenterConfig
from ..addons.kubecost import KubecostAgentConfig
from ..addons.kubecost_store import KubecostStoreLocation
from ..addons.loki import LokiConfig
from ..addons.nginx import NginxConfig
from ..addons.prometheus_stack import PrometheusStackConfig
from ..addons.vault import VaultConfig
from ..aws.bucket import BucketConfig
from ..core.availability import Availability
from ..core.config import Config
from ..core.hosts import AdminHosts
from ..core.networks import PrivateNetwork


class CostsConfig(Config):
    """How the costs of the cluster reach the hub."""

    store: KubecostStoreLocation
    """The hub's bucket, which the agent writes into."""
    agent: KubecostAgentConfig = Field(default_factory=KubecostAgentConfig)
    """Kubecost's agent."""


class PlatformConfig(Config):
    """Settings of the layer."""

    availability: Availability = Availability.HIGH
    """What the services survive; one copy of each is for clusters that may stand still."""
    karpenter: KarpenterConfig | None = None
    """None: the cluster autoscaler sizes the node groups."""
    mesh: IstioConfig = Field(default_factory=IstioConfig)
    """Istio, with the gateway that requests come in by."""
    shards: NginxConfig = Field(default_factory=NginxConfig)
    """What all NGINX shards have in common; which there are stands in ``edge.shards``."""
    vault: VaultConfig = Field(default_factory=VaultConfig)
    """Vault: its servers, volumes and snapshots."""
    metrics: PrometheusStackConfig = Field(default_factory=PrometheusStackConfig)
    """Prometheus, Alertmanager and Grafana."""
    cloudwatch: CloudWatchMetricsConfig = Field(default_factory=CloudWatchMetricsConfig)
    """CloudWatch's Container Insights."""
    logs: LokiConfig = Field(default_factory=LokiConfig)
    """Loki: the logs of pods, searched in Grafana."""
    log_shipping: FluentBitConfig = Field(default_factory=FluentBitConfig)
    """Fluent Bit: what of the logs goes to CloudWatch, too."""
    traces: JaegerConfig = Field(default_factory=JaegerConfig)
    """Jaeger: traces of requests."""
    access_logs: BucketConfig = Field(default_factory=BucketConfig)
    """The bucket that remembers who used the buckets of this layer, and the hub's."""
    costs: CostsConfig | None = None
    """None: nothing of the cluster is reported; the hub has an agent of its own."""
    admin_hosts: AdminHosts = Field(default_factory=dict)
    """Under which hosts people meet the tools, such as ``grafana.dev.ekp.example``."""
    private_networks: tuple[PrivateNetwork, ...] = ()
    """The organisation's networks in which issuers of tokens, and Git for the hub, are met; none:
    they have public addresses."""
