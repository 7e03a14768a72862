"""The Entra ID (Azure AD) application through which people sign in to a tool, and their groups."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from .config import Config, named_once

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
        return f"https://login.microsoftonline.com/{self.tenant_id}/v2.0"
