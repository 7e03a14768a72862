"""Production: two regions, active-active, each able to carry the other's load."""

from ipaddress import IPv4Network

from modules.addons.istio import IstioConfig
from modules.addons.nginx import NginxConfig
from modules.aws.break_glass import BreakGlassConfig
from modules.aws.ci_role import GitHubActions
from modules.aws.cloudfront import DistributionConfig
from modules.aws.eks import EksConfig
from modules.aws.eks_access import AccessEntry, AccessPolicy
from modules.aws.launch_template import Ami
from modules.aws.node_group import NodeGroupConfig, Taint, TaintEffect
from modules.aws.vpc import VpcConfig
from modules.aws.zone import ZoneConfig
from modules.core.gitops import Delivery, Sync
from modules.core.hosts import Shard
from modules.core.placement import Placement
from modules.core.sync_windows import SyncWindow, WindowKind
from modules.core.waf_rules import WebAclConfig
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

DEPLOY_ROLE = "arn:aws:iam::333333333333:role/ekp-deploy"

CLUSTER = ClusterConfig(
    eks=EksConfig(
        version="1.35",
        access_entries={
            "deploy": AccessEntry(principal_arn=DEPLOY_ROLE, policy=AccessPolicy.CLUSTER_ADMIN),
            "operators": AccessEntry(
                principal_arn="arn:aws:iam::333333333333:role/operators",
                policy=AccessPolicy.VIEW,
            ),
        },
        identity_provider=CLUSTER_SIGN_IN,
        # The hub, over the organisation's own routes (peering or a transit gateway).
        api_access={"management-vpc": IPv4Network("10.60.0.0/16")},
        control_plane_zones=3,
    ),
    node_groups={
        "general": NodeGroupConfig(instance_types=("m7i.xlarge",), min_size=3, max_size=30),
        "ingress": NodeGroupConfig(
            instance_types=("c7i.xlarge",),
            ami=Ami.BOTTLEROCKET_X86_64,
            min_size=3,
            max_size=12,
            labels={"workload": "ingress"},
            taints=(Taint(key="workload", value="ingress", effect=TaintEffect.NO_SCHEDULE),),
        ),
    },
)

# In an incident: one word here, and both regions block what they counted and take less.
INGRESS = IngressConfig(web_acl=WebAclConfig(emergency=False))

# A name leads to the nearest region, so no tool has a host: kubectl port-forward leads to each.
PLATFORM = PlatformConfig(
    mesh=IstioConfig(gateway_placement=Placement(value="ingress")),
    shards=NginxConfig(placement=Placement(value="ingress")),
    costs=CostsConfig(store=COST_STORE),
)

PROD = Environment(
    name="prod",
    account_id="333333333333",
    owner="platform",
    cost_center="cc-1003",
    deploy_role_arn=DEPLOY_ROLE,
    permissions_boundary_arn="arn:aws:iam::333333333333:policy/ekp-boundary",
    state=STATE,
    bootstrap=BootstrapConfig(
        administrators=("arn:aws:iam::333333333333:role/administrators",),
        deployers=("arn:aws:iam::333333333333:role/operators",),
        github=GitHubActions(repository=PLATFORM_REPOSITORY, environments=("prod",)),
    ),
    directory=DIRECTORY,
    break_glass=BreakGlassConfig(alarm_emails={"security": "security@ekp.example"}),
    edge=EdgeConfig(
        domain="prod.ekp.example",
        shards={"api": Shard(hosts=("api.prod.ekp.example",), slot=1)},
        zone=ZoneConfig(parent=PARENT_ZONE),
        distribution=DistributionConfig(static_paths=("/static/*",)),
    ),
    regions={
        "eu-west-1": RegionSettings(
            network=NetworkConfig(
                vpc=VpcConfig(
                    cidr=IPv4Network("10.40.0.0/16"),
                    zones=("euw1-az1", "euw1-az2", "euw1-az3"),
                ),
            ),
            cluster=CLUSTER,
            ingress=INGRESS,
            platform=PLATFORM,
        ),
        "us-east-1": RegionSettings(
            network=NetworkConfig(
                vpc=VpcConfig(
                    cidr=IPv4Network("10.50.0.0/16"),
                    zones=("use1-az1", "use1-az2", "use1-az4"),
                ),
            ),
            cluster=CLUSTER,
            ingress=INGRESS,
            platform=PLATFORM,
        ),
    },
    identity=IDENTITY,
    delivery=Delivery(
        repository=REPOSITORY,
        sync=Sync.WAVES,
        # The region with fewer users first.
        waves=(("us-east-1",), ("eu-west-1",)),
        # Nobody watches at the weekend; a fix is brought by hand.
        windows=(
            SyncWindow(
                kind=WindowKind.DENY,
                schedule="0 16 * * FRI",
                duration="64h",
                time_zone="Europe/Dublin",
                manual_sync=True,
            ),
        ),
    ),
)
