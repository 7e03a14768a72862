"""A credential of the environment: where it is, how long a leaked one lives, what ends it."""

from collections.abc import Iterable
from dataclasses import dataclass

from ekp.drill.report import Table

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """One credential, or several of which each is made and ended alike."""

    kind: str
    name: str
    region: str
    """``global`` where it is the environment's."""
    seconds: int | None
    """How long a leaked one opens something, at most; None: until people replace it."""
    ends: str
    """What ends or replaces it."""
    by: str
    """Construct path, or ``<Kind> <namespace>/<name>`` with the field."""


def lasting(seconds: int | None) -> str:
    """Return a time as people say it."""
    if seconds is None:
        return "until it is replaced"
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds > unit or (seconds == unit and unit != DAY):
            whole = seconds / unit
            return f"{whole:.0f} {name}" if whole == int(whole) else f"{whole:.1f} {name}"
    return f"{seconds} s"


def table(found: Iterable[Credential]) -> Table:
    """Return the credentials, the longest-lived first; regions that are alike stand in one row."""
    regions: dict[tuple[str, str, int | None, str], list[str]] = {}
    for one in found:
        key = (one.kind, one.name, one.seconds, one.ends)
        regions.setdefault(key, []).append(one.region)
    rows = sorted(
        regions.items(), key=lambda item: (item[0][2] is not None, -(item[0][2] or 0), item[0][:2])
    )
    return Table(
        title="Credentials, and how long a leaked one opens something",
        columns=("credential", "name", "where", "lives at most", "ended by"),
        rows=tuple(
            (kind, name, ", ".join(dict.fromkeys(where)), lasting(seconds), ends)
            for (kind, name, seconds, ends), where in rows
        ),
    )
