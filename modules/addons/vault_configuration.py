"""Vault's configuration from the tenants, and the Secret that people make for it."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from constructs import Construct

from ..core.bootstrap_secrets import BootstrapSecret
from ..core.entra import EntraApplication
from ..core.hosts import Domain
from ..core.tenants import Tenancy
from ..kubernetes.apply import Manifests
from ..kubernetes.vault_config import NAMESPACE
from ..kubernetes.vault_configure import (
    CLIENT_SECRET,
    CLIENT_SECRET_KEY,
    CONFIGURE,
    configuration,
)
from ..kubernetes.vault_state import platform_state, tenant_state
from .vault import IMAGE

# At night, in UTC.
SCHEDULE = "43 3 * * *"


def bootstrap_secrets(entra: EntraApplication | None) -> list[BootstrapSecret]:
    """Return the Secret that people make; until they do, nobody signs in to Vault."""
    if entra is None:
        return []
    return [
        BootstrapSecret(
            namespace=NAMESPACE,
            name=CLIENT_SECRET,
            keys=(CLIENT_SECRET_KEY,),
            purpose="sign-in to Vault: the client secret of its application in Entra ID",
            blocks=False,
        )
    ]


class VaultConfiguration(Construct):
    """Engines, policies, roles and connections of the cluster's Vault, by a job.

    ``ready`` is reached when Vault is what the tenants say. What was of a tenant that is gone goes
    but its secrets and its connections to databases. It comes ``after`` Vault.
    """

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        tenancies: Sequence[Tenancy],
        host: Domain | None,
        entra: EntraApplication | None,
        after: Sequence[ITerraformDependable],
    ) -> None:
        """Write it down.

        Args:
            scope: the stack.
            id_: the construct's id.
            tenancies: the tenants of this cluster.
            host: the name that people reach Vault's pages by; None: by its command line alone.
            entra: the application they sign in with, and the groups that run the platform; None:
                nobody signs in.
            after: what is there first.
        """
        super().__init__(scope, id_)
        states = {
            "platform": platform_state(host=host, entra=entra),
            **{
                f"tenant-{one.name}": tenant_state(one, host=host, entra=entra) for one in tenancies
            },
        }
        release = Manifests(
            self,
            "release",
            name=CONFIGURE,
            namespace=NAMESPACE,
            manifests=configuration(IMAGE, states, schedule=SCHEDULE),
            after=after,
        )
        self.ready = [release.resource]
