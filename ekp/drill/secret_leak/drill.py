"""`ekp drill secret-leak`: the header and every other credential of an environment got out."""

from collections.abc import Iterator

from ekp.configured.environment import Configured
from ekp.drill.place import Place
from ekp.drill.report import Check, Drill, holds, skipped

from . import aws, aws_made, clear, kubernetes, rotated, vault, vault_made
from . import header as headers
from .credential import Credential
from .credential import table as credentials_table
from .header import Header
from .rotation import Rotations
from .thief import Thief

RUNBOOK = "docs/runbooks/secret-leak.md"


def run(configured: Configured, _place: Place) -> Drill:
    """Leak each credential, and see what it opens, for how long, and what replacing it costs."""
    header = headers.header(configured)
    rotations = Rotations(configured, header) if header else None
    thief = Thief(configured, header) if header else None
    found = [
        *vault_made.credentials(configured),
        *aws_made.credentials(configured),
        *kubernetes.credentials(configured),
        *_header_values(header),
    ]
    return Drill(
        name="secret-leak",
        environment=configured.environment,
        title="A secret leaks",
        broken="Somebody else has the value by which load balancers know CloudFront, and any other "
        "credential of the environment.",
        checks=(
            *_of_header(configured, header, rotations),
            *(thief.checks() if thief else ()),
            *clear.checks(configured, header),
            *vault.checks(configured),
            *aws.checks(configured),
            *kubernetes.checks(configured),
            _by_hand(found),
        ),
        tables=(
            *([rotated.table(rotations)] if rotations else []),
            *([thief.table()] if thief else []),
            credentials_table(found),
        ),
    )


def _of_header(
    configured: Configured, header: Header | None, rotations: Rotations | None
) -> Iterator[Check]:
    if header is None or rotations is None:
        yield skipped(
            "The header between CloudFront and load balancers is replaced without a refused "
            "request.",
            f"{configured.environment} has none: no CloudFront stands before its load balancers, "
            "or they are private.",
            remedy="Nothing to do.",
        )
        return
    yield from rotated.checks(rotations, header)


def _header_values(header: Header | None) -> Iterator[Credential]:
    for name in header.variables if header else ():
        yield Credential(
            kind="header between CloudFront and load balancers",
            name=f"variable {name}",
            region="global",
            seconds=None,
            ends="people: `ekp rotate header`, three moves",
            by=f"variable {name}",
        )


def _by_hand(found: list[Credential]) -> Check:
    """Say what nothing but people replaces."""
    kept = [one for one in found if one.seconds is None]
    kinds = sorted({one.kind for one in kept})
    silent = [one.by for one in kept if not one.ends.startswith("people")]
    return holds(
        not silent,
        "What does not end by itself is replaced by people, and it is said how.",
        f"{len(found)} credentials, {len(found) - len(kept)} of which end by themselves; people "
        f"replace: {'; '.join(kinds)} ({RUNBOOK}).",
        silent or [RUNBOOK],
        remedy="Give it a time: `max_ttl` of a role of Vault's.",
    )
