"""Entra ID (Azure AD): who runs the platform, and the applications through which people sign in."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from .config import Config, named_once
from .context import Name

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _uuid(value: str) -> str:
    if not _UUID.fullmatch(value):
        raise ValueError(
            f"{value!r} is not an id of Entra ID; write the UUID in small letters, such as "
            "8a3c1e52-6f0b-4d3e-9a57-0c1f2b7d4e61, as the portal shows it (object id of a group, "
            "not its name)"
        )
    return value


Uuid = Annotated[str, AfterValidator(_uuid)]
"""What names a tenant, an application or a group: tokens carry it in small letters."""
GROUP_PREFIX = "entra:"
"""Stands before a group's object id where Kubernetes knows it, so that no token can claim
``system:masters``."""


class EntraApplication(Config):
    """An app registration that a tool signs people in with, and what their groups may do.

    Its secret is not here: the tool reads it from a Kubernetes Secret. The application emits the
    ``groups`` claim with object ids; Entra ID leaves it out beyond 200 groups, so let it emit only
    groups that are assigned to the application.
    Source: Microsoft identity platform, "Configure group claims for applications".
    """

    tenant_id: Uuid
    """Directory (tenant) id."""
    client_id: Uuid
    """Application (client) id that tokens are made for."""
    admins: tuple[Uuid, ...] = Field(min_length=1)
    """Object ids of the groups that administer the tool."""
    viewers: tuple[Uuid, ...] = ()
    """Object ids of the groups that may look; whoever is in no group may do nothing."""

    @model_validator(mode="after")
    def each_group_has_one_role(self) -> Self:
        """Refuse a group that stands twice: what it may do would depend on the tool."""
        named_once("admins", self.admins)
        named_once("viewers", self.viewers)
        if both := sorted(set(self.admins) & set(self.viewers)):
            raise ValueError(
                f"admins and viewers both name {', '.join(both)}, a group has one role; remove it "
                "from viewers"
            )
        return self

    @property
    def issuer(self) -> str:
        """Issuer of the tenant's tokens, below which the discovery document lies."""
        return issuer_of(self.tenant_id)

    def also_for(self, groups: Iterable[str]) -> "EntraApplication":
        """Return the same application, into which more groups may look."""
        known = {*self.admins, *self.viewers}
        more = tuple(dict.fromkeys(group for group in groups if group not in known))
        return self.model_copy(update={"viewers": (*self.viewers, *more)})


class Applications(Config):
    """Application (client) ids of the app registrations, by what people sign in to.

    An application has one secret for all who serve it. So what runs in every environment has one
    application in each: whoever reads development's secret is nobody in production.
    """

    kubernetes: Uuid
    """Of all clusters: it has no secret, people prove themselves to Entra ID alone."""
    argo_cd: Uuid
    """Argo CD, on the hub."""
    kubecost: Uuid
    """Kubecost, on the hub."""
    rancher: Uuid
    """Rancher, on the hub."""
    grafana: Mapping[Name, Uuid] = Field(default_factory=dict)
    """By the environment's name."""
    vault: Mapping[Name, Uuid] = Field(default_factory=dict)
    """By the environment's name."""

    @model_validator(mode="after")
    def each_has_its_own_id(self) -> Self:
        """Refuse an id that stands twice: a token for one tool would open the other."""
        one_each = [self.kubernetes, self.argo_cd, self.kubecost, self.rancher]
        named_once("applications", [*one_each, *self.grafana.values(), *self.vault.values()])
        return self


class Directory(Config):
    """The organisation's Entra ID: whoever signs in to a tool is looked up in it.

    Groups and applications stand here and nowhere else; every tool's own settings come from it.
    """

    tenant_id: Uuid
    """Directory (tenant) id."""
    admins: Mapping[Name, Uuid] = Field(min_length=1)
    """Groups that run the platform: object ids by a name that never changes."""
    viewers: Mapping[Name, Uuid] = Field(default_factory=dict)
    """Groups that may look at all of the platform, secrets apart; in the same form."""
    applications: Applications
    """What people sign in to, as registered there."""

    @model_validator(mode="after")
    def each_group_stands_once(self) -> Self:
        """Refuse a name or a group that stands twice: its wider role would hold quietly."""
        named_once("admins and viewers", [*self.admins, *self.viewers])
        named_once("admins and viewers", [*self.admins.values(), *self.viewers.values()])
        return self

    @property
    def issuer(self) -> str:
        """Issuer of the tenant's tokens."""
        return issuer_of(self.tenant_id)

    @property
    def jwks_uri(self) -> str:
        """Where the keys are that the tenant's tokens are signed with."""
        return f"https://login.microsoftonline.com/{self.tenant_id}/discovery/v2.0/keys"

    @property
    def argo_cd(self) -> EntraApplication:
        """How people sign in to the hub's Argo CD."""
        return self._application(self.applications.argo_cd)

    @property
    def kubecost(self) -> EntraApplication:
        """How people sign in to the hub's Kubecost."""
        return self._application(self.applications.kubecost)

    @property
    def rancher(self) -> EntraApplication:
        """How people sign in to the hub's Rancher."""
        return self._application(self.applications.rancher)

    def grafana(self, environment: str) -> EntraApplication:
        """Return how people sign in to Grafana in an environment.

        Raises:
            ValueError: it has no application there.
        """
        return self._in_environment("grafana", environment)

    def vault(self, environment: str) -> EntraApplication:
        """Return how people sign in to Vault in an environment.

        Raises:
            ValueError: it has no application there.
        """
        return self._in_environment("vault", environment)

    def _in_environment(self, tool: str, environment: str) -> EntraApplication:
        # Settings that are not validated yet lack their defaults.
        clients: Mapping[str, str] = getattr(self.applications, tool, {})
        if environment not in clients:
            raise ValueError(
                f"applications.{tool} has no {environment}, it has {', '.join(clients) or 'none'}; "
                "register an application there, and add its client id"
            )
        return self._application(clients[environment])

    def _application(self, client_id: str) -> EntraApplication:
        viewers: Mapping[str, str] = getattr(self, "viewers", {})
        return EntraApplication(
            tenant_id=self.tenant_id,
            client_id=client_id,
            admins=tuple(self.admins.values()),
            viewers=tuple(viewers.values()),
        )


def issuer_of(tenant_id: str) -> str:
    """Return the issuer of a tenant's tokens of version 2.0, the one that tools are set to."""
    return f"https://login.microsoftonline.com/{tenant_id}/v2.0"


def rancher_principal(group: str) -> str:
    """Return what Rancher calls a group of Entra ID in its role bindings.

    Source: rancher/rancher, ``pkg/auth/providers/azure``, ``GroupScope``.
    """
    return f"azuread_group://{group}"
