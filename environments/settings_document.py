"""A settings file as it is written: what it says, and in which line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modules.core.config import step

Loc = tuple[str | int, ...]
"""Place of a setting: names of settings, and numbers of entries in a list, or their names."""


class UnreadableError(Exception):
    """The text is no document that could be judged; ``line`` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says, and where it says so."""

    value: Mapping[str, Any]
    lines: Mapping[Loc, int]
    words: Mapping[Loc, str]
    """What stands in the file where a value is a number, yes or no, or nothing."""
    mistakes: tuple[tuple[Loc, str], ...]
    """What YAML takes and people do not mean, with what is wrong and what to do."""

    def line(self, loc: Loc) -> int:
        """Return the line of a setting; of one that is not there, of what it is missing in."""
        return self.lines[self._written(loc)]

    def word(self, loc: Loc) -> str | None:
        """Return how a value is written that is no text; None: it is text."""
        return self.words.get(self._written(loc))

    def path(self, loc: Loc) -> str:
        """Return a setting's path, in which entries of lists go by their names."""
        found = ""
        here: Any = self.value
        for part in self._numbered(loc):
            here = _inside(here, part)
            name = _name(here) if isinstance(part, int) else None
            found += step(part) if name is None else f"[{name}]"
        return found

    def _written(self, loc: Loc) -> Loc:
        at: Loc = ()
        for part in self._numbered(loc):
            # A tag of a union, or pydantic's mark for a key, stands in no file.
            if (*at, part) in self.lines:
                at = (*at, part)
        return at

    def _numbered(self, loc: Loc) -> Loc:
        """Return a place with the numbers of entries that it has by their names."""
        at: list[str | int] = []
        here: Any = self.value
        for part in loc:
            names = [_name(entry) for entry in here] if isinstance(here, list) else []
            at.append(names.index(part) if part in names else part)
            here = _inside(here, at[-1])
        return tuple(at)


def _inside(value: Any, part: str | int) -> Any:
    if isinstance(value, Mapping):
        # What is not there is a tag of a union: it stands at the same place.
        return value.get(str(part), value)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def _name(entry: Any) -> str | None:
    name = entry.get("name") if isinstance(entry, Mapping) else None
    return name if isinstance(name, str) else None
