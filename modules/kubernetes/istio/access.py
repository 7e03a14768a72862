"""Who may call a service: users by token and path, services by their certificate."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.mesh import (
    GATEWAY,
    GATEWAY_LABELS,
    GATEWAY_NAMESPACE,
    NGINX_NAMESPACE,
    shard_release,
)
from ...core.services import Service, labels, selector
from ...core.site import Site
from ..manifest import Manifest
from .access_paths import Grant, grants, patterns_under
from .access_rules import Rule, allowing, allowing_caller, denying_without_mfa
from .gateway import gateway_name
from .tokens import issuers_of

# Source: CRD of AuthorizationPolicy, spec.rules[].from[].source.serviceAccounts.
_MOST_ACCOUNTS = 16


def allow_at_gateway(service: Service, site: Site) -> list[Manifest]:
    """Return the policies that let users through the Istio gateway to a service's routes.

    Hosts are compared without regard to case, paths with regard to it. Where two services share
    paths of a host, the gateway lets through what either allows; their workloads tell them apart.

    Raises:
        ValueError: a token is needed and none can be had, or the objects' name is too long.
    """
    routes = site.through_gateway(service)
    if not routes:
        return []
    hosts: dict[tuple[str, ...], list[str]] = {}
    for host in dict.fromkeys(site.host(route) for route in routes):
        patterns = patterns_under(route.path for route in routes if site.host(route) == host)
        # Clients may name the port. Source: Istio, "Security Best Practices", host match policies.
        hosts.setdefault(patterns, []).extend((host, f"{host}:*"))
    allowed: list[Rule] = []
    denied: list[Rule] = []
    for patterns, names in hosts.items():
        for grant in _grants(service, site, patterns):
            users = [_token(service, site)] if grant.token else []
            allowed.append(allowing(grant, site, sources=users, limits={"hosts": names}))
            denied.extend(denying_without_mfa(grant, site, limits={"hosts": names}))
    return [
        _policy(service, called, namespace=GATEWAY_NAMESPACE, pods=GATEWAY_LABELS, spec=spec)
        for called, spec in _specs(gateway_name(service), allowed, denied)
    ]


def allow_at_workload(service: Service, site: Site) -> list[Manifest]:
    """Return the policies of a service's pods: users by the ways in, services by their account.

    Users are held to the same rules whether they come by the gateway or by a shard, so that no
    way in is a way around. A path that asks for a second factor asks callers in the mesh too: they
    pass the user's token on. What kubelet asks, the agent asks the container; no policy sees it.

    Raises:
        ValueError: a token is needed and none can be had.
    """
    # Other ports of the pod, such as a debugger's, are nobody's.
    port = {"ports": [str(service.port)]}
    allowed: list[Rule] = []
    denied: list[Rule] = []
    for grant in _grants(service, site, patterns_under(route.path for route in service.routes)):
        token = _token(service, site) if grant.token else {}
        users = [{"serviceAccounts": part, **token} for part in _ways_in(service, site)]
        allowed.append(allowing(grant, site, sources=users, limits=port))
        denied.extend(denying_without_mfa(grant, site, limits=port))
    allowed.extend(allowing_caller(caller, limits=port) for caller in service.callers)
    return [
        _policy(service, called, namespace=service.namespace, pods=selector(service), spec=spec)
        for called, spec in _specs(service.name, allowed, denied)
    ]


def _grants(service: Service, site: Site, patterns: Sequence[str]) -> list[Grant]:
    found = grants(service.access, patterns)
    if not issuers_of(service, site) and (closed := [g for g in found if g.token]):
        pattern = closed[0].paths[0].pattern
        raise ValueError(
            f"{service.ref}: access asks for a token for {pattern}, and identity.issuers of the "
            "environment has none; add an issuer there, or list the path in access.public"
        )
    return found


def _token(service: Service, site: Site) -> dict[str, list[str]]:
    # <issuer>/<subject>, cut at the last slash, so that issuers may end in one.
    # Source: istio 1.30.3, pilot/pkg/security/authz/model/generator.go.
    return {"requestPrincipals": [f"{found.issuer}/*" for found in issuers_of(service, site)]}


def _ways_in(service: Service, site: Site) -> list[list[str]]:
    """Return the service accounts of the gateway and shards that routes lead over, in portions."""
    accounts = [f"{NGINX_NAMESPACE}/{shard_release(name)}" for name in site.through_shards(service)]
    if site.through_gateway(service):
        accounts.insert(0, f"{GATEWAY_NAMESPACE}/{GATEWAY}")
    portions = range(0, len(accounts), _MOST_ACCOUNTS)
    return [accounts[start : start + _MOST_ACCOUNTS] for start in portions]


def _specs(name: str, allowed: list[Rule], denied: list[Rule]) -> list[tuple[str, dict[str, Any]]]:
    # A dot is in no service's name, so that no other service's policy is called like this one's.
    # A policy without rules would be refused (DENY) or say what the mesh says already (ALLOW).
    return [
        (called, {"action": action, "rules": rules})
        for called, action, rules in ((name, "ALLOW", allowed), (f"{name}.mfa", "DENY", denied))
        if rules
    ]


def _policy(
    service: Service,
    name: str,
    *,
    namespace: str,
    pods: Mapping[str, str],
    spec: Mapping[str, Any],
) -> Manifest:
    return Manifest(
        api_version="security.istio.io/v1",
        kind="AuthorizationPolicy",
        name=name,
        namespace=namespace,
        labels=labels(service),
        fields={"spec": {"selector": {"matchLabels": dict(pods)}, **spec}},
    )
