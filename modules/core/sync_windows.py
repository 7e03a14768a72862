"""SyncWindow: when Argo CD may bring commits into an environment, and when it may not."""

import re
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from .config import Config

_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    (
        "month",
        1,
        12,
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
    ),
    ("day of the week", 0, 6, ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")),
)
_PART = re.compile(r"(?P<first>\*|\w+)(-(?P<last>\w+))?(/(?P<step>[1-9]\d*))?", re.ASCII)
_DURATION = re.compile(r"((?P<hours>\d{1,3})h)?((?P<minutes>\d{1,2})m)?", re.ASCII)
_WEEK_MINUTES = 7 * 24 * 60


class WindowKind(StrEnum):
    """What a window does, by Argo CD's own words."""

    ALLOW = "allow"
    """Syncs happen while such a window is open, and at no other time."""
    DENY = "deny"
    """No sync while it is open; it wins over ``allow``."""


def _schedule(text: str) -> str:
    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(
            f"{text!r} has {len(fields)} fields, cron takes 5: minute, hour, day of the month, "
            "month, day of the week; write for example '0 16 * * FRI'"
        )
    for field, (name, low, high, names) in zip(fields, _FIELDS, strict=True):
        for part in field.split(","):
            if not _is_part(part, low, high, names):
                raise ValueError(
                    f"{text!r}: {part!r} is no {name}; use * or numbers from {low} to {high}"
                    f"{' or ' + names[0] + ' to ' + names[-1] if names else ''}, with - for a "
                    "range, / for steps and , between several"
                )
    return text


def _is_part(part: str, low: int, high: int, names: tuple[str, ...]) -> bool:
    found = _PART.fullmatch(part)
    if found is None:
        return False
    if found["first"] == "*":
        return found["last"] is None
    first = _number(found["first"], low, names)
    last = first if found["last"] is None else _number(found["last"], low, names)
    return low <= first <= last <= high


def _number(text: str, low: int, names: tuple[str, ...]) -> int:
    """Return the number of a name or of digits; below every range: it is neither."""
    if text.isdigit():
        return int(text)
    return names.index(text.upper()) + low if text.upper() in names else -1


def _duration(text: str) -> str:
    found = _DURATION.fullmatch(text)
    minutes = int(found["hours"] or 0) * 60 + int(found["minutes"] or 0) if found else 0
    if not 0 < minutes <= _WEEK_MINUTES:
        raise ValueError(
            f"{text!r} is no length of a window, which is between a minute and a week; write hours "
            "and minutes, such as 8h, 1h30m or 64h"
        )
    return text


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(
            f"{name!r} is no time zone of the IANA database, and Argo CD would take UTC without a "
            "word; write one such as UTC or Europe/Dublin"
        ) from error
    return name


class SyncWindow(Config):
    """A time that comes again and again, and what it does to syncs of an environment.

    It holds for what starts while it is open. A sync that waves ask for meanwhile stays pending and
    goes on when the window closes, with what Git holds by then; a Rollout under way takes its next
    steps regardless, since these are Argo Rollouts' and not a sync.
    Source: Argo CD 3.4, "Sync Windows"; v3.4.4, ``controller/sync.go``, ``SyncAppState``.
    """

    kind: WindowKind
    """``allow``: commits come while one is open, and at no other time; ``deny`` goes before it."""
    schedule: Annotated[str, AfterValidator(_schedule)]
    """When it opens, in cron's five fields, in ``time_zone``; days of the week from 0 (SUN)."""
    duration: Annotated[str, AfterValidator(_duration)]
    """How long it stays open, such as ``8h`` or ``1h30m``; at most a week."""
    time_zone: Annotated[str, AfterValidator(_time_zone)] = "UTC"
    """Time zone of ``schedule``, such as ``Europe/Dublin``."""
    manual_sync: bool = False
    """Whether people may sync by hand at a time when nothing else is synced."""
