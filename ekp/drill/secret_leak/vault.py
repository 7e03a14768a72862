"""What must hold of credentials that Vault makes, and of values that it brings to pods."""

from collections.abc import Container, Iterator, Mapping
from typing import Any

from ekp.configured.environment import Configured
from ekp.configured.reading import of_kind
from ekp.drill.report import Check, holds, skipped
from ekp.evaluate.request import named
from ekp.gate.reports.wording import number

from .credential import DAY, HOUR, lasting
from .vault_read import DATABASE_ROLE, longest_of, seconds_of, synced, written

DATABASE_SECONDS = DAY
"""So long may a credential of a database live."""
REFRESH_SECONDS = DAY
"""So long may pods have a value that was replaced."""
TOKEN_SECONDS = HOUR
"""So long may a token live by which pods sign in to Vault."""


def checks(configured: Configured) -> Iterator[Check]:
    """Yield what must hold of what Vault makes."""
    yield _databases(configured)
    yield _values(configured)
    yield _tokens(configured)


def _databases(configured: Configured) -> Check:
    must = f"A leaked credential of a database ends by itself within {lasting(DATABASE_SECONDS)}."
    remedy = "Set `refresh_seconds` of the secret in the tenant's file to at most "
    found = [
        (name, by, longest_of(body)) for _, name, by, body in written(configured, DATABASE_ROLE)
    ]
    if not found:
        return skipped(must, "No service has credentials of a database.", remedy="Nothing to do.")
    bad = [one for one in found if one[2] is None or one[2] > DATABASE_SECONDS]
    chosen = bad or found
    lives = sorted({f"{name}: {lasting(seconds)}" for name, _, seconds in chosen})
    return holds(
        not bad,
        must,
        f"{len(found)} roles in Vault, {len(bad)} of which let one live longer: {'; '.join(lives)}"
        if bad
        else f"{number(len(found), 'role')} in Vault; {'; '.join(lives)}.",
        sorted({by for _, by, _ in chosen}),
        remedy=f"{remedy}{DATABASE_SECONDS}.",
    )


def _values(configured: Configured) -> Check:
    must = (
        "A value that people replace in Vault reaches pods within "
        f"{lasting(REFRESH_SECONDS)}, and the pods of services are started anew."
    )
    found = [one for _, one in synced(configured)]
    if not found:
        return skipped(must, "No service has a secret of Vault.", remedy="Nothing to do.")
    own = {id(one) for one in configured.services}
    started = {
        (one["metadata"].get("namespace"), one["kind"], one["metadata"]["name"])
        for one in configured.services
    }
    bad = [
        f"{named(one)} {why}"
        for one in found
        for why in (*_lags(one, restarts=id(one) in own), *_nobody(one, started))
    ]
    names = sorted({named(one) for one in found})
    slowest = max((seconds_of(one["spec"].get("refreshAfter")) or 0 for one in found), default=0)
    return holds(
        not bad,
        must,
        "; ".join(sorted(set(bad)))
        or f"{len(names)} synced Secrets, read anew after at most {lasting(slowest)}.",
        sorted(set(bad)) or names,
        remedy="Set `refresh_seconds` of the secret in the tenant's file, and leave `restart` on "
        "where the service does not read its files again.",
    )


def _lags(one: Mapping[str, Any], *, restarts: bool) -> Iterator[str]:
    spec = one["spec"]
    if one["kind"] == "VaultStaticSecret":
        after = seconds_of(spec.get("refreshAfter"))
        if after is None:
            yield "spec.refreshAfter: is never read anew"
        elif after > REFRESH_SECONDS:
            yield f"spec.refreshAfter: is read anew after {lasting(after)}"
    if restarts and not spec.get("rolloutRestartTargets"):
        yield "spec.rolloutRestartTargets: nobody is started anew"


def _nobody(one: Mapping[str, Any], started: Container[tuple[Any, ...]]) -> Iterator[str]:
    """Yield the targets that are to be started anew and are not there."""
    namespace = one["metadata"].get("namespace")
    for target in one["spec"].get("rolloutRestartTargets") or ():
        kind = str(target["kind"]).removeprefix("argo.")
        if (namespace, kind, target["name"]) not in started:
            yield f"spec.rolloutRestartTargets: there is no {kind} {target['name']}"


def _tokens(configured: Configured) -> Check:
    must = (
        "The token by which a pod signs in to Vault is made for Vault alone, and lives at most "
        f"{lasting(TOKEN_SECONDS)}."
    )
    found = [
        one
        for region in configured.regions
        for one in of_kind(configured.bundled(region), "VaultAuth")
    ]
    if not found:
        return skipped(must, "Nothing signs in to Vault.", remedy="Nothing to do.")
    bad = []
    for one in found:
        own = one["spec"].get("kubernetes") or {}
        seconds = own.get("tokenExpirationSeconds")
        if len(audiences := own.get("audiences") or ()) != 1:
            told = ", ".join(map(str, audiences)) or "any audience"
            bad.append(f"{named(one)} spec.kubernetes.audiences: {told}")
        if seconds is None or int(seconds) > TOKEN_SECONDS:
            bad.append(f"{named(one)} spec.kubernetes.tokenExpirationSeconds: {seconds}")
    longest = max(
        int((one["spec"].get("kubernetes") or {}).get("tokenExpirationSeconds") or 0)
        for one in found
    )
    return holds(
        not bad,
        must,
        "; ".join(sorted(set(bad)))
        or f"{number(len(found), 'VaultAuth object')}, tokens of {lasting(longest)} at most.",
        sorted({named(one) for one in found}),
        remedy="`modules/kubernetes/secrets/guardrails.py` writes VaultAuth.",
    )
