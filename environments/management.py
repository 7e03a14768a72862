"""Management: the hub cluster that looks after the others."""

from ipaddress import IPv4Network

from modules.addons.argo_cd import ArgoCdConfig
from modules.addons.kubecost_aggregator import KubecostConfig
from modules.addons.kubecost_store import KubecostStoreConfig
from modules.addons.prometheus_stack import PrometheusStackConfig
from modules.addons.rancher import RancherConfig
from modules.aws.addons import AddonsConfig
from modules.aws.alb import AlbConfig
from modules.aws.ci_role import GitHubActions
from modules.aws.cost_report import CostReportConfig
from modules.aws.eks import EksConfig
from modules.aws.eks_access import AccessEntry, AccessPolicy
from modules.aws.node_group import NodeGroupConfig
from modules.aws.state_bucket import StateBucketConfig
from modules.aws.vpc import VpcConfig
from modules.aws.workload_identity import Mechanism
from modules.aws.zone import ZoneConfig
from modules.core.hosts import AdminTool
from modules.stacks.bootstrap_config import BootstrapConfig
from modules.stacks.cluster import ClusterConfig
from modules.stacks.edge import EdgeConfig, Front
from modules.stacks.ingress import IngressConfig
from modules.stacks.management import ManagementConfig
from modules.stacks.network import NetworkConfig
from modules.stacks.platform_config import PlatformConfig

from .organisation import CLUSTER_SIGN_IN, DIRECTORY, PARENT_ZONE, PLATFORM_REPOSITORY, STATE
from .schema import Environment, RegionSettings

DEPLOY_ROLE = "arn:aws:iam::444444444444:role/ekp-deploy"

# Whose agents write to the store of costs: one of each cluster that reports.
COST_WRITERS = (
    "arn:aws:iam::111111111111:role/ekp-dev-euw1-kubecost-agent",
    "arn:aws:iam::222222222222:role/ekp-qa-euw1-kubecost-agent",
    "arn:aws:iam::333333333333:role/ekp-prod-euw1-kubecost-agent",
    "arn:aws:iam::333333333333:role/ekp-prod-use1-kubecost-agent",
)

MANAGEMENT = Environment(
    name="management",
    account_id="444444444444",
    owner="platform",
    cost_center="cc-1004",
    deploy_role_arn=DEPLOY_ROLE,
    permissions_boundary_arn="arn:aws:iam::444444444444:policy/ekp-boundary",
    state=STATE,
    bootstrap=BootstrapConfig(
        administrators=("arn:aws:iam::444444444444:role/administrators",),
        deployers=("arn:aws:iam::444444444444:role/operators",),
        github=GitHubActions(repository=PLATFORM_REPOSITORY, environments=("management",)),
        state_bucket=StateBucketConfig(),
        parent_zone=PARENT_ZONE,
    ),
    directory=DIRECTORY,
    edge=EdgeConfig(
        domain="management.ekp.example",
        front=Front.DIRECT,
        zone=ZoneConfig(parent=PARENT_ZONE),
    ),
    regions={
        "eu-west-1": RegionSettings(
            network=NetworkConfig(
                vpc=VpcConfig(
                    cidr=IPv4Network("10.60.0.0/16"),
                    zones=("euw1-az1", "euw1-az2", "euw1-az3"),
                ),
            ),
            cluster=ClusterConfig(
                eks=EksConfig(
                    version="1.35",
                    control_plane_zones=3,
                    access_entries={
                        "deploy": AccessEntry(
                            principal_arn=DEPLOY_ROLE, policy=AccessPolicy.CLUSTER_ADMIN
                        ),
                    },
                    identity_provider=CLUSTER_SIGN_IN,
                ),
                node_groups={
                    "general": NodeGroupConfig(
                        instance_types=("m7i.xlarge",), min_size=3, max_size=6
                    ),
                },
                addons=AddonsConfig(identity=Mechanism.POD_IDENTITY),
            ),
            ingress=IngressConfig(
                alb=AlbConfig(
                    # People, and the NAT addresses of the clusters that report to the hub.
                    open_to={
                        "office": IPv4Network("198.51.100.0/24"),
                        "prod-euw1-nat": IPv4Network("203.0.113.16/30"),
                        "prod-use1-nat": IPv4Network("203.0.113.32/30"),
                    },
                ),
            ),
            platform=PlatformConfig(
                metrics=PrometheusStackConfig(sign_in=DIRECTORY.grafana("management")),
                admin_hosts={
                    AdminTool.ARGO_CD: "argocd.management.ekp.example",
                    AdminTool.GRAFANA: "grafana.management.ekp.example",
                    AdminTool.KUBECOST: "kubecost.management.ekp.example",
                    AdminTool.RANCHER: "rancher.management.ekp.example",
                },
            ),
            management=ManagementConfig(
                argo_cd=ArgoCdConfig(
                    sign_in=DIRECTORY.argo_cd,
                    # Production takes its regions one after the other.
                    progressive_syncs=True,
                ),
                rancher=RancherConfig(sign_in=DIRECTORY.rancher),
                kubecost=KubecostConfig(
                    licensed=True,
                    sign_in=DIRECTORY.kubecost,
                ),
                store=KubecostStoreConfig(writer_role_arns=COST_WRITERS),
                cost_report=CostReportConfig(
                    payer_account_id="999999999999",
                    payer_role_arn="arn:aws:iam::999999999999:role/ekp-billing",
                ),
            ),
        ),
    },
)
