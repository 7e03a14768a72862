"""Stages of a request's way, in the order in which it meets them."""

from enum import StrEnum


class Stage(StrEnum):
    """Where something is decided about a request."""

    DNS = "Route 53"
    CDN = "CloudFront"
    GLOBAL_WAF = "WAF, global"
    ORIGIN = "origin"
    BALANCER = "load balancer"
    REGIONAL_WAF = "WAF, regional"
    NETWORK = "network policy"
    MUTUAL_TLS = "mutual TLS"
    PATHS = "path checks"
    TOKEN = "token"  # noqa: S105 - a name, not a secret
    AUTHORIZATION = "authorization"
    RATE_LIMIT = "rate limit"
    SHARD = "NGINX shard"
    SCOPE = "sidecar scope"
    ROUTE = "route"
    DESTINATION = "destination"
    SERVICE = "service"
    WORKLOAD = "workload"
    """The pods that answer in the end."""
