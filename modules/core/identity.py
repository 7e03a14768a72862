"""Who issues the tokens that people and machines call services with, and what a token proves."""

import re
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from .config import Config
from .context import Name, Text

# Lower case, as HTTP/2 and Envoy write names; Host, cookies and the like are nobody's to set.
_HEADER = re.compile(r"x-[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?")
_CLAIM = re.compile(r"[A-Za-z0-9_.:/-]{1,128}")


def _https(url: str) -> str:
    if not re.fullmatch(r"https://[a-z0-9.-]+(:\d+)?(/[\w.~/-]*)?", url):
        raise ValueError(
            f"{url!r} is not an https address; write one without a query, such as "
            "https://login.example.org/keys"
        )
    return url


def _on_443(url: str) -> str:
    if re.search(r"//[^/]+:(?!443(/|$))", url):
        raise ValueError(
            f"{url!r}: keys are fetched on port 443 alone, which network policies open; serve them "
            "there"
        )
    return url


def _header(name: str) -> str:
    if not _HEADER.fullmatch(name):
        raise ValueError(
            f"{name!r} is no header for a claim; write it in small letters with a leading x-, "
            "such as x-auth-subject"
        )
    return name


def _claim(name: str) -> str:
    if not _CLAIM.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a claim; write it as the token has it")
    return name


HttpsUrl = Annotated[str, AfterValidator(_https)]
ClaimHeader = Annotated[str, AfterValidator(_header)]
"""A header in which a verified claim travels on; what a client sends under it is thrown away."""
Claim = Annotated[str, AfterValidator(_claim)]


class Issuer(Config):
    """An OIDC provider whose tokens are accepted."""

    issuer: HttpsUrl
    """What tokens carry as ``iss``, to the letter: Entra ID's ends in ``/v2.0``, Auth0's in ``/``.
    """
    jwks_uri: Annotated[HttpsUrl, AfterValidator(_on_443)]
    """Where its public keys are; istiod fetches them, no proxy does. At a private address its
    network stands in ``platform.private_networks``."""
    audiences: tuple[Text, ...] = Field(min_length=1)
    """What tokens are made for (``aud``); without a limit any token of the issuer would do."""


class Mfa(Config):
    """The claim that proves a second factor.

    Entra ID writes the authentication context that a Conditional Access policy asked for into
    ``acrs``; ``amr`` stands in tokens of version 1.0 alone.
    Source: Microsoft identity platform, "Developer guide to Conditional Access authentication
    context".
    """

    claim: Claim = "acrs"
    """Name of the claim."""
    values: tuple[Text, ...] = Field(default=("c1",), min_length=1)
    """Any of these will do."""


class Identity(Config):
    """Whose tokens an environment accepts, and what of them services are told."""

    issuers: Mapping[Name, Issuer] = Field(default_factory=dict)
    """By a stable name, which services choose by."""
    claim_headers: Mapping[ClaimHeader, Claim] = Field(
        default_factory=lambda: {"x-auth-subject": "sub", "x-auth-groups": "groups"}
    )
    """Claims that services get as headers, once the token is verified: lists, such as groups, as
    base64 of their JSON."""
    groups_claim: Claim = "groups"
    """Claim with the caller's groups, which ``groups`` of an access rule are looked up in."""
    mfa: Mfa = Field(default_factory=Mfa)
    """What in a token proves a second factor."""

    @model_validator(mode="after")
    def issuers_are_told_apart(self) -> Self:
        """Refuse two entries of one issuer: a token would be checked by either."""
        seen: dict[str, str] = {}
        for name, entry in self.issuers.items():
            if entry.issuer in seen:
                raise ValueError(
                    f"issuers {seen[entry.issuer]} and {name} are both {entry.issuer}; put their "
                    "audiences in one"
                )
            seen[entry.issuer] = name
        return self
