"""Jaeger: traces of the cluster, kept on a volume or in OpenSearch."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from cdktf import ITerraformDependable
from constructs import Construct
from pydantic import Field, model_validator

from ..core.bootstrap_secrets import BootstrapSecret
from ..core.config import Config
from ..kubernetes.helm import HelmRelease, values_of
from ..kubernetes.manifest import Manifest
from ..kubernetes.storage import STORAGE_CLASS
from .charts import JAEGER
from .observability import JAEGER as NAME
from .observability import STORES

NAMESPACE = STORES
SERVICE_HOST = f"{NAME}.{NAMESPACE.name}.svc.cluster.local"
"""Takes spans by OTLP: gRPC on port 4317, HTTP on 4318."""
DATA = "/badger"
USERNAME, PASSWORD = "username", "password"


class JaegerStore(StrEnum):
    """Where spans are kept."""

    BADGER = "badger"
    """On a volume of the one pod: it survives the pod and its node, in the volume's zone."""
    OPENSEARCH = "opensearch"
    """In a cluster of OpenSearch that is run elsewhere, by several copies of Jaeger."""
    MEMORY = "memory"
    """Nowhere: a restart loses every trace."""


class OpenSearch(Config):
    """An OpenSearch that somebody else runs; its own lifecycle policy deletes old indices."""

    urls: tuple[Annotated[str, Field(pattern=r"^https://")], ...] = Field(min_length=1)
    """Addresses of its nodes, https alone."""
    secret: str = "jaeger-opensearch"  # noqa: S105 - name of a Secret
    """Secret of the namespace ``observability`` with a user's name and password."""


class JaegerConfig(Config):
    """Settings of a cluster's trace store."""

    store: JaegerStore = JaegerStore.BADGER
    """Where spans are kept; a restart loses those in memory."""
    retention_hours: int = Field(default=168, ge=1)
    """Hours until Badger drops a span."""
    volume_gib: int = Field(default=50, ge=1)
    """Size of Badger's volume."""
    opensearch: OpenSearch | None = None
    """With ``store`` = opensearch: where it is."""

    @property
    def opensearch_ports(self) -> tuple[int, ...]:
        """Where OpenSearch is called; none: spans are kept in the cluster."""
        urls = self.opensearch.urls if self.opensearch else ()
        return tuple(sorted({urlsplit(url).port or 443 for url in urls}))

    @model_validator(mode="after")
    def opensearch_is_named_where_it_is_used(self) -> Self:
        """Refuse a store that is not described, and a description of one that is not used."""
        if (self.store is JaegerStore.OPENSEARCH) is not (self.opensearch is not None):
            raise ValueError(
                f"store is {self.store}, opensearch is "
                f"{'set' if self.opensearch else 'not set'}; set opensearch for the store "
                "opensearch alone"
            )
        return self


def bootstrap_secrets(config: JaegerConfig) -> list[BootstrapSecret]:
    """Return the Secret that people make; Jaeger's pods start once it is there."""
    if config.opensearch is None:
        return []
    return [
        BootstrapSecret(
            namespace=NAMESPACE.name,
            name=config.opensearch.secret,
            keys=(USERNAME, PASSWORD),
            purpose="traces: Jaeger's user in OpenSearch",
            blocks=False,
        )
    ]


class Jaeger(Construct):
    """Jaeger's one deployment, with its store.

    Badger's volume belongs to one pod, so there is one copy: while it moves, callers drop spans and
    go on. Several copies need OpenSearch.
    """

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: JaegerConfig,
        after: Sequence[ITerraformDependable],
    ) -> None:
        super().__init__(scope, id_)
        release = HelmRelease(
            self,
            "release",
            chart=JAEGER,
            namespace=NAMESPACE.name,
            name=NAME,
            overrides=_overrides(config),
            after=after,
            # Nobody can make the Secret before this layer has made its namespace.
            atomic=not bootstrap_secrets(config),
            wait=not bootstrap_secrets(config),
        )
        self.ready = [release.resource]


def _overrides(config: JaegerConfig) -> dict[str, Any]:
    storage = {"jaeger_storage": {"backends": {"spans": _backend(config)}}}
    # The configuration is mounted in a way that never changes under a running pod.
    digest = _digest(values_of(JAEGER)["userconfig"], storage)
    pod: dict[str, Any] = {"extraEnv": [{"name": "CONFIGURATION", "value": digest}]}
    objects = [_monitor()]
    found: dict[str, Any] = {"userconfig": {"extensions": storage}, "jaeger": pod}
    if config.store is JaegerStore.BADGER:
        pod["extraVolumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": NAME}}]
        pod["extraVolumeMounts"] = [{"name": "data", "mountPath": DATA}]
        objects.append(_claim(config.volume_gib))
    if config.opensearch is not None:
        pod["replicas"] = 2
        pod["extraEnv"] += [
            _from_secret("OPENSEARCH_USERNAME", config.opensearch.secret, USERNAME),
            _from_secret("OPENSEARCH_PASSWORD", config.opensearch.secret, PASSWORD),
        ]
    found["extraObjects"] = [manifest.as_dict() for manifest in objects]
    return found


def _backend(config: JaegerConfig) -> dict[str, Any]:
    if config.opensearch is not None:
        basic = {"username": "${env:OPENSEARCH_USERNAME}", "password": "${env:OPENSEARCH_PASSWORD}"}
        urls = list(config.opensearch.urls)
        return {"opensearch": {"server_urls": urls, "auth": {"basic": basic}}}
    if config.store is JaegerStore.MEMORY:
        return {"memory": {"max_traces": 20_000}}
    return {
        "badger": {
            "ephemeral": False,
            "directories": {"keys": f"{DATA}/keys", "values": f"{DATA}/values"},
            "ttl": {"spans": f"{config.retention_hours}h"},
        }
    }


def _claim(gib: int) -> Manifest:
    """Return the claim of Badger's volume: it stays when the release goes.

    It belongs to the release of the pod: the class makes a volume for a pod that is there alone,
    and Helm waits until a claim is bound.
    """
    return Manifest(
        api_version="v1",
        kind="PersistentVolumeClaim",
        name=NAME,
        namespace=NAMESPACE.name,
        annotations={"helm.sh/resource-policy": "keep"},
        fields={
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "storageClassName": STORAGE_CLASS,
                "resources": {"requests": {"storage": f"{gib}Gi"}},
            }
        },
    )


def _monitor() -> Manifest:
    endpoint = {"port": "internal-metrics", "interval": "30s"}
    labels = {"app.kubernetes.io/name": JAEGER.name, "app.kubernetes.io/component": "all-in-one"}
    return Manifest(
        api_version="monitoring.coreos.com/v1",
        kind="ServiceMonitor",
        name=NAME,
        namespace=NAMESPACE.name,
        fields={"spec": {"selector": {"matchLabels": labels}, "endpoints": [endpoint]}},
    )


def _from_secret(name: str, secret: str, key: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def _digest(*parts: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
