"""The operator that brings secrets of the local Vault into Kubernetes Secrets."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from constructs import Construct

from ..core.availability import Availability
from ..kubernetes.apply import Manifests
from ..kubernetes.helm import HelmRelease
from ..kubernetes.namespaces import Namespace, PodSecurity
from ..kubernetes.scheduling import spread
from ..kubernetes.vault_config import ADDRESS, trust_certificate
from .cert_manager import INTERNAL_ISSUER
from .charts import VAULT_SECRETS_OPERATOR

NAMESPACE = Namespace(name="vault-secrets-operator", pod_security=PodSecurity.RESTRICTED)
TRUST = "vault-ca"
PODS = {"app.kubernetes.io/name": "vault-secrets-operator", "control-plane": "controller-manager"}


class VaultSecretsOperator(Construct):
    """Vault Secrets Operator with the default connection to the cluster's Vault, over TLS.

    It comes ``after`` Vault and cert-manager. A VaultAuth of any namespace without a connection of
    its own uses the default one.
    """

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        availability: Availability,
        after: Sequence[ITerraformDependable],
    ) -> None:
        super().__init__(scope, id_)
        trust = Manifests(
            self,
            "trust",
            name="vault-ca",
            namespace=NAMESPACE.name,
            manifests=[trust_certificate(TRUST, NAMESPACE.name, issuer=INTERNAL_ISSUER)],
            after=after,
        )
        release = HelmRelease(
            self,
            "release",
            chart=VAULT_SECRETS_OPERATOR,
            namespace=NAMESPACE.name,
            overrides={
                "controller": {
                    "replicas": availability.replicas(),
                    "podDisruptionBudget": {"enabled": availability.high},
                    "topologySpreadConstraints": spread(PODS),
                },
                "defaultVaultConnection": {"address": ADDRESS, "caCertSecret": TRUST},
            },
            after=[*after, trust.resource],
        )
        self.ready = [release.resource]
