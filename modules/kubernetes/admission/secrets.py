"""Admission of Vault's objects: a namespace asks for its own secrets, as its own services."""

from ...core.secrets import DATABASES, MOUNT
from .policy import Check, Kinds, Policy

_GROUP = "secrets.hashicorp.com"
_VERSION = "v1beta1"
# All kinds of the operator (v1.4.1) but those that the two policies below read.
OTHERS = (
    "csisecrets",
    "hcpauths",
    "hcpvaultsecretsapps",
    "secrettransformations",
    "vaultauthglobals",
    "vaultconnections",
    "vaultpkisecrets",
)
SYNCED = ("vaultdynamicsecrets", "vaultstaticsecrets")


def vault_secrets() -> Policy:
    """Return what a secret of Git may ask for, and which Kubernetes Secret it may write.

    Vault and the operator keep namespaces apart by themselves; this says so before they are asked.
    The operator writes Secrets with rights in all namespaces, and one that it did not make too if
    it may: so each object writes the one that is called as it is.
    """
    return Policy(
        concern="vault-secrets",
        kinds=(_kinds(*SYNCED),),
        variables={
            "auth": "has(object.spec.vaultAuthRef) ? object.spec.vaultAuthRef : ''",
            "into": "object.spec.destination",
        },
        checks=(
            Check(
                expression=(
                    "variables.auth.matches('^[a-z]([a-z0-9-]*[a-z0-9])?$') "
                    "&& object.metadata.name.startsWith(variables.auth + '.') "
                    "&& !has(object.spec.namespace)"
                ),
                message=(
                    "spec.vaultAuthRef is not the service's; write its name alone, and call the "
                    "object <service>.<secret>"
                ),
            ),
            Check(
                expression=(
                    f"object.kind == 'VaultStaticSecret' ? object.spec.mount == '{MOUNT}' "
                    "&& object.spec.path.startsWith(request.namespace + '/') "
                    "&& !object.spec.path.contains('..') "
                    f": object.spec.mount == '{DATABASES}' && object.spec.path.startsWith("
                    "'creds/' + request.namespace + '.' + variables.auth + '.')"
                ),
                message=(
                    f"spec.path is another's; write <own namespace>/<secret> with mount {MOUNT}, "
                    f"or creds/<own namespace>.<service>.<secret> with mount {DATABASES}"
                ),
            ),
            Check(
                expression=(
                    "variables.into.name == object.metadata.name && has(variables.into.create) "
                    "&& variables.into.create && (!has(variables.into.overwrite) "
                    "|| !variables.into.overwrite) && (!has(variables.into.type) "
                    "|| variables.into.type in ['', 'Opaque'])"
                ),
                message=(
                    "spec.destination writes a Secret that may be another's; write the object's "
                    "own name, create true, and neither overwrite nor a type"
                ),
            ),
        ),
    )


def vault_auths() -> Policy:
    """Return as whom the operator may ask Vault: as the service that the object is called by."""
    return Policy(
        concern="vault-auths",
        kinds=(_kinds("vaultauths"),),
        checks=(
            Check(
                expression=(
                    "has(object.spec.method) && object.spec.method == 'kubernetes' "
                    "&& has(object.spec.kubernetes) "
                    "&& object.spec.kubernetes.serviceAccount == object.metadata.name "
                    "&& object.spec.kubernetes.role "
                    "== 'service-' + request.namespace + '.' + object.metadata.name"
                ),
                message=(
                    "spec.kubernetes is not the service's own; call the VaultAuth, its "
                    "serviceAccount and the end of its role as the service is"
                ),
            ),
            Check(
                expression=(
                    "(!has(object.spec.allowedNamespaces) "
                    "|| object.spec.allowedNamespaces.size() == 0) "
                    "&& !has(object.spec.vaultConnectionRef) "
                    "&& !has(object.spec.vaultAuthGlobalRef) "
                    "&& !has(object.spec.storageEncryption)"
                ),
                message=(
                    "the VaultAuth is for another namespace or another Vault; leave out "
                    "allowedNamespaces, vaultConnectionRef, vaultAuthGlobalRef and "
                    "storageEncryption"
                ),
            ),
        ),
    )


def vault_others() -> Policy:
    """Return the refusal of all else that the operator knows."""
    return Policy(
        concern="vault-others",
        kinds=(_kinds(*OTHERS),),
        checks=(
            Check(
                expression="false",
                message=(
                    "services have no object of this kind; write a VaultStaticSecret or a "
                    "VaultDynamicSecret"
                ),
            ),
        ),
    )


def _kinds(*resources: str) -> Kinds:
    return Kinds(group=_GROUP, version=_VERSION, resources=resources)
