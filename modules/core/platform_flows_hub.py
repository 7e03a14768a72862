"""Flows of Argo CD and of Kubecost's aggregator, which the hub alone runs."""

from collections.abc import Mapping

from .flows import End, Flow, Place, Pods, flow
from .platform_flows_callers import to_api
from .platform_flows_observability import scraped
from .platform_flows_pods import (
    ARGO_CD_CONTROLLER,
    ARGO_CD_NOTIFICATIONS,
    ARGO_CD_REDIS,
    ARGO_CD_REDIS_HA,
    ARGO_CD_REDIS_PROXY,
    ARGO_CD_REDIS_SECRET,
    ARGO_CD_REPOSITORIES,
    ARGO_CD_SERVER,
    ARGO_CD_SETS,
    CLUSTER_REGISTRAR,
    GATEWAY,
    KUBECOST_AGGREGATOR,
    KUBECOST_CLOUD_COST,
    KUBECOST_FORECASTING,
    KUBECOST_FRONTEND,
)

API_CALLERS: Mapping[str, tuple[Pods, str]] = {
    "argo-cd-controller": (ARGO_CD_CONTROLLER, "compares the cluster with Git"),
    "argo-cd-server": (ARGO_CD_SERVER, "shows Applications and keeps settings"),
    "argo-cd-sets": (ARGO_CD_SETS, "makes Applications"),
    "argo-cd-notifications": (ARGO_CD_NOTIFICATIONS, "watches Applications"),
    "cluster-registrar": (CLUSTER_REGISTRAR, "tells Argo CD where clusters are"),
    "argo-cd-redis-secret": (ARGO_CD_REDIS_SECRET, "makes the cache's password before the release"),
    "kubecost-aggregator": (KUBECOST_AGGREGATOR, "keeps settings of its namespace"),
    "kubecost-cloud-cost": (KUBECOST_CLOUD_COST, "reads settings of its namespace"),
}
MONITORED: Mapping[str, tuple[End, tuple[int, ...]]] = {
    "argo-cd-controller": (ARGO_CD_CONTROLLER, (8082,)),
    "argo-cd-server": (ARGO_CD_SERVER, (8083,)),
    "argo-cd-repositories": (ARGO_CD_REPOSITORIES, (8084,)),
    "argo-cd-sets": (ARGO_CD_SETS, (8080,)),
    "argo-cd-notifications": (ARGO_CD_NOTIFICATIONS, (9001,)),
    # 9363: its database.
    "kubecost-aggregator": (KUBECOST_AGGREGATOR, (9004, 9363)),
}
REDIS_PORT, SENTINEL_PORT = 6379, 26379


def hub_flows() -> tuple[Flow, ...]:
    """Return what the hub needs beside the flows of every cluster."""
    return (
        *(to_api(name, pods, does) for name, (pods, does) in API_CALLERS.items()),
        *(scraped(name, *found) for name, found in MONITORED.items()),
        *_argo_cd(),
        *_argo_cd_cache(),
        *_kubecost(),
    )


def _argo_cd() -> tuple[Flow, ...]:
    callers = {
        "argo-cd-controller": ARGO_CD_CONTROLLER,
        "argo-cd-server": ARGO_CD_SERVER,
        "argo-cd-sets": ARGO_CD_SETS,
    }
    rendered = {**callers, "argo-cd-notifications": ARGO_CD_NOTIFICATIONS}
    return (
        flow("gateway-to-argo-cd", GATEWAY, ARGO_CD_SERVER, 8080, "People meet Argo CD there."),
        *(
            flow(
                f"{name}-to-repositories",
                pods,
                ARGO_CD_REPOSITORIES,
                8081,
                "Asks what Git holds, rendered.",
            )
            for name, pods in rendered.items()
        ),
        Flow(
            name="argo-cd-repositories-to-git",
            source=ARGO_CD_REPOSITORIES,
            target=Place.INTERNET,
            ports=(22, 443),
            reason="Fetches Git repositories by HTTPS or SSH, and charts.",
        ),
        Flow(
            name="argo-cd-repositories-to-git-nearby",
            source=ARGO_CD_REPOSITORIES,
            target=Place.PEERED,
            ports=(22, 443),
            reason="Fetches Git repositories inside the organisation's own networks.",
        ),
        *(
            flow(f"{name}-{where}", pods, place, 443, reason)
            for name, pods in {**callers, "cluster-registrar": CLUSTER_REGISTRAR}.items()
            for where, place, reason in (
                (
                    "to-clusters",
                    Place.INTERNET,
                    "Calls other clusters' APIs by public addresses.",
                ),
                (
                    "to-clusters-nearby",
                    Place.VPC,
                    "Calls other clusters' APIs inside the VPC.",
                ),
                (
                    "to-clusters-peered",
                    Place.PEERED,
                    "Calls other clusters' private APIs over the organisation's own routes.",
                ),
            )
        ),
        flow(
            "argo-cd-notifications-to-slack",
            ARGO_CD_NOTIFICATIONS,
            Place.INTERNET,
            443,
            "Tells people of failed syncs.",
        ),
    )


def _argo_cd_cache() -> tuple[Flow, ...]:
    users = {
        "argo-cd-controller": ARGO_CD_CONTROLLER,
        "argo-cd-server": ARGO_CD_SERVER,
        "argo-cd-repositories": ARGO_CD_REPOSITORIES,
    }
    caches = {"redis": ARGO_CD_REDIS, "redis-proxy": ARGO_CD_REDIS_PROXY}
    members = (REDIS_PORT, SENTINEL_PORT)
    return (
        *(
            flow(f"{name}-to-{cache}", pods, target, REDIS_PORT, "Keeps what it worked out there.")
            for name, pods in users.items()
            for cache, target in caches.items()
        ),
        Flow(
            name="argo-cd-redis-proxy-to-redis",
            source=ARGO_CD_REDIS_PROXY,
            target=ARGO_CD_REDIS_HA,
            ports=members,
            reason="The proxy looks for the copy that leads and hands calls on.",
        ),
        Flow(
            name="argo-cd-redis-members",
            source=ARGO_CD_REDIS_HA,
            target=ARGO_CD_REDIS_HA,
            ports=members,
            reason="Copies of the cache replicate and choose the one that leads.",
        ),
    )


def _kubecost() -> tuple[Flow, ...]:
    # 9008 where people sign in, 9004 else.
    aggregator = (9004, 9008)
    return (
        flow(
            "gateway-to-kubecost", GATEWAY, KUBECOST_FRONTEND, 9090, "People meet Kubecost there."
        ),
        Flow(
            name="kubecost-frontend-to-aggregator",
            source=KUBECOST_FRONTEND,
            target=KUBECOST_AGGREGATOR,
            ports=aggregator,
            reason="The pages ask for costs.",
        ),
        flow(
            "kubecost-frontend-to-cloud-cost",
            KUBECOST_FRONTEND,
            KUBECOST_CLOUD_COST,
            9005,
            "The pages ask for what AWS bills.",
        ),
        flow(
            "kubecost-frontend-to-forecasting",
            KUBECOST_FRONTEND,
            KUBECOST_FORECASTING,
            5000,
            "The pages ask for forecasts.",
        ),
        flow(
            "kubecost-aggregator-to-sign-in",
            KUBECOST_AGGREGATOR,
            Place.INTERNET,
            443,
            "Entra ID signs people in.",
        ),
        Flow(
            name="kubecost-forecasting-to-aggregator",
            source=KUBECOST_FORECASTING,
            target=KUBECOST_AGGREGATOR,
            ports=aggregator,
            reason="Forecasts are made of past costs.",
        ),
    )
