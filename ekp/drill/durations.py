"""Durations as Go writes them, and limits that may be numbers or text."""

import re

from ekp.evaluate.request import Unsupported

_PARTS = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(written: object, where: str) -> float:
    """Return a duration's seconds: ``90``, ``"90"``, ``"90s"`` or ``"1m30s"``.

    Raises:
        Unsupported: it is no duration.
    """
    text = str(written)
    if text.isdigit():
        return float(text)
    if not re.fullmatch(f"({_PARTS.pattern})+", text):
        raise Unsupported(where, text, "is no duration")
    return sum(float(number) * _SECONDS[unit] for number, unit in _PARTS.findall(text))


def whole(written: object, where: str, default: int) -> int:
    """Return a limit, which may be a number or its text.

    Raises:
        Unsupported: it is neither.
    """
    if written is None:
        return default
    try:
        return int(str(written))
    except ValueError as error:
        raise Unsupported(where, str(written), "is no whole number") from error
