"""QA: production's shape in one region, at a smaller size."""

from ipaddress import IPv4Network

from modules.addons.prometheus_stack import PrometheusStackConfig
from modules.aws.bucket import BucketConfig
from modules.aws.ci_role import GitHubActions
from modules.aws.cloudfront import DistributionConfig, PriceClass
from modules.aws.eks import EksConfig
from modules.aws.eks_access import AccessEntry, AccessPolicy
from modules.aws.node_group import NodeGroupConfig
from modules.aws.vpc import VpcConfig
from modules.aws.zone import ZoneConfig
from modules.core.gitops import Delivery, Sync
from modules.core.hosts import AdminTool
from modules.stacks.bootstrap_config import BootstrapConfig
from modules.stacks.cluster import ClusterConfig
from modules.stacks.edge import EdgeConfig
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

DEPLOY_ROLE = "arn:aws:iam::222222222222:role/ekp-deploy"

QA = Environment(
    name="qa",
    account_id="222222222222",
    owner="platform",
    cost_center="cc-1002",
    deploy_role_arn=DEPLOY_ROLE,
    state=STATE,
    bootstrap=BootstrapConfig(
        administrators=("arn:aws:iam::222222222222:role/administrators",),
        deployers=("arn:aws:iam::222222222222:role/operators",),
        github=GitHubActions(repository=PLATFORM_REPOSITORY, environments=("qa",)),
    ),
    protected=False,
    directory=DIRECTORY,
    edge=EdgeConfig(
        domain="qa.ekp.example",
        zone=ZoneConfig(parent=PARENT_ZONE),
        distribution=DistributionConfig(
            price_class=PriceClass.NORTH_AMERICA_AND_EUROPE,
            logs=BucketConfig(retention_days=90),
        ),
    ),
    regions={
        "eu-west-1": RegionSettings(
            network=NetworkConfig(
                vpc=VpcConfig(
                    cidr=IPv4Network("10.20.0.0/16"),
                    zones=("euw1-az1", "euw1-az2", "euw1-az3"),
                ),
            ),
            cluster=ClusterConfig(
                eks=EksConfig(
                    version="1.35",
                    control_plane_zones=3,
                    # The hub, over the organisation's own routes.
                    api_access={"management-vpc": IPv4Network("10.60.0.0/16")},
                    access_entries={
                        "deploy": AccessEntry(
                            principal_arn=DEPLOY_ROLE, policy=AccessPolicy.CLUSTER_ADMIN
                        ),
                        "developers": AccessEntry(
                            principal_arn="arn:aws:iam::222222222222:role/developers",
                            policy=AccessPolicy.VIEW,
                        ),
                    },
                    identity_provider=CLUSTER_SIGN_IN,
                ),
                node_groups={
                    "general": NodeGroupConfig(
                        instance_types=("m7i.large",), min_size=3, max_size=10
                    ),
                },
            ),
            platform=PlatformConfig(
                metrics=PrometheusStackConfig(sign_in=DIRECTORY.grafana("qa")),
                costs=CostsConfig(store=COST_STORE),
                admin_hosts={
                    AdminTool.GRAFANA: "grafana.qa.ekp.example",
                },
            ),
        ),
    },
    identity=IDENTITY,
    delivery=Delivery(repository=REPOSITORY, sync=Sync.AUTOMATED),
)
