"""Rancher of the hub: people's view of all clusters."""

from collections.abc import Sequence
from typing import Any

from cdktf import ITerraformDependable
from constructs import Construct
from pydantic import Field

from ..core.availability import Availability
from ..core.bootstrap_secrets import BootstrapSecret
from ..core.config import Config
from ..core.entra import EntraApplication
from ..core.hosts import Domain
from ..kubernetes.helm import HelmRelease
from ..kubernetes.manifest import Manifest
from ..kubernetes.namespaces import Namespace, PodSecurity
from ..kubernetes.rancher.names import NAMESPACE as NAME
from ..kubernetes.rancher.sign_in import CLIENT_SECRET, CLIENT_SECRET_KEY, SECRETS_NAMESPACE
from .charts import RANCHER

# The chart's scripts and Rancher itself name this namespace. Its pods run as root.
NAMESPACE = Namespace(name=NAME, pod_security=PodSecurity.BASELINE)
PODS = {"app": RANCHER.name}
# Source: Rancher manual, "Install/Upgrade Rancher on a Kubernetes Cluster".
REPLICAS = 3
INSTALL_SECONDS = 900


class RancherConfig(Config):
    """Settings of Rancher."""

    audit_level: int = Field(default=0, ge=0, le=3)
    """What the audit log holds: 0 who did what, 1 headers too, 2 bodies of requests too, 3 those of
    answers too; secrets travel in bodies."""
    sign_in: EntraApplication | None = None
    """Who signs in through Entra ID, and whose groups administer; None: nobody, there is the first
    password alone. It is none of the chart's values: the job that registers clusters sets it."""


class Rancher(Construct):
    """Rancher behind the management load balancer, which ends TLS; no Ingress of its own.

    The password of the first sign-in is nowhere in values or states: Rancher makes one up at its
    first start and keeps it in the Secret ``bootstrap-secret`` of its namespace.
    """

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: RancherConfig,
        availability: Availability,
        host: Domain,
        after: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(scope, id_)
        release = HelmRelease(
            self,
            "release",
            chart=RANCHER,
            namespace=NAMESPACE.name,
            overrides={
                "hostname": host,
                "replicas": availability.replicas(REPLICAS),
                "auditLog": {"level": config.audit_level},
                # Agents call this address. Unset, the first person to sign in decides it.
                "extraEnv": [{"name": "CATTLE_SERVER_URL", "value": f"https://{host}"}],
                "extraObjects": _budget(availability),
            },
            after=after,
            timeout_seconds=INSTALL_SECONDS,
        )
        self.ready = [release.resource]


def bootstrap_secrets(config: RancherConfig) -> list[BootstrapSecret]:
    """Return what people bring before anyone signs in through Entra ID."""
    if config.sign_in is None:
        return []
    return [
        BootstrapSecret(
            namespace=SECRETS_NAMESPACE,
            name=CLIENT_SECRET,
            keys=(CLIENT_SECRET_KEY,),
            purpose="Secret of Rancher's application in Entra ID; Rancher makes the namespace at "
            "its first start. Without it nobody signs in but by the first password.",
            blocks=False,
        )
    ]


def _budget(availability: Availability) -> list[dict[str, Any]]:
    """Return a disruption budget, which the chart does not know."""
    if not availability.high:
        return []
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": PODS}}
    budget = Manifest(
        api_version="policy/v1",
        kind="PodDisruptionBudget",
        name=RANCHER.name,
        namespace=NAMESPACE.name,
        fields={"spec": spec},
    )
    return [budget.as_dict()]
