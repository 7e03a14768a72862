"""The authority that issues and renews the certificates inside a cluster."""

from collections.abc import Mapping, Sequence
from typing import Any

from cdktf import ITerraformDependable
from constructs import Construct

from ..core.availability import Availability
from ..kubernetes.apply import Manifests
from ..kubernetes.certificates import issued_by
from ..kubernetes.helm import HelmRelease
from ..kubernetes.jobs import wait_for
from ..kubernetes.manifest import Manifest
from ..kubernetes.namespaces import Namespace, PodSecurity
from ..kubernetes.scheduling import disruption_budget, spread
from .charts import CERT_MANAGER

NAMESPACE = Namespace(name="cert-manager", pod_security=PodSecurity.RESTRICTED)
INTERNAL_ISSUER = "ekp-internal"
ROOT = "ekp-internal-ca"
SELF_SIGNED = "ekp-self-signed"
# The API server calls the webhook for every certificate, so one more copy than others have.
WEBHOOK_REPLICAS = 3


class CertManager(Construct):
    """cert-manager and the cluster's own authority, the ClusterIssuer ``ekp-internal``.

    ``ready`` is reached when the issuer signs: the chart's own check waits for the webhook, a job
    for the issuer.
    """

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        availability: Availability,
        after: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(scope, id_)
        release = HelmRelease(
            self,
            "release",
            chart=CERT_MANAGER,
            namespace=NAMESPACE.name,
            overrides={
                **_copies("controller", availability, 2),
                "webhook": _copies("webhook", availability, WEBHOOK_REPLICAS),
                "cainjector": _copies("cainjector", availability, 2),
            },
            after=after,
        )
        issuers = Manifests(
            self,
            "issuers",
            name="cluster-issuers",
            namespace=NAMESPACE.name,
            manifests=[*internal_issuer(), *_issuer_is_ready()],
            after=[release.resource],
        )
        self.ready = [release.resource, issuers.resource]


def _copies(component: str, availability: Availability, high: int) -> dict[str, Any]:
    return {
        "replicaCount": availability.replicas(high),
        "podDisruptionBudget": disruption_budget(availability),
        "topologySpreadConstraints": spread({"app.kubernetes.io/component": component}),
    }


def internal_issuer() -> list[Manifest]:
    """Return an authority of the cluster's own: its root signs itself and never leaves it."""
    return [
        _cluster_issuer(SELF_SIGNED, {"selfSigned": {}}),
        Manifest(
            api_version="cert-manager.io/v1",
            kind="Certificate",
            name=ROOT,
            namespace=NAMESPACE.name,
            fields={
                "spec": {
                    "isCA": True,
                    "commonName": ROOT,
                    "secretName": ROOT,
                    "duration": "87600h",
                    "renewBefore": "8760h",
                    "usages": ["cert sign", "crl sign"],
                    # A renewed root with the same key still vouches for what the old one signed.
                    "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Never"},
                    "issuerRef": issued_by(SELF_SIGNED),
                }
            },
        ),
        _cluster_issuer(INTERNAL_ISSUER, {"ca": {"secretName": ROOT}}),
    ]


def _cluster_issuer(name: str, spec: Mapping[str, Any]) -> Manifest:
    return Manifest(
        api_version="cert-manager.io/v1",
        kind="ClusterIssuer",
        name=name,
        fields={"spec": dict(spec)},
    )


def _issuer_is_ready() -> list[Manifest]:
    return wait_for(
        "wait-for-cluster-issuer",
        namespace=NAMESPACE.name,
        rules=[
            {
                "apiGroups": ["cert-manager.io"],
                "resources": ["clusterissuers"],
                "verbs": ["get", "list", "watch"],
            }
        ],
        arguments=["--for=condition=Ready", f"clusterissuer.cert-manager.io/{INTERNAL_ISSUER}"],
    )
