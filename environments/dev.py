"""Development: one region, small, and cheap where a lost zone may stop work."""

from ipaddress import IPv4Network

from modules.addons.fluent_bit import FluentBitConfig
from modules.addons.jaeger import JaegerConfig, JaegerStore
from modules.addons.loki import LokiConfig
from modules.addons.prometheus_stack import PrometheusStackConfig
from modules.addons.vault import VaultConfig
from modules.aws.alb import AlbConfig
from modules.aws.bucket import BucketConfig
from modules.aws.ci_role import GitHubActions
from modules.aws.cloudfront import DistributionConfig, PriceClass
from modules.aws.eks import EksConfig
from modules.aws.eks_access import AccessEntry, AccessPolicy
from modules.aws.flow_logs import FlowLogsConfig
from modules.aws.node_group import Capacity, NodeGroupConfig
from modules.aws.vpc import Nat, VpcConfig
from modules.aws.zone import ZoneConfig
from modules.core.availability import Availability
from modules.core.gitops import Delivery, Sync
from modules.core.hosts import AdminTool
from modules.stacks.bootstrap_config import BootstrapConfig
from modules.stacks.cluster import ClusterConfig
from modules.stacks.edge import EdgeConfig
from modules.stacks.ingress import IngressConfig
from modules.stacks.network import NetworkConfig
from modules.stacks.platform_config import CostsConfig, PlatformConfig

from .organisation import (
    CLUSTER_SIGN_IN,
    COST_STORE,
    DIRECTORY,
    IDENTITY,
    PARENT_ZONE,
    PLATFORM_REPOSITORY,
    REPOSITORY,
    STATE,
)
from .schema import Environment, RegionSettings

DEPLOY_ROLE = "arn:aws:iam::111111111111:role/ekp-deploy"

DEV = Environment(
    name="dev",
    account_id="111111111111",
    owner="platform",
    cost_center="cc-1001",
    deploy_role_arn=DEPLOY_ROLE,
    state=STATE,
    bootstrap=BootstrapConfig(
        administrators=("arn:aws:iam::111111111111:role/administrators",),
        deployers=("arn:aws:iam::111111111111:role/operators",),
        github=GitHubActions(repository=PLATFORM_REPOSITORY, environments=("dev",)),
    ),
    protected=False,
    directory=DIRECTORY,
    edge=EdgeConfig(
        domain="dev.ekp.example",
        zone=ZoneConfig(parent=PARENT_ZONE, query_log_retention_days=30),
        distribution=DistributionConfig(
            price_class=PriceClass.NORTH_AMERICA_AND_EUROPE,
            logs=BucketConfig(retention_days=30, force_destroy=True),
        ),
    ),
    regions={
        "eu-west-1": RegionSettings(
            network=NetworkConfig(
                vpc=VpcConfig(
                    cidr=IPv4Network("10.10.0.0/16"),
                    zones=("euw1-az1", "euw1-az2"),
                    nat=Nat.SINGLE,
                ),
                flow_logs=FlowLogsConfig(retention_days=30),
            ),
            cluster=ClusterConfig(
                eks=EksConfig(
                    version="1.35",
                    log_retention_days=30,
                    # The hub, over the organisation's own routes.
                    api_access={"management-vpc": IPv4Network("10.60.0.0/16")},
                    access_entries={
                        "deploy": AccessEntry(
                            principal_arn=DEPLOY_ROLE, policy=AccessPolicy.CLUSTER_ADMIN
                        ),
                    },
                    identity_provider=CLUSTER_SIGN_IN,
                ),
                node_groups={
                    "general": NodeGroupConfig(
                        instance_types=("m7i.large", "m6i.large"),
                        capacity=Capacity.SPOT,
                        min_size=2,
                        max_size=4,
                    ),
                },
            ),
            ingress=IngressConfig(
                alb=AlbConfig(
                    deletion_protection=False,
                    logs=BucketConfig(retention_days=30, force_destroy=True),
                ),
            ),
            platform=PlatformConfig(
                availability=Availability.SINGLE,
                # A cluster made anew takes the names of the one before it.
                vault=VaultConfig(
                    snapshots=BucketConfig(retention_days=7, force_destroy=True),
                    secret_recovery_days=0,
                ),
                metrics=PrometheusStackConfig(
                    retention_days=7, volume_gib=20, memory_gib=2, sign_in=DIRECTORY.grafana("dev")
                ),
                logs=LokiConfig(retention_days=7, force_destroy=True),
                log_shipping=FluentBitConfig(retention_days=30),
                traces=JaegerConfig(store=JaegerStore.MEMORY),
                access_logs=BucketConfig(retention_days=30, force_destroy=True),
                costs=CostsConfig(store=COST_STORE),
                admin_hosts={
                    AdminTool.GRAFANA: "grafana.dev.ekp.example",
                },
            ),
        ),
    },
    identity=IDENTITY,
    delivery=Delivery(repository=REPOSITORY, sync=Sync.AUTOMATED),
)
