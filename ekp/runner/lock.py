"""The state lock, as Terraform reports it: who holds it, since when, how to release it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .terraform import Event

FIELD = re.compile(r"^\s*(ID|Path|Operation|Who|Version|Created):[ \t]*(.*?)\s*$", re.MULTILINE)

# What refuses the lock, and what then says that nobody holds it: in a local state, and in S3.
REFUSED = re.compile(r"resource temporarily unavailable|PreconditionFailed")
HOLDER_GONE = re.compile(r"no such file or directory|NoSuchKey")


@dataclass(frozen=True)
class StateLock:
    """A lock on a state. ``created`` is None where Terraform did not say when."""

    id: str
    who: str
    operation: str
    path: str
    created: datetime | None

    @property
    def host(self) -> str:
        """The machine of the holder."""
        return self.who.rpartition("@")[2]

    def explain(self, *, now: datetime) -> str:
        """Who holds the lock, doing what, since when."""
        doing = self.operation.removeprefix("OperationType").lower() or "unknown operation"
        since = f", taken {age(now - self.created)}" if self.created else ""
        return f"The state {self.path} is locked by {self.who} ({doing}{since}; lock {self.id})."


def read(diagnostics: Iterable[Event]) -> StateLock | None:
    """The lock in Terraform's diagnostics, if one of them is about a lock that is held.

    A state that cannot be parsed is reported under the same summary, without an ID.
    """
    for diagnostic in diagnostics:
        if "state lock" not in diagnostic.get("summary", ""):
            continue
        fields = dict(FIELD.findall(diagnostic.get("detail", "")))
        if fields.get("ID"):
            return StateLock(
                id=fields["ID"],
                who=fields.get("Who", "unknown"),
                operation=fields.get("Operation", ""),
                path=fields.get("Path", ""),
                created=_moment(fields.get("Created", "")),
            )
    return None


def released_meanwhile(diagnostics: Iterable[Event]) -> bool:
    """Whether the lock was released between being refused and asking who holds it.

    Terraform gives up then, whatever ``-lock-timeout`` says.
    """
    return any(
        "state lock" in diagnostic.get("summary", "")
        and REFUSED.search(diagnostic.get("detail", ""))
        and HOLDER_GONE.search(diagnostic.get("detail", ""))
        for diagnostic in diagnostics
    )


def age(length: timedelta) -> str:
    """A length of time in words, in its two largest units."""
    seconds = max(0, int(length.total_seconds()))
    units = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
    words = []
    for name, size in units:
        count, seconds = divmod(seconds, size)
        if count:
            words.append(f"{count} {name}{'s' if count > 1 else ''}")
    return " ".join(words[:2]) + " ago" if words else "just now"


def _moment(text: str) -> datetime | None:
    # Terraform prints Go's form: 2026-01-31 10:00:00.123456789 +0000 UTC
    match = re.match(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)", text)
    if match is None:
        return None
    return datetime.fromisoformat(f"{match[1]}T{match[2]}").replace(tzinfo=UTC)
