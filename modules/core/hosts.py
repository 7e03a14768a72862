"""The hosts of an environment: its domain, and who serves which name under it."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from .config import Config, named_once
from .context import Name
from .wildcards import covers

_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
# Source: ACM API reference, RequestCertificate.
_LONGEST = 253


def _domain(name: str) -> str:
    if not _DOMAIN.fullmatch(name) or len(name) > _LONGEST:
        raise ValueError(
            f"{name!r} is not a domain name; write it in small letters, without a scheme, a "
            "wildcard or a dot at its end, such as prod.example.org"
        )
    return name


Domain = Annotated[str, AfterValidator(_domain)]


def _outside(name: str) -> str:
    if name.endswith((".svc", ".cluster.local")):
        raise ValueError(
            f"{name!r} is inside a cluster; services are called by calls, and what the platform "
            "runs is nobody's to call"
        )
    return name


OutsideDomain = Annotated[Domain, AfterValidator(_outside)]
"""A host that is no service of a cluster."""

# CloudFront meets the regions under this label; it is no host for users.
ORIGIN_LABEL = "origin"
# Names of target groups carry it, so no shard may.
GATEWAY = "gateway"
GATEWAY_TLS = "gateway-tls"
# A listener's priorities leave a shard 99 rules, each of three hosts beside two secrets.
SHARD_HOSTS = 297


class Shard(Config):
    """An NGINX ingress controller of its own for hosts with much traffic."""

    hosts: tuple[Domain, ...] = Field(min_length=1, max_length=SHARD_HOSTS)
    """Hosts in the order they were added: append, so that no listener rule changes places."""
    slot: int = Field(ge=1, le=99)
    """Its place among the listener rules, for ever: two rules never trade places under load."""

    @model_validator(mode="after")
    def each_host_is_named_once(self) -> Self:
        """Refuse a host that stands twice."""
        named_once("hosts", self.hosts)
        return self


Shards = Mapping[Name, Shard]
"""Shards by a stable name; hosts that none of them lists go to the Istio gateway."""


class AdminTool(StrEnum):
    """What people run the platform with; each asks for a sign-in itself."""

    ARGO_CD = "argo-cd"
    GRAFANA = "grafana"
    KUBECOST = "kubecost"
    RANCHER = "rancher"
    VAULT = "vault"


AdminHosts = Mapping[AdminTool, Domain]
"""Under which host a tool is met; one without a host is met through ``kubectl port-forward``."""


def check_admin_hosts(hosts: "Hosts", admin: AdminHosts) -> None:
    """Refuse hosts of tools that certificates do not cover, or that something else serves.

    Raises:
        ValueError: some tool could not be met; the message says why.
    """
    named_once("admin_hosts", list(admin.values()))
    served = {host: shard for shard, found in hosts.shards.items() for host in found.hosts}
    for tool, host in admin.items():
        if not covers(f"*.{hosts.domain}", host) or host == hosts.origin:
            raise ValueError(
                f"{tool.value} has {host}, certificates cover one label under {hosts.domain}, and "
                f"{ORIGIN_LABEL} is taken; use a host such as {tool.value}.{hosts.domain}"
            )
        if host in served:
            raise ValueError(
                f"{tool.value} has {host}, which shard {served[host]} serves; use another host"
            )


class Hosts(Config):
    """The environment's domain, its wildcard and the shards' hosts under it."""

    domain: Domain
    shards: Shards = Field(default_factory=dict)

    @model_validator(mode="after")
    def shards_are_told_apart(self) -> Self:
        """Refuse shards that could not be served."""
        check_shards(self.domain, self.shards)
        return self

    @property
    def aliases(self) -> tuple[str, str]:
        """Every name that users may ask for: the domain and one label under it."""
        return (self.domain, f"*.{self.domain}")

    @property
    def origin(self) -> str:
        """The name under which CloudFront meets the regions."""
        return f"{ORIGIN_LABEL}.{self.domain}"


def check_shards(domain: str, shards: Shards) -> None:
    """Refuse hosts outside the wildcard, hosts of two shards, and slots taken twice.

    Raises:
        ValueError: some shard could not be served; the message says why.
    """
    hosts: dict[str, str] = {}
    slots: dict[int, str] = {}
    for name, shard in shards.items():
        if name in (GATEWAY, GATEWAY_TLS):
            raise ValueError(f"shards has one called {name}, the Istio gateway's own; rename it")
        if shard.slot in slots:
            raise ValueError(
                f"shards {slots[shard.slot]} and {name} both have slot {shard.slot}; "
                "give the newer one a slot of its own"
            )
        slots[shard.slot] = name
        for host in shard.hosts:
            if not covers(f"*.{domain}", host) or host == f"{ORIGIN_LABEL}.{domain}":
                raise ValueError(
                    f"shard {name} lists {host}, certificates and distribution cover one label "
                    f"under {domain}, and {ORIGIN_LABEL} is taken; use a host such as api.{domain}"
                )
            if host in hosts:
                raise ValueError(
                    f"shards {hosts[host]} and {name} both list {host}; remove it from one"
                )
            hosts[host] = name
