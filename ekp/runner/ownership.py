"""Whose lock it is: a lock on a state, matched with the runs recorded here."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from .errors import LockedError
from .journal import Entry
from .lock import StateLock
from .stacks import Stack

SLACK_SECONDS = 10.0  # between a run's own clock and the lock's


def explain(
    stack: Stack, held: StateLock, entries: Sequence[Entry], *, recover: str
) -> LockedError:
    """The error for a held lock: who, since when, whether that run lives, what to do.

    ``recover`` is the command to run when it does not.
    """
    message = held.explain(now=datetime.now(UTC))
    if held.hosted:
        return LockedError(
            f"{stack.id}: {message}",
            remedy="Wait for that (`--lock-timeout 5m` waits for you). If it is dead, unlock the"
            " workspace on its page in HCP Terraform, which shows who holds it.",
            held=held,
        )
    owner = owner_of(held, entries)
    if owner is None:
        return LockedError(
            f"{stack.id}: {message} No run recorded in this folder took it.",
            remedy="Wait for that run (`--lock-timeout 5m` waits for you). If it is dead, run"
            f" `{recover}` on the machine and in the folder where it ran. If those are gone too,"
            f" `terraform force-unlock {held.id}` in {stack.id}'s working copy releases it.",
            held=held,
        )
    if owner.alive:
        return LockedError(
            f"{stack.id}: {message} Its process {owner.pid} still runs on this machine.",
            remedy="Wait for it (`--lock-timeout 5m` waits for you), or stop it with Ctrl-C.",
            held=held,
        )
    return LockedError(
        f"{stack.id}: {message} It was taken by the {owner.operation} that {owner.user} began at"
        f" {owner.started_at:%Y-%m-%d %H:%M:%S} UTC; that process ({owner.pid}) no longer lives.",
        remedy=f"Run `{recover}`: it releases the lock and takes over what that run made.",
        held=held,
    )


def owner_of(held: StateLock, entries: Sequence[Entry]) -> Entry | None:
    """The recorded run that took the lock, if one of ours did."""
    for entry in reversed(entries):
        try:
            last = Path(entry.log).stat().st_mtime
        except OSError:
            last = 0.0
        first = entry.started_at.timestamp()
        taken = held.created.timestamp() if held.created else first
        # A run that still waits for the lock writes no line after the lock is made by another.
        within = first - SLACK_SECONDS <= taken <= max(first, last) + SLACK_SECONDS
        if held.host == entry.host and (within or entry.alive):
            return entry
    return None
