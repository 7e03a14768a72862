"""The state lock, as Terraform reports it: who holds it, since when, how to release it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .terraform import Event

FIELD = re.compile(r"^\s*(ID|Path|Operation|Who|Version|Created):[ \t]*(.*?)\s*$", re.MULTILINE)

# HCP Terraform's lock. What stands below it is who asks, not who holds it.
WORKSPACE = re.compile(r'workspace already locked \(lock ID: "([^"]+)"\)')

# What refuses the lock, and what then says that nobody holds it: in a local state, and in S3.
REFUSED = re.compile(r"resource temporarily unavailable|PreconditionFailed")
HOLDER_GONE = re.compile(r"no such file or directory|NoSuchKey")


@dataclass(frozen=True)
class StateLock:
    """A lock on a state.

    ``created`` is None where Terraform did not say when. In HCP Terraform (``hosted``) a lock is
    known by its workspace, and ``who`` is empty where nobody could be asked.
    """

    id: str
    who: str
    operation: str
    path: str
    created: datetime | None
    hosted: bool = False

    @classmethod
    def of_workspace(cls, name: str) -> "StateLock":
        """The lock of a workspace of HCP Terraform, ``ORGANIZATION/NAME``."""
        return cls(name, who="", operation="", path=name, created=None, hosted=True)

    @property
    def host(self) -> str:
        """The machine of the holder."""
        return self.who.rpartition("@")[2]

    def explain(self, *, now: datetime) -> str:
        """Who holds the lock, doing what, since when."""
        if self.hosted:
            return (
                f"The workspace {self.path} is locked by {self.who or 'another run or a person'}."
            )
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
        detail = diagnostic.get("detail", "")
        if hosted := WORKSPACE.search(detail):
            return StateLock.of_workspace(hosted[1])
        fields = dict(FIELD.findall(detail))
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
