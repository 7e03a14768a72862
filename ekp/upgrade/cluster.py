"""What an upgrade needs to know of a cluster, read from the settings."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modules.addons import charts
from modules.core.charts import Chart
from modules.core.eks_addons import Addon
from modules.core.kubernetes_versions import SupportType

if TYPE_CHECKING:
    from environments.schema import Environment, RegionSettings


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """A managed node group, as far as an upgrade replaces its nodes."""

    name: str
    ami: str
    min_size: int
    max_size: int
    max_unavailable_percentage: int

    def line(self, zones: int) -> str:
        """Return the group in a line, with how many nodes EKS adds while it replaces them.

        Twice the zones, or as many as may be away where these are more. Source: EKS user guide,
        "Understand each phase of node updates".
        """
        more = max(2 * zones, math.ceil(self.max_size * self.max_unavailable_percentage / 100))
        return (
            f"{self.name}: {self.min_size} to {self.max_size} nodes of {self.ami}, at most "
            f"{self.max_unavailable_percentage} % of them away at once, up to {more} more meanwhile"
        )


@dataclass(frozen=True, slots=True)
class Cluster:
    """A region's cluster."""

    environment: str
    region: str
    name: str
    """As EKS knows it."""
    version: str
    support: SupportType
    node_groups: Sequence[NodeGroup]
    zones: int
    """Availability zones that its nodes are spread over."""
    karpenter_alias: str | None
    """Machine images of Karpenter's nodes; None: the cluster autoscaler sizes the groups."""
    addon_versions: Mapping[Addon, str]
    """Versions that the settings put in place of the catalogue's."""
    charts: Sequence[Chart]
    """What is installed in it."""
    is_hub: bool
    available: bool
    """Whether the platform's services run in several copies."""
    serving: bool
    """Whether DNS leads users to it."""

    @property
    def setting(self) -> str:
        """Path of the region's settings."""
        return f"{self.environment}.regions[{self.region}]"

    @property
    def version_setting(self) -> str:
        """Path of the setting that holds its Kubernetes minor."""
        return f"{self.setting}.cluster.eks.version"


def clusters(environment: "Environment") -> Sequence[Cluster]:
    """Return an environment's clusters in the order in which they are upgraded.

    The order of its delivery's waves, which begin where the fewest users are; without waves that
    of the settings.
    """
    delivery = environment.delivery
    waves = [region for wave in (delivery.waves if delivery else ()) for region in wave]
    order = [*waves, *(region for region in environment.regions if region not in waves)]
    return [_cluster(environment, r) for r in order if r in environment.regions]


def environment_order(environments: Mapping[str, "Environment"]) -> Sequence[str]:
    """Return the environments in the order in which they are upgraded.

    As they are written down, and the hub last: while the others are upgraded it brings their
    services what they need.
    """
    return sorted(environments, key=lambda name: environments[name].hub() is not None)


def _cluster(environment: "Environment", region: str) -> Cluster:
    settings = environment.regions[region]
    eks = settings.cluster.eks
    karpenter = settings.platform.karpenter
    return Cluster(
        environment=environment.name,
        region=region,
        name=environment.context(region).cluster_name,
        version=eks.version,
        support=eks.support,
        node_groups=[
            NodeGroup(
                name, one.ami.value, one.min_size, one.max_size, one.max_unavailable_percentage
            )
            for name, one in settings.cluster.node_groups.items()
        ],
        zones=len(settings.network.vpc.zones),
        karpenter_alias=karpenter.ami_alias if karpenter else None,
        addon_versions=settings.cluster.addons.versions,
        charts=_installed(settings, shards=bool(environment.edge.shards)),
        is_hub=settings.management is not None,
        available=settings.platform.availability.high,
        serving=settings.ingress.share.serving,
    )


def _installed(settings: "RegionSettings", *, shards: bool) -> Sequence[Chart]:
    """Return the charts that the layers platform and management install."""
    autoscalers = {charts.CLUSTER_AUTOSCALER}, {charts.KARPENTER_CRD, charts.KARPENTER}
    absent = set(autoscalers[settings.platform.karpenter is None])
    if not shards:
        absent.add(charts.NGINX_INGRESS)
    if settings.management is None:
        absent |= {charts.ARGO_CD, charts.RANCHER}
        if settings.platform.costs is None:
            absent.add(charts.KUBECOST)
    return [chart for chart in charts.CHARTS if chart not in absent]
