"""Credentials that Vault makes, or keeps for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from ekp.configured.environment import Configured
from ekp.evaluate.request import named

from .credential import Credential, lasting
from .vault_read import (
    DATABASE,
    DATABASE_ROLE,
    PERSON_ROLE,
    POD_ROLE,
    longest_of,
    seconds_of,
    synced,
    written,
)


def credentials(configured: Configured) -> Iterator[Credential]:
    """Yield what Vault makes, or keeps for people."""
    for region, name, by, body in written(configured, DATABASE_ROLE):
        yield Credential(
            kind="user of a database",
            name=name,
            region=region,
            seconds=longest_of(body),
            ends="Vault, with its lease; `vault lease revoke` at once",
            by=by,
        )
    for region, name, by, _ in written(configured, DATABASE):
        yield Credential(
            kind="Vault's own user of a database",
            name=name,
            region=region,
            seconds=None,
            ends=f"people: `vault write -force databases/rotate-root/{name}`",
            by=by,
        )
    for region, name, by, body in written(configured, POD_ROLE):
        yield _token("Vault token of pods", region, name, by, body)
    for region, name, by, body in written(configured, PERSON_ROLE):
        yield _token("Vault token of people", region, name, by, body)
    for region, one in synced(configured):
        if one["kind"] == "VaultStaticSecret":
            yield Credential(
                kind="value that people put into Vault",
                name=f"{one['spec']['mount']}/{one['spec']['path']}",
                region=region,
                seconds=None,
                ends="people: `vault kv put`; pods have the new one after "
                f"{lasting(seconds_of(one['spec'].get('refreshAfter')))}",
                by=f"{named(one)} spec.refreshAfter",
            )


def _token(kind: str, region: str, name: str, by: str, body: Mapping[str, Any]) -> Credential:
    period = int(body.get("token_period") or 0)
    longest = int(body.get("token_max_ttl") or 0)
    # A periodic token has no end as long as somebody renews it, who may be the one that has it.
    # Source: Vault documentation, "Tokens", periodic tokens.
    if period:
        ends = f"people: `vault token revoke`; ends after {lasting(period)} that nobody renews it"
        return Credential(kind=kind, name=name, region=region, seconds=None, ends=ends, by=by)
    # Without a longest time it is renewed up to Vault's own limit. Source: Vault documentation,
    # "Tokens", token time-to-live: 32 days unless the server says otherwise.
    ends = (
        "Vault" if longest else "people: `vault token revoke`; Vault, at its own limit of 32 days"
    )
    return Credential(
        kind=kind, name=name, region=region, seconds=longest or None, ends=ends, by=by
    )
