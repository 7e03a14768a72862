"""Checks across settings of platform and hub: what a plan passes and people, or pods, would not.

Each part of an environment is judged once it is valid by itself; what is not has its error already.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from modules.addons.charts import ARGO_CD, CHARTS, RANCHER
from modules.addons.kubecost import AGENT
from modules.addons.kubecost_aggregator import check_host
from modules.core.chart_compatibility import SUPPORTED, admits, untested
from modules.core.context import Context
from modules.core.hosts import AdminTool, Hosts, check_admin_hosts
from modules.core.kubernetes_versions import Finding, Level
from modules.stacks.cluster import ClusterConfig
from modules.stacks.edge import EdgeConfig
from modules.stacks.management import ManagementConfig
from modules.stacks.platform_config import PlatformConfig

from pydantic import ValidationError

from .schema import Environment
from .validity import valid

ON_THE_HUB = (AdminTool.ARGO_CD, AdminTool.KUBECOST, AdminTool.RANCHER)
# Vault's servers, and the copies of what must outlive a zone, each need a node of their own.
NODES = 3


@dataclass(frozen=True)
class _Cluster:
    """The platform of one region, as far as its settings are valid."""

    path: str
    ctx: Context
    regions: int
    hosts: Hosts
    cluster: ClusterConfig
    platform: PlatformConfig
    management: ManagementConfig | None


def check_platforms(environments: Sequence[Environment]) -> list[Finding]:
    """Return everything wrong or worth a warning, each with the path of the setting."""
    clusters = [cluster for e in environments for cluster in _clusters(e)]
    return [
        *(finding for cluster in clusters for finding in _admin_hosts(cluster)),
        *(finding for cluster in clusters for finding in _tools_of_the_hub(cluster)),
        *(finding for cluster in clusters for finding in _charts(cluster)),
        *(finding for cluster in clusters for finding in _room(cluster)),
        *_cost_stores(clusters),
    ]


def _error(message: str) -> Finding:
    return Finding(Level.ERROR, message)


def _admin_hosts(cluster: _Cluster) -> Iterator[Finding]:
    path, admin = f"{cluster.path}.platform.admin_hosts", cluster.platform.admin_hosts
    try:
        check_admin_hosts(cluster.hosts, admin)
    except ValueError as error:
        yield _error(f"{path}: {error}")
    if AdminTool.GRAFANA in admin and cluster.platform.metrics.sign_in is None:
        yield _error(
            f"{path}.grafana = {admin[AdminTool.GRAFANA]!r}: Grafana would ask for one password "
            "that everybody shares; set platform.metrics.sign_in, or remove the host"
        )
    if admin and cluster.regions > 1:
        # DNS leads a user to the nearest region, and each has tools of its own.
        yield _error(
            f"{path}: the environment has {cluster.regions} regions, and a host leads to the "
            "nearest; remove them here and use kubectl port-forward, or the hub's"
        )


def _tools_of_the_hub(cluster: _Cluster) -> Iterator[Finding]:
    path, admin = f"{cluster.path}.platform.admin_hosts", cluster.platform.admin_hosts
    if cluster.management is None:
        for tool in ON_THE_HUB:
            if tool in admin:
                yield _error(
                    f"{path}.{tool.value}: runs on the hub alone, the environment whose region "
                    "has management; remove it here"
                )
        return
    for tool in (AdminTool.ARGO_CD, AdminTool.RANCHER):
        if tool not in admin:
            yield _error(
                f"{path}: the hub has no host for {tool.value}, whose sign-in and agents need "
                f"one; add one such as {tool.value}.{cluster.hosts.domain}"
            )
    try:
        check_host(cluster.management.kubecost, admin.get(AdminTool.KUBECOST))
    except ValueError as error:
        yield _error(f"{path}.kubecost: {error}")


def _charts(cluster: _Cluster) -> Iterator[Finding]:
    version = cluster.cluster.eks.version
    setting = f"{cluster.path}.cluster.eks.version = '{version}'"
    hubs = () if cluster.management else (ARGO_CD, RANCHER)
    charts = [chart for chart in CHARTS if chart not in hubs]
    yield from (_error(f"{setting}: {reason}") for c in charts if (reason := admits(c, version)))
    if names := [f"{c.name} {c.version}" for c in charts if untested(c, version)]:
        yield Finding(
            Level.WARNING,
            f"{setting}: not tested on it by the makers of {', '.join(names)}; every chart of the "
            f"platform is tested on {', '.join(SUPPORTED)}: use one of these",
        )


def _room(cluster: _Cluster) -> Iterator[Finding]:
    groups = [g for g in cluster.cluster.node_groups.values() if g.takes_every_pod]
    have = sum(group.min_size for group in groups)
    if cluster.platform.availability.high and have < NODES:
        yield _error(
            f"{cluster.path}.platform.availability = 'high': needs {NODES} nodes that take every "
            f"pod, the node groups keep {have}; raise min_size, or set availability single"
        )
    elif (servers := cluster.platform.vault.servers) and have < servers:
        yield _error(
            f"{cluster.path}.platform.vault.servers = {servers}: each needs a node of its own, the "
            f"node groups keep {have}; raise min_size"
        )


def _cost_stores(clusters: Sequence[_Cluster]) -> Iterator[Finding]:
    """Find agents that write where there is no store, or where the store does not admit them."""
    stores = {
        c.ctx.name(c.ctx.account_id, "kubecost"): c for c in clusters if c.management is not None
    }
    for cluster in clusters:
        costs = cluster.platform.costs
        if costs is None:
            continue
        path = f"{cluster.path}.platform.costs.store"
        hub = stores.get(costs.store.bucket)
        if hub is None:
            known = ", ".join(stores) or "none: no environment has management"
            yield _error(
                f"{path}.bucket = {costs.store.bucket!r}: is no hub's store; use one of {known}"
            )
            continue
        if costs.store.region != hub.ctx.region:
            yield _error(
                f"{path}.region = {costs.store.region!r}: the bucket is in {hub.ctx.region}; "
                "write that"
            )
        if costs.store.account_id != hub.ctx.account_id:
            yield _error(
                f"{path}.account_id = {costs.store.account_id!r}: the bucket and its key are in "
                f"{hub.ctx.account_id}; write that"
            )
        ctx = cluster.ctx
        role = f"arn:{ctx.partition}:iam::{ctx.account_id}:role/{ctx.name(AGENT.name)}"
        if hub.management and role not in hub.management.store.writer_role_arns:
            yield _error(
                f"{hub.path}.management.store.writer_role_arns lacks {role}, whose writes S3 "
                "would refuse; add it"
            )


def _clusters(environment: Environment) -> Iterator[_Cluster]:
    name = getattr(environment, "name", None) or "environment"
    edge = valid(EdgeConfig, getattr(environment, "edge", None))
    regions = getattr(environment, "regions", None)
    if edge is None or not isinstance(regions, Mapping):
        return
    for region, settings in regions.items():
        cluster = valid(ClusterConfig, getattr(settings, "cluster", None))
        platform = valid(PlatformConfig, getattr(settings, "platform", PlatformConfig()))
        written = getattr(settings, "management", None)
        management = None if written is None else valid(ManagementConfig, written)
        try:
            ctx = environment.context(str(region))
        except (ValidationError, AttributeError):
            continue
        if cluster is None or platform is None or (written is not None and management is None):
            continue
        yield _Cluster(
            f"{name}.regions[{region}]",
            ctx,
            len(regions),
            edge.hosts,
            cluster,
            platform,
            management,
        )
